"""What a report says beside the verdict: rejects, and the way of the file so far; core only."""

from collections import Counter
from collections.abc import Mapping, Sequence

from admw_assets.core.errors import TransformError
from admw_assets.core.ports import Event, Ports
from admw_assets.core.reconciliation import Attempt, RejectedRecord, TimelineEntry
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.steps.earlier import find_result
from admw_assets.steps.staged_files import StagedFacts, read_manifest

REJECTS_OF_A_RULE = 2
"""How many of the rejects by one rule a report shows."""

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


def open_rejects(
    request: StepRequest, ports: Ports, stages: Sequence[Stage]
) -> tuple[Counter[str], tuple[RejectedRecord, ...]]:
    """How many rejects of these stages are open, by rule, and the first of every rule."""
    total: Counter[str] = Counter()
    first: list[RejectedRecord] = []
    for stage in stages:
        by_rule = ports.tables.count_rejects(request.file, request.table, stage)
        total.update(by_rule)
        for rule in by_rule:
            found = ports.tables.rejects(
                request.file, request.table, stage, rule, limit=REJECTS_OF_A_RULE
            )
            first += [
                RejectedRecord(r.stage, r.record, r.row, r.rule, r.column, r.message) for r in found
            ]
    return total, tuple(first)


def staged_before(
    request: StepRequest, ports: Ports
) -> tuple[Mapping[str, int], StagedFacts | None]:
    """What the preliminary stage knew of the file: rows dropped by reason, and its facts."""
    steps = (StepKind.LOAD, StepKind.TRANSFORM)
    results = [
        find_result(ports.tracker, request.file, request.table, Stage.PRELIMINARY, step)
        for step in steps
    ]
    folder = next((result.staged for result in results if result and result.staged), "")
    try:
        staged, facts = read_manifest(folder, ports)
    except TransformError:  # another machine, or a cleared work folder: the counts are known
        return {}, None
    return staged.dropped, facts
