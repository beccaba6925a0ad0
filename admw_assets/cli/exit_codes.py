"""What the shell learns."""

from collections.abc import Iterable
from enum import IntEnum

from admw_assets.core.step import StageOutcome, Status


class ExitCode(IntEnum):
    """The exit codes of `admw`."""

    GOOD = 0
    STAGE_FAILED = 1
    USAGE = 2
    REJECTS = 3


def exit_code_of(outcomes: Iterable[StageOutcome]) -> ExitCode:
    """The worst that happened: a failed or blocked stage, else rejects, else nothing."""
    seen = list(outcomes)
    if any(outcome.status is not Status.COMPLETED for outcome in seen):
        return ExitCode.STAGE_FAILED
    if any(outcome.counts.rejected for outcome in seen):
        return ExitCode.REJECTS
    return ExitCode.GOOD
