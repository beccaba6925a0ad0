"""The Transformer of core.ports, with Spark: file in, staged rows and rejects out."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from admw_assets.core.configuration import ExtraColumns, RowsPerRecord
from admw_assets.core.errors import TransformError
from admw_assets.core.migration import DROP_COLUMN, EXTRA_COLUMN, RECORD_COLUMN, ROW_COLUMN
from admw_assets.core.ports import StagedRows, TransformJob
from admw_assets.core.schema import Schema
from admw_assets.engines.spark.checked_rows import EXTRA, REASON, RECORD, ROW, SOURCE, row_checks
from admw_assets.engines.spark.column_mapping import (
    allowed_drift,
    extra_as_json,
    mapped_columns,
    require_table_columns,
)
from admw_assets.engines.spark.expressions import named
from admw_assets.engines.spark.hash_carrier import with_hash
from admw_assets.engines.spark.observed import Observed
from admw_assets.engines.spark.session import job_session
from admw_assets.engines.spark.source_records import SOURCE_HASH, Survey, source_records
from admw_assets.engines.spark.spark_failure import short_cause
from admw_assets.engines.spark.staging import (
    MadeRows,
    RejectedRecords,
    StagedParts,
    write_record_rejects,
    write_rows,
)
from admw_assets.engines.spark.transform_function import (
    Transform,
    apply_transform,
    find_transform,
)
from admw_assets.engines.spark.typed_output import text_of

log = logging.getLogger(__name__)


class SparkTransformer:
    """Transforms on one Spark; `session` is asked for it at the first job.

    `drafts` are functions by table that take the place of what transforms.py has: a notebook tries
    them before they are written there. `keys` are for a dry run: core.key_columns.key_schema, whose
    columns alone are staged, without hashes, as nothing is compared.
    """

    def __init__(
        self,
        session: Callable[[], SparkSession],
        drafts: Mapping[str, Transform] = MappingProxyType({}),
        *,
        keys: Schema | None = None,
    ) -> None:
        self._session, self._drafts, self._keys = session, drafts, keys

    def with_drafts(self, drafts: Mapping[str, Transform]) -> "SparkTransformer":
        """The same with other drafts."""
        return SparkTransformer(self._session, drafts, keys=self._keys)

    def transform(self, job: TransformJob) -> StagedRows:
        """Read, transform, validate, hash and stage the rows of one (file, table).

        Raises TransformError, DataFileError or ConfigurationError.
        """
        draft, name = self._drafts.get(job.table.name), job.table.name
        keys = None
        if self._keys is not None:
            keys = [column.name for column in self._keys.table(name).loaded_columns]
        return transform(job_session(self._session()), job, draft, keys)

    def records(self, job: TransformJob) -> DataFrame:
        """The records of a job's file as its transform gets them."""
        source = source_records(job_session(self._session()), job)
        records = source.good(source.count(), Observed())
        return records.drop(SOURCE_HASH, *allowed_drift(job).extra)


def transform(
    spark: SparkSession,
    job: TransformJob,
    draft: Transform | None = None,
    keys: Collection[str] | None = None,
) -> StagedRows:
    """Do the job on a session that `session.job_session` has made, with a draft if there is one.

    A staged line has only the columns in `keys`, where they are given, and no hashes.
    """
    if draft is not None:
        name = getattr(draft, "__name__", "draft")
        job = replace(job, settings=replace(job.settings, transform=name))
    job.staging.clear(job.folder)
    try:
        return _staged(spark, job, draft, keys)
    except (Py4JError, PySparkException) as err:
        function = job.settings.transform
        cause = short_cause(err, personal=bool(job.settings.pii))
        raise TransformError(
            f"Transforming {job.file.name} for table {job.table.name!r} failed: {cause}",
            next_step=f"Correct the function {function!r} in transforms.py."
            if function
            else "Look at the cause; the file was read, nothing was loaded.",
            table=job.table.name,
            function=function,
        ) from err


def current_rows(records: DataFrame, job: TransformJob) -> DataFrame:
    """What the table's function in transforms.py, or its mapping of columns, makes of records."""
    if job.settings.transform:
        return apply_transform(find_transform(job), records, job)
    return mapped_columns(records, job, allowed_drift(job))


