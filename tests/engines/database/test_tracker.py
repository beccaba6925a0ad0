"""Current states and the event log."""

from dataclasses import replace

import pytest

from admw_assets.core.ports import Event, StageState
from admw_assets.core.step import CheckResult, Counts, Stage, Status, StepKind, StepResult
from admw_assets.engines.database.tracker import DatabaseTracker
from tests.engines.database.conftest import TargetOf

FILE = "T~20240101.000000.csv"
STATE = StageState(
    FILE,
    "T",
    Stage.PRELIMINARY,
    Status.RUNNING,
    "transform",
    1,
    started_at="2024-01-01T00:00:00.000+00:00",
    updated_at="2024-01-01T00:00:01.000+00:00",
)
EVENT = Event(FILE, "T", Stage.PRELIMINARY, "transform", "STARTED", 1, "run", at="2024-01-01")
RESULT = StepResult(
    FILE,
    "T",
    Stage.PRELIMINARY,
    StepKind.TRANSFORM,
    "run",
    Counts(records=10, expected=9, dropped=0),
    1.25,
    staged="/staged 😀",
    checks=(CheckResult("row_hash", True, "fine"),),
)


@pytest.fixture
def tracker(target_of: TargetOf) -> DatabaseTracker:
    target = target_of("CREATE TABLE T (id INT NOT NULL, PRIMARY KEY (id))")
    return DatabaseTracker(target.database)


def test_there_is_no_state_before_the_first_attempt(tracker: DatabaseTracker) -> None:
    assert tracker.state(FILE, "T", Stage.PRELIMINARY) is None
    assert tracker.states() == tracker.events() == []


def test_a_state_is_put_and_replaced(tracker: DatabaseTracker) -> None:
    done = replace(
        STATE,
        status=Status.COMPLETED,
        step="reconcile",
        attempt=2,
        counts=Counts(10, 9, 8, 1, 0, 0),
        seconds=0.1,
        message="it's 100% – 😀" + "x" * 70_000,
        report="/reports/1",
        file_sha256="AB" * 32,
        run_id="run-2",
    )
    for state in (STATE, done, done):
        tracker.record(state, EVENT)
        assert tracker.state(FILE, "T", Stage.PRELIMINARY) == state
    assert tracker.states() == [done]
    assert tracker.events() == [EVENT] * 3


def test_states_come_by_file_table_and_stage(tracker: DatabaseTracker) -> None:
    keys = [("b", "T", Stage.FINAL), ("b", "T", Stage.PRELIMINARY), ("a", "U", Stage.PRELIMINARY)]
    for file, table, stage in keys:
        tracker.record(replace(STATE, file=file, table=table, stage=stage), EVENT)
    assert [(s.file, s.table, s.stage) for s in tracker.states()] == keys[::-1]


def test_missing_times_are_filled_in(tracker: DatabaseTracker) -> None:
    tracker.record(replace(STATE, started_at="", updated_at=""), replace(EVENT, at=""))
    [state], [event] = tracker.states(), tracker.events(FILE)
    assert state.started_at.endswith("+00:00")
    assert state.updated_at and event.at


def test_results_are_those_since_the_last_restart(tracker: DatabaseTracker) -> None:
    def record(status: str, result: StepResult | None = None) -> None:
        tracker.record(STATE, replace(EVENT, status=status, result=result))

    record("COMPLETED", RESULT)
    assert tracker.results(FILE, "T", Stage.PRELIMINARY) == [RESULT]
    record("RESTARTED")
    assert tracker.results(FILE, "T", Stage.PRELIMINARY) == []
    load = replace(RESULT, step=StepKind.LOAD)
    record("COMPLETED", RESULT)
    record("FAILED")
    record("COMPLETED", load)
    assert tracker.results(FILE, "T", Stage.PRELIMINARY) == [RESULT, load]
    assert tracker.results(FILE, "T", Stage.FINAL) == []
    assert [event.result for event in tracker.events() if event.result] == [RESULT, RESULT, load]


def test_file_names_compare_byte_by_byte(tracker: DatabaseTracker) -> None:
    tracker.record(STATE, EVENT)
    assert tracker.state(FILE.lower(), "T", Stage.PRELIMINARY) is None
    assert tracker.events(FILE.lower()) == []
