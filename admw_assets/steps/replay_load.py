"""Corrected records into one table: transformed, held against before, loaded; core only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from admw_assets.core.errors import TransformError
from admw_assets.core.ports import Ports, ReplayLoad, StagedRows, TransformJob
from admw_assets.core.reject_limit import allowed_rejects
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest, StepResult
from admw_assets.steps.earlier import require_result
from admw_assets.steps.replay_effect import effect_of
from admw_assets.steps.replay_file import ReplayFile
from admw_assets.steps.staged_files import (
    StagedFacts,
    read_manifest,
    staged_rejects,
    write_manifest,
)
from admw_assets.steps.transform import carries_hash

_NO_SUM = "0:0:0"
_UNKNOWN_REASON = "for reasons that are no longer on disk"


@dataclass(frozen=True, slots=True)
class PreparedTable:
    """What a replay is about to do to one table."""

    request: StepRequest
    load: ReplayLoad


def prepare(request: StepRequest, replay: ReplayFile, ports: Ports) -> PreparedTable | None:
    """Transform the records for one table; None where nothing changes in it.

    The request is for the preliminary stage's load.
    """
    job = _job(request, replay, ports)
    earlier, dropped = _equation(request, ports)
    effect = effect_of(replay, job, any(dropped.values()), ports)
    if effect.is_nothing:
        return None
    texts = partial(replay.texts, ports)
    load = ReplayLoad(
        file=request.file,
        table=job.table,
        settings=job.settings,
        run_id=request.run_id,
        sha256=replay.sha256,
        records=replay.records,
        staged=effect.staged,
        obsolete=effect.obsolete,
        rejects=staged_rejects(effect.staged, request, texts),
        expected_change=effect.expected,
        dropped_change=effect.dropped,
        limit=allowed_rejects(job.settings.rejects, earlier + effect.expected),
        replayed=texts,
    )
    return PreparedTable(request, load)


def _job(request: StepRequest, replay: ReplayFile, ports: Ports) -> TransformJob:
    migration = ports.migration
    settings = migration.settings(request.table)
    hash_columns = migration.file_rules(request.file).source_hash_columns
    return TransformJob(
        file=replay.opened,
        file_format=migration.format_of(request.file),
        table=migration.table(request.table),
        settings=settings,
        source_hash_columns=tuple(hash_columns) if hash_columns is not None else None,
        transforms=migration.transforms if settings.transform else None,
        folder=_folder(request, replay, ports),
        origin_records=replay.records,
    )


def _folder(request: StepRequest, replay: ReplayFile, ports: Ports) -> Path:
    return ports.work / request.file / f"{request.table}.replay-{replay.short}"


def _equation(request: StepRequest, ports: Ports) -> tuple[int, Counter[str]]:
    """Expected rows, and dropped ones by reason: of the file, and of all replays so far."""
    transformed = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.TRANSFORM)
    expected = transformed.counts.expected or 0
    try:
        dropped = Counter(read_manifest(transformed.staged or "", ports)[0].dropped)
    except TransformError:
        dropped = Counter({_UNKNOWN_REASON: transformed.counts.dropped or 0})
    for entry in ports.tables.replays(request.file):
        if entry.table == request.table:
            expected += entry.expected_change
            dropped.update(entry.dropped_change)
    return expected, dropped


def loaded_result(request: StepRequest, replay: ReplayFile, ports: Ports) -> StepResult:
    """The stage's numbers as they are now, all of them: nothing is added to earlier ones."""
    transformed = require_result(request, ports.tracker, Stage.PRELIMINARY, StepKind.TRANSFORM)
    table, settings = ports.migration.table(request.table), ports.migration.settings(request.table)
    rows = ports.tables.replayed_preliminary(request.file, table, settings).rows
    rejected = sum(ports.tables.count_rejects(request.file, table.name, request.stage).values())
    expected, dropped = _equation(request, ports)
    counts = transformed.counts.merged(
        Counts(
            expected=expected,
            loaded=rows,
            rejected=rejected,
            dropped=sum(dropped.values()),
            mismatched=0,
        )
    )
    folder = _folder(request, replay, ports)
    reference = _write_totals(folder, counts, dropped, transformed, replay, ports)
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=counts,
        staged=reference,
        message=f"{len(replay.records):,} rejected records were replayed.",
    )


def _write_totals(
    folder: Path,
    counts: Counts,
    dropped: Mapping[str, int],
    transformed: StepResult,
    replay: ReplayFile,
    ports: Ports,
) -> str:
    """Leave for the reconciliation what it needs of the file as a whole; the reference to it."""
    try:
        facts = read_manifest(transformed.staged or "", ports)[1]
    except TransformError:
        carried = carries_hash(replay.opened)
        facts = StagedFacts(transformed.file_sha256, counts.records or 0, carried)
    folder.mkdir(parents=True, exist_ok=True)
    totals = StagedRows(
        folder=str(folder),
        parts=(),
        rejects=(),
        rows=counts.loaded or 0,
        records_read=counts.records or 0,
        expected=counts.expected or 0,
        rejected=counts.rejected or 0,
        dropped={reason: number for reason, number in dropped.items() if number},
        checksum=_NO_SUM,
        replayed=True,
    )
    return write_manifest(totals, facts, ports)
