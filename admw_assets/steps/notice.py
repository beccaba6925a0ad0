"""What people are told when a stage has ended, as a mail holds it; imports core only."""

from admw_assets.core.ports import StageState
from admw_assets.core.reconciliation import equation
from admw_assets.core.step import Status

LONGEST_NOTICE = 1000
"""Characters, as `core.ports.Notifier` takes them."""


def stage_notice(state: StageState) -> str:
    """Verdict, equation, what is wrong, and where the report is: a line each."""
    where = f" at {state.step}" if state.status is Status.FAILED else ""
    first = [f"{state.file}: {state.status.value}{where}, attempt {state.attempt}."]
    if state.counts.loaded is not None:
        first.append(f"{equation(state.counts)}.")
    message, report = state.message, state.report
    left = LONGEST_NOTICE - sum(len(line) + 1 for line in first)
    named = report is not None and report in message[: left - 1]  # where a cut leaves it there
    last = [f"Report: {report}"] if report and not named else []
    left -= sum(len(line) + 1 for line in last)
    if len(message) > left:
        message = f"{message[: left - 1]}…"
    return "\n".join([*first, *([message] if message else []), *last])[:LONGEST_NOTICE]