def _staged(
    spark: SparkSession,
    job: TransformJob,
    draft: Transform | None,
    keys: Collection[str] | None,
) -> StagedRows:
    source = source_records(spark, job)
    counts, seen = source.count(), Observed()
    rows = _table_rows(source.good(counts, seen), job, draft)
    checks = row_checks(job.table, job.settings, job.file_format.null_marker, keys)
    parts = write_rows(rows, checks, job.folder, job.staging)
    survey = source.survey(counts, seen)
    log.debug("%s: %d records, %d faulty", job.file.name, survey.records, survey.faulty)
    rejected = RejectedRecords()
    if survey.faulty or job.file.malformed:
        rejected = write_record_rejects(source.rejects(counts), job.folder, job.staging)
    return _result(job, survey, rejected, parts)


def _table_rows(records: DataFrame, job: TransformJob, draft: Transform | None) -> DataFrame:
    """RECORD, ROW, SOURCE, REASON and v0, v1, ...: the table's loaded columns as texts."""
    has_hash = SOURCE_HASH in records.columns
    drift = allowed_drift(job)
    keeps_extra = job.settings.extra_columns is ExtraColumns.KEEP
    if keeps_extra:
        records = records.withColumn(EXTRA_COLUMN, extra_as_json(drift.extra))
    seen = records.drop(SOURCE_HASH, EXTRA_COLUMN, *drift.extra)
    rows = current_rows(seen, job) if draft is None else apply_transform(draft, seen, job)
    if job.settings.transform:
        require_table_columns(rows, job)
    if keeps_extra:
        rows = with_hash(rows, records, EXTRA_COLUMN, job.file.records)
    if has_hash:
        rows = with_hash(rows, records, SOURCE_HASH, job.file.records)
    types = {field.name.casefold(): field.dataType for field in rows.schema.fields}

    def own(name: str, default: object) -> Column:
        return named(name) if name in types else F.lit(default)

    values = [
        text_of(named(c.name), types[c.name.casefold()], c, job.settings.booleans).alias(f"v{i}")
        for i, c in enumerate(job.table.loaded_columns)
    ]
    return rows.select(
        named(RECORD_COLUMN).cast("bigint").alias(RECORD),
        own(ROW_COLUMN, 1).cast("bigint").alias(ROW),
        own(SOURCE_HASH, None).cast("string").alias(SOURCE),
        own(DROP_COLUMN, None).cast("string").alias(REASON),
        *([named(EXTRA_COLUMN).alias(EXTRA)] if keeps_extra else []),
        *values,
    )


def _result(
    job: TransformJob,
    survey: Survey,
    rejected: RejectedRecords,
    parts: StagedParts,
) -> StagedRows:
    made = parts.made
    if made.unnumbered or made.first_row < 1:
        raise _bad_numbers(job, f"{RECORD_COLUMN} or {ROW_COLUMN} is NULL or below 1.")
    expected = rejected.count + made.rows
    if job.settings.rows_per_record is RowsPerRecord.ONE:
        _require_each_record_once(job, survey, rejected, made)
        expected = survey.records
    return StagedRows(
        folder=str(job.folder),
        parts=_texts(parts.rows),
        rejects=_texts((*rejected.files, *parts.rejects)),
        rows=parts.total.count,
        records_read=survey.records,
        expected=expected,
        rejected=rejected.count + parts.rejected,
        dropped=parts.dropped,
        checksum=parts.total.text,
        dropped_files=_texts(parts.dropped_files),
        value_bytes=parts.value_bytes,
    )


def _require_each_record_once(
    job: TransformJob, survey: Survey, rejected: RejectedRecords, made: MadeRows
) -> None:
    """Notice a transform that loses some records and doubles as many others."""
    if rejected.count + made.rows != survey.records:
        return  # conservation will say so, with numbers
    every_number_once = sum(job.origin_records) or survey.records * (survey.records + 1) // 2
    if rejected.number_sum + made.record_sum != every_number_once:
        raise _bad_numbers(job, "some records are missing in the rows and others there twice.")


def _bad_numbers(job: TransformJob, reason: str) -> TransformError:
    return TransformError(
        f"The rows of table {job.table.name!r} cannot be traced to their records: {reason}",
        next_step=f"Hand on {RECORD_COLUMN} unchanged in transform {job.settings.transform!r}; "
        f"with `rows_per_record: many` number the rows of a record from 1 in {ROW_COLUMN}.",
        table=job.table.name,
        function=job.settings.transform,
    )


def _texts(paths: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(str(path.resolve()) for path in paths)
