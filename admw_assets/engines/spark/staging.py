"""Writes staged rows, rejects and reasons to drop in one pass, and counts them; core and Spark."""

from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from admw_assets.core.canonical import HashSum
from admw_assets.core.staging_area import StagingArea
from admw_assets.engines.spark.checked_rows import (
    DROPPED,
    HASH,
    KIND,
    OPEN,
    RECORD,
    REJECTS,
    ROW,
    ROWS,
    SIZE,
    VALUE,
    RowChecks,
)
from admw_assets.engines.spark.spark_path import path_to_read

_QUICK, _EXAMINED, _RECORD_REJECTS = "quick", "examined", "record_rejects"


@dataclass(frozen=True, slots=True)
class MadeRows:
    """The rows that a transform made: how many, and what tells whether they are well numbered.

    `unnumbered` rows have no record or no row number; `record_sum` is the sum of the record
    numbers, `first_row` the smallest row number.
    """

    rows: int
    unnumbered: int
    record_sum: int
    first_row: int


@dataclass(frozen=True, slots=True)
class StagedParts:
    """What was written, and counts of it; `made` is what there was to write."""

    rows: tuple[Path, ...]
    rejects: tuple[Path, ...]
    rejected: int
    dropped: dict[str, int]
    total: HashSum
    made: MadeRows
    dropped_files: tuple[Path, ...] = ()
    value_bytes: int = 0

    def with_more(self, other: "StagedParts") -> "StagedParts":
        """Both together; `other` has dropped nothing."""
        return StagedParts(
            self.rows + other.rows,
            self.rejects + other.rejects,
            self.rejected + other.rejected,
            self.dropped,
            self.total + other.total,
            self.made,
            self.dropped_files,
            self.value_bytes + other.value_bytes,
        )


@dataclass(frozen=True, slots=True)
class RejectedRecords:
    """Records that were rejected before the transform: how many, and the sum of their numbers."""

    count: int = 0
    number_sum: int = 0
    files: tuple[Path, ...] = ()


def write_rows(
    rows: DataFrame, checks: RowChecks, folder: Path, staging: StagingArea
) -> StagedParts:
    """Check rows and write them, each kind into files of its own."""
    first = _write(checks.quick(rows), folder / _QUICK, staging, checks.has_hashes)
    if not first.files(OPEN):
        return first.parts(rows.sparkSession)
    aside = rows.sparkSession.read.schema(checks.open_schema).json(
        [path_to_read(path, staging) for path in first.files(OPEN)]
    )
    second = _write(checks.examine(aside), folder / _EXAMINED, staging, checks.has_hashes)
    return first.parts(rows.sparkSession).with_more(second.parts(rows.sparkSession))


@dataclass(frozen=True, slots=True)
class _Written:
    folder: Path
    counts: dict[str, int]
    staging: StagingArea

    def files(self, kind: str) -> tuple[Path, ...]:
        return self.staging.parts(self.folder / f"{KIND}={kind}")

    def parts(self, spark: SparkSession) -> StagedParts:
        counts = self.counts
        return StagedParts(
            rows=self.files(ROWS),
            rejects=self.files(REJECTS),
            rejected=counts["rejected"],
            dropped=_reasons(spark, self.files(DROPPED), self.staging) if counts["dropped"] else {},
            total=HashSum(counts["rows"], counts["high"] or 0, counts["low"] or 0),
            made=MadeRows(
                counts["made"], counts["unnumbered"], counts["record_sum"] or 0, counts["first_row"]
            ),
            dropped_files=self.files(DROPPED),
            value_bytes=counts["size"] or 0,
        )


def _write(checked: DataFrame, folder: Path, staging: StagingArea, hashes: bool) -> _Written:
    """Write checked rows by their kind, and count what is written, in one pass.

    Without `hashes` their sums are 0.
    """
    zero = F.lit(0)
    high, low, size = (_digits(1), _digits(9), zero) if hashes else (zero, zero, F.col(SIZE))
    observation = Observation()
    is_row = F.col(KIND) == ROWS
    observed = checked.observe(
        observation,
        F.count_if(is_row).alias("rows"),
        F.count_if(F.col(KIND) == REJECTS).alias("rejected"),
        F.count_if(F.col(KIND) == DROPPED).alias("dropped"),
        F.sum(F.when(is_row, high)).alias("high"),
        F.sum(F.when(is_row, low)).alias("low"),
        F.sum(F.when(is_row, size)).alias("size"),
        F.count(F.lit(1)).alias("made"),
        F.count_if(F.col(RECORD).isNull() | F.col(ROW).isNull()).alias("unnumbered"),
        F.sum(RECORD).alias("record_sum"),
        F.coalesce(F.min(ROW), F.lit(1)).alias("first_row"),
    )
    target = staging.to_write(folder)
    observed.select(VALUE, KIND).write.partitionBy(KIND).mode("overwrite").text(target)
    return _Written(folder, observation.get, staging)


def write_record_rejects(rejects: DataFrame, folder: Path, staging: StagingArea) -> RejectedRecords:
    """Write the lines (`value`) of records that no transform gets; `number` is the record's."""
    target = folder / _RECORD_REJECTS
    observation = Observation()
    observed = rejects.observe(
        observation, F.count(F.lit(1)).alias("count"), F.sum("number").alias("sum")
    )
    observed.select(VALUE).write.mode("overwrite").text(staging.to_write(target))
    counts = observation.get
    return RejectedRecords(counts["count"], counts["sum"] or 0, staging.parts(target))


def _digits(first: int) -> Column:
    """Eight hex digits of the row hash as a number (core.canonical.HashSum)."""
    return F.conv(F.substring(HASH, first, 8), 16, 10).cast("bigint")


def _reasons(spark: SparkSession, parts: tuple[Path, ...], staging: StagingArea) -> dict[str, int]:
    """Dropped rows by reason."""
    lines = spark.read.text([path_to_read(part, staging) for part in parts])
    reason = F.get_json_object(VALUE, "$.reason").alias("reason")
    return {row["reason"]: row["count"] for row in lines.groupBy(reason).count().collect()}
