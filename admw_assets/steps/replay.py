"""Rejected records that a person has corrected, loaded as part of their file; imports core only.

A replay goes the way of its file of origin: the same transform, checks, load and reconciliation,
with the numbers that the records have there. Wherever it is cut off, the same replay goes on.
"""

import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from admw_assets.core.errors import AdmwError, DataFileError
from admw_assets.core.ports import Ports
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.steps.earlier import find_result
from admw_assets.steps.release import release_table
from admw_assets.steps.replay_file import ReplayFile
from admw_assets.steps.replay_load import PreparedTable, loaded_result, prepare
from admw_assets.steps.runner import record_late_load, record_refused_replay, run_step


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """Records of a replay: those that have no open reject any more, and those that still do.

    `skipped`: the replay was complete before; nothing was done.
    """

    file: str
    records: int
    resolved: int
    rejected: int
    skipped: bool


def replay_rejects(replay: ReplayFile, landing: str, ports: Ports, run_id: str) -> ReplayOutcome:
    """Load corrected records into every table that their file feeds; reconcile both stages anew.

    `landing` is the folder of a file that is not archived yet. Replayed a second time, nothing
    happens. Raises what transform, load and reconcile raise; a load that is refused leaves its
    table as it was.
    """
    entries = [r for r in ports.tables.replays(replay.origin) if r.sha256 == replay.sha256]
    if entries and all(entry.finished for entry in entries):
        _clear(replay, ports)
        return _outcome(replay, ports, skipped=True)
    tables = ports.migration.tables_fed_by(replay.origin)
    requests = [
        StepRequest(f"{landing}/{replay.origin}", table, Stage.PRELIMINARY, StepKind.LOAD, run_id)
        for table in tables
    ]
    _require_loaded(requests, ports)
    loaded = {entry.table for entry in entries}
    loaded |= _load([r for r in requests if r.table not in loaded], replay, ports)
    for request in requests:
        if request.table in loaded:
            record_late_load(request, loaded_result(request, replay, ports), ports)
            run_step(replace(request, step=StepKind.RECONCILE), ports)
    _archive_copy(replay, run_id, ports)
    for request in requests:
        release_table(replace(request, stage=Stage.FINAL), ports, request.table in loaded)
    for request in requests:
        final = replace(request, stage=Stage.FINAL, step=StepKind.ARCHIVE)
        if find_result(ports.tracker, replay.origin, request.table, Stage.FINAL, StepKind.LOAD):
            run_step(final, ports)
    ports.tables.finish_replay(replay.origin, replay.sha256)
    _clear(replay, ports)
    return _outcome(replay, ports, skipped=False)


def _require_loaded(requests: Iterable[StepRequest], ports: Ports) -> None:
    for request in requests:
        if not find_result(
            ports.tracker, request.file, request.table, Stage.PRELIMINARY, StepKind.RECONCILE
        ):
            raise DataFileError(
                f"The preliminary stage of {request.file} has not ended well for table "
                f"{request.table}, so there is nothing that corrected records could join.",
                next_step="Run the file first (admw run FILE). Where it has too many rejects, "
                "raise `rejects` in migration.yaml, or have it delivered anew.",
                file=request.file,
                table=request.table,
            )


def _load(requests: Sequence[StepRequest], replay: ReplayFile, ports: Ports) -> set[str]:
    """Bring the records into these tables; returns those in which that changes anything.

    What may be refused comes first, so that nothing is half done then.
    """
    prepared: list[PreparedTable] = []
    loaded: set[str] = set()
    for request in requests:
        with _refusal_on_record(request, ports):
            table = prepare(request, replay, ports)
        if table is not None:
            prepared.append(table)
    for table in sorted(prepared, key=lambda t: not t.load.obsolete):
        with _refusal_on_record(table.request, ports):
            ports.tables.load_replay(table.load)
        loaded.add(table.request.table)
    return loaded


@contextmanager
def _refusal_on_record(request: StepRequest, ports: Ports) -> Generator[None]:
    try:
        yield
    except AdmwError as err:
        record_refused_replay(request, err, ports)
        raise


def _archive_copy(replay: ReplayFile, run_id: str, ports: Ports) -> None:
    """Keep the corrected records beside the archive of their file."""
    facts = {
        "file_sha256": replay.opened.sha256,
        "replay_of": replay.origin,
        "replay": replay.sha256,
        "records": list(replay.records),
        "run": run_id,
    }
    ports.archiver.archive(str(replay.copy), ports.migration.compression, facts)


def _clear(replay: ReplayFile, ports: Ports) -> None:
    """Leave nothing in the work folder that nobody needs any more."""
    replay.copy.unlink(missing_ok=True)
    shutil.rmtree(ports.work / replay.opened.name, ignore_errors=True)


def _outcome(replay: ReplayFile, ports: Ports, skipped: bool) -> ReplayOutcome:
    still = {reject.record for reject in ports.tables.rejects(replay.origin)}
    rejected = len(still.intersection(replay.records))
    return ReplayOutcome(
        replay.origin,
        len(replay.records),
        len(replay.records) - rejected,
        rejected,
        skipped,
    )
