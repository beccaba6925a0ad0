"""What a report says beside the verdict: the way of the file so far; imports core only."""

from collections.abc import Sequence

from admw_assets.core.ports import Event, Ports
from admw_assets.core.reconciliation import Attempt, TimelineEntry
from admw_assets.core.step import Stage, StepRequest

_STARTED, _COMPLETED, _FAILED = "STARTED", "COMPLETED", "FAILED"


def events_of(request: StepRequest, ports: Ports) -> list[Event]:
    """The log of one (file, table), oldest first."""
    return [e for e in ports.tracker.events(request.file) if e.table == request.table]


def timeline(
    events: Sequence[Event], request: StepRequest, seconds: float
) -> tuple[TimelineEntry, ...]:
    """Every run of every step of both stages, oldest first.

    `seconds` is how long the step of the request, which has not ended yet, has taken so far.
    """
    entries: list[TimelineEntry] = []
    began: dict[tuple[Stage, str], Event] = {}
    for event in events:
        if event.status == _STARTED:
            began[event.stage, event.step] = event
        elif event.status in (_COMPLETED, _FAILED):
            start = began.pop((event.stage, event.step), event)
            entries.append(_entry(start, event.status, event.seconds, event.rows))
    running = began.get((request.stage, request.step.value))
    if running is not None:
        entries.append(_entry(running, "RUNNING", seconds, None))
    return tuple(sorted(entries, key=lambda entry: entry.started_at))


def _entry(start: Event, status: str, seconds: float, rows: int | None) -> TimelineEntry:
    return TimelineEntry(
        start.stage.value,
        start.step,
        status,
        start.at,
        round(seconds, 3),
        start.attempt,
        rows,
    )


def earlier_attempts(events: Sequence[Event], request: StepRequest) -> tuple[Attempt, ...]:
    """What of this stage has failed or was taken back before."""
    return tuple(
        Attempt(event.attempt, event.run_id, event.at, event.step, event.status, event.message)
        for event in events
        if event.stage is request.stage and event.status in (_FAILED, "RESTARTED")
    )
