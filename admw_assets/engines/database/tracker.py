"""The tracker: current states and the event log (port Tracker); imports core and SQLAlchemy."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, case, func, insert, select, update

from admw_assets.core.ports import Event, StageState
from admw_assets.core.step import Counts, Stage, Status, StepResult
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.own_tables import EVENTS, TRACKER

RESTARTED = "RESTARTED"

_COUNTS = ("records", "expected", "loaded", "rejected", "dropped", "mismatched")


@dataclass(frozen=True, slots=True)
class DatabaseTracker:
    """The tracker in the target database."""

    database: Database

    def state(self, file: str, table: str, stage: Stage) -> StageState | None:
        """The current state of one stage, None before its first attempt."""
        query = select(TRACKER).where(Entry(file, table, stage).matches(TRACKER))
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _state(row) if row else None

    def states(self) -> list[StageState]:
        """All states, by file, table and stage (preliminary first)."""
        c = TRACKER.c
        stage = case((c.stage == Stage.PRELIMINARY.value, 0), else_=1)
        query = select(TRACKER).order_by(c.file_name, c.table_name, stage)
        with self.database.reading() as connection:
            return [_state(row) for row in connection.execute(query)]

    def record(self, state: StageState, event: Event) -> None:
        """Put the state and append the event, in one transaction; missing times become now."""
        entry = Entry(state.file, state.table, state.stage)
        values = _state_values(state)
        with self.database.writing() as connection:
            put = update(TRACKER).where(entry.matches(TRACKER)).values(values)
            if connection.execute(put).rowcount == 0:
                connection.execute(insert(TRACKER).values(entry.values() | values))
            connection.execute(insert(EVENTS).values(_event_values(event)))

    def results(self, file: str, table: str, stage: Stage) -> list[StepResult]:
        """What steps ended well since the stage was last restarted, oldest first."""
        mine = Entry(file, table, stage).matches(EVENTS)
        restarted = (
            select(func.coalesce(func.max(EVENTS.c.id), 0))
            .where(mine, EVENTS.c.status == RESTARTED)
            .scalar_subquery()
        )
        query = (
            select(EVENTS.c.result)
            .where(mine, EVENTS.c.result.is_not(None), EVENTS.c.id > restarted)
            .order_by(EVENTS.c.id)
        )
        with self.database.reading() as connection:
            texts = connection.execute(query).scalars().all()
        return [StepResult.from_json(json.loads(text)) for text in texts]

    def events(self, file: str | None = None) -> list[Event]:
        """The log, oldest first."""
        query = select(EVENTS).order_by(EVENTS.c.id)
        if file is not None:
            query = query.where(EVENTS.c.file_name == file)
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _state_values(state: StageState) -> dict[str, object]:
    counts = {name: getattr(state.counts, name) for name in _COUNTS}
    return counts | {
        "status": state.status.value,
        "step": str(state.step),
        "attempt": state.attempt,
        "seconds": state.seconds,
        "message": state.message,
        "report": state.report,
        "archive": state.archive,
        "file_sha256": state.file_sha256,
        "run_id": state.run_id,
        "started_at": state.started_at or _now(),
        "updated_at": state.updated_at or _now(),
    }


def _state(row: Row) -> StageState:
    return StageState(
        file=row.file_name,
        table=row.table_name,
        stage=Stage(row.stage),
        status=Status(row.status),
        step=row.step,
        attempt=row.attempt,
        counts=Counts(**{name: getattr(row, name) for name in _COUNTS}),
        seconds=row.seconds,
        message=row.message,
        report=row.report,
        archive=row.archive,
        file_sha256=row.file_sha256,
        run_id=row.run_id,
        started_at=row.started_at,
        updated_at=row.updated_at,
    )


def _event_values(event: Event) -> dict[str, object]:
    result = json.dumps(event.result.to_json(), ensure_ascii=False) if event.result else None
    entry: dict[str, object] = dict(Entry(event.file, event.table, event.stage).values())
    return entry | {
        "step": str(event.step),
        "status": str(event.status),
        "attempt": event.attempt,
        "run_id": event.run_id,
        "happened_at": event.at or _now(),
        "seconds": event.seconds,
        "row_count": event.rows,
        "message": event.message,
        "result": result,
    }


def _event(row: Row) -> Event:
    return Event(
        file=row.file_name,
        table=row.table_name,
        stage=Stage(row.stage),
        step=row.step,
        status=row.status,
        attempt=row.attempt,
        run_id=row.run_id,
        at=row.happened_at,
        seconds=row.seconds,
        rows=row.row_count,
        message=row.message,
        result=StepResult.from_json(json.loads(row.result)) if row.result else None,
    )
