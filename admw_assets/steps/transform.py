"""The transform step: file in, staged rows and rejects out; imports core only."""

from admw_assets.core.drift import find_drift
from admw_assets.core.errors import DataFileError
from admw_assets.core.migration import SOURCE_HASH_COLUMNS
from admw_assets.core.ports import OpenedFile, Ports, TransformJob
from admw_assets.core.step import Counts, StepRequest, StepResult
from admw_assets.steps.staged_files import StagedFacts, write_manifest


def transform(request: StepRequest, ports: Ports) -> StepResult:
    """Read, transform, validate and hash the rows of one (file, table); stage them.

    Raises DataFileError, TransformError or ConfigurationError; nothing reaches the database.
    """
    job = transform_job(request, ports)
    opened, staged = job.file, ports.transformer.transform(job)
    _require_same_records(opened, staged.records_read)
    drift = find_drift(opened.columns, job.file_format, job.table, job.settings)
    facts = StagedFacts(
        opened.sha256,
        opened.records,
        carries_hash(opened),
        opened.size,
        drift.sentences(job.settings),
    )
    reference = write_manifest(staged, facts, ports)
    return StepResult(
        file=request.file,
        table=request.table,
        stage=request.stage,
        step=request.step,
        run_id=request.run_id,
        counts=Counts(
            records=opened.records,
            expected=staged.expected,
            rejected=staged.rejected,
            dropped=sum(staged.dropped.values()),
        ),
        staged=reference,
        message=" ".join(facts.drift),
        file_sha256=opened.sha256,
    )


def transform_job(request: StepRequest, ports: Ports) -> TransformJob:
    """What the transformer is asked for; opens and scans the file."""
    migration = ports.migration
    file_format = migration.format_of(request.location)
    opened = ports.files.open(request.location, file_format)
    settings = migration.settings(request.table)
    hash_columns = migration.file_rules(request.location).source_hash_columns
    return TransformJob(
        file=opened,
        file_format=file_format,
        table=migration.table(request.table),
        settings=settings,
        source_hash_columns=tuple(hash_columns) if hash_columns is not None else None,
        transforms=migration.transforms if settings.transform else None,
        folder=ports.work / opened.name / request.table,
        staging=ports.staging,
    )


def _require_same_records(opened: OpenedFile, records_read: int) -> None:
    if records_read != opened.records:
        raise DataFileError(
            f"{opened.name}: the scanner counts {opened.records:,} records, the reader "
            f"{records_read:,}.",
            next_step="The configured format does not fit the file: check delimiter, quote, "
            "escape and quoted_newlines of this file in migration.yaml.",
            file=opened.name,
            records=opened.records,
            records_read=records_read,
        )


def carries_hash(opened: OpenedFile) -> bool:
    """True where the records of a file come with a source hash."""
    return any(column.casefold() in SOURCE_HASH_COLUMNS for column in opened.columns)
