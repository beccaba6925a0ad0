"""Puts states into the tracker of a test's account, and reads them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from admw_assets.core.ports import Event, StageState, Tracker
from admw_assets.core.step import Counts, Stage, Status
from admw_assets.runtime.aws import open_tracker
from admw_assets.runtime.aws_settings import read_aws_settings

COUNTS = Counts(records=10, expected=10, loaded=9, rejected=1, dropped=0, mismatched=0)


@contextmanager
def tracker() -> Iterator[Tracker]:
    with open_tracker(read_aws_settings(os.environ)) as opened:
        yield opened


def state_of(file: str, table: str, stage: Stage) -> StageState | None:
    with tracker() as opened:
        return opened.state(file, table, stage)


def track(
    file: str,
    table: str,
    stage: Stage,
    status: Status,
    *,
    run_id: str = "earlier",
    step: str = "reconcile",
    updated_at: str = "",
    message: str = "",
    report: str | None = None,
) -> None:
    """Record a state as run_step would."""
    state = StageState(
        file,
        table,
        stage,
        status,
        step,
        attempt=1,
        counts=COUNTS,
        seconds=12.5,
        message=message,
        report=report,
        run_id=run_id,
        updated_at=updated_at,
    )
    with tracker() as opened:
        opened.record(state, Event(file, table, stage, step, status.value, 1, run_id))
