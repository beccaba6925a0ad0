"""Rows that the final stage takes later than the rest of their file; imports core only.

They were orphans whose parent has come since, keys that have become free, or corrected records.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from admw_assets.core.errors import AdmwError
from admw_assets.core.ports import Ports, RawRecord, ReleaseOutcome
from admw_assets.core.reject_limit import left_for_final
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest, StepResult
from admw_assets.steps.earlier import find_result, require_result
from admw_assets.steps.runner import record_late_load, record_refused_replay, run_step


@dataclass(frozen=True, slots=True)
class Release:
    """One (file, table): rows that were moved now, rejects of the final stage that stay.

    `message` says what went wrong; the table is then as it was.
    """

    file: str
    table: str
    moved: int
    waiting: int
    message: str = ""


def release_rejects(
    landing: str, ports: Ports, run_id: str, file: str | None = None
) -> list[Release]:
    """Examine the final stage's rejects again, parents before children, and move what may go.

    Only of one file where it is given. `landing` is the folder of files that are not archived yet.
    """
    wave_of = {table: n for n, wave in enumerate(ports.migration.waves) for table in wave}
    pairs = [
        pair
        for pair in ports.tables.rejected_by(Stage.FINAL)
        if pair[1] in wave_of and file in (None, pair[0])
    ]
    released: list[Release] = []
    for name, table in sorted(pairs, key=lambda pair: (wave_of[pair[1]], pair)):
        request = StepRequest(f"{landing}/{name}", table, Stage.FINAL, StepKind.LOAD, run_id)
        try:
            outcome = release_table(request, ports)
            if outcome is not None:
                run_step(replace(request, step=StepKind.ARCHIVE), ports)
                released.append(Release(name, table, outcome.moved, outcome.rejected))
        except AdmwError as err:
            released.append(Release(name, table, 0, 0, str(err)))
    return released


def release_table(request: StepRequest, ports: Ports, renew: bool = False) -> ReleaseOutcome | None:
    """Move what may be moved now and reconcile anew; None before the table's final load.

    The request is for the final stage's load. Where nothing has changed the report stays as it is,
    unless it is to be renewed.
    """
    preliminary = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.RECONCILE)
    settings = ports.migration.settings(request.table)
    try:
        outcome = ports.tables.release_final(
            request.file,
            ports.migration.table(request.table),
            settings,
            request.run_id,
            left_for_final(settings.rejects, preliminary.counts),
            partial(_records, request.file, ports),
        )
    except AdmwError as err:
        record_refused_replay(request, err, ports)
        raise
    if outcome is None:
        return None
    counts = preliminary.counts.merged(
        Counts(
            loaded=outcome.loaded,
            rejected=(preliminary.counts.rejected or 0) + outcome.rejected,
            mismatched=0,
        )
    )
    known = find_result(ports.tracker, request.file, request.table, Stage.FINAL, StepKind.LOAD)
    if renew or known is None or known.counts != counts:
        result = StepResult(
            file=request.file,
            table=request.table,
            stage=request.stage,
            step=request.step,
            run_id=request.run_id,
            counts=counts,
            message=f"{outcome.moved:,} rows were moved later than the rest of the file.",
        )
        record_late_load(request, result, ports)
    run_step(replace(request, step=StepKind.RECONCILE), ports)
    return outcome


def _records(file: str, ports: Ports, numbers: Iterable[int]) -> Iterator[RawRecord]:
    return iter(ports.tables.current_records(file, list(numbers)))
