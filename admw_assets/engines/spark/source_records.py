"""The records that a transform gets, and those that are rejected before; imports core and Spark.

A record goes no further when it is malformed, has another number of fields than the file has
columns, or carries a source hash that is not that of its texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from admw_assets.core.migration import RECORD_COLUMN
from admw_assets.core.ports import TransformJob
from admw_assets.engines.spark.field_parser import number_of_fields
from admw_assets.engines.spark.observed import Observed
from admw_assets.engines.spark.origin_records import with_origin_numbers
from admw_assets.engines.spark.record_reader import (
    ID,
    LINE,
    RecordFrame,
    malformed_records,
    partition_of,
    read_records,
    record_number,
)
from admw_assets.engines.spark.reject_line import reject_line
from admw_assets.engines.spark.source_hash import RULE, SourceHash, find_source_hash

SOURCE_HASH = "admw_delivered_hash"
_IS_GOOD = "admw_is_good"
_NUMBER, _RULE, _MALFORMED_NUMBER = "number", "rule", "malformed_number"
_MALFORMED = {
    "quote": "the quoting of the record is broken",
    "encoding": "the record is not valid text in the file's encoding",
}


@dataclass(frozen=True, slots=True)
class Survey:
    """Records of the file, and how many of them have a fault that this reader can see."""

    records: int
    faulty: int


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """The records of a job's file, and what tells good ones from others."""

    job: TransformJob
    records: RecordFrame
    source_hash: SourceHash | None

    @property
    def _is_good(self) -> Column:
        right_width = self.records.has_right_width
        return right_width if self.source_hash is None else right_width & self.source_hash.matches

    def count(self) -> Mapping[int, int]:
        """The records of each partition; nothing where there is only one, which needs none."""
        numbered = self.records.frame.select(partition_of(F.col(ID)).alias("partition"))
        if numbered.rdd.getNumPartitions() == 1:
            return {}
        counted = numbered.groupBy("partition").count().collect()
        return {row["partition"]: row["count"] for row in counted}

    def good(self, counts: Mapping[int, int], seen: Observed) -> DataFrame:
        """The good records: texts of the file, RECORD_COLUMN, and SOURCE_HASH if it has hashes.

        `counts` are those of `count`. `seen` receives what `survey` wants to know, in the same
        pass.
        """
        names, values = self.records.names, self.records.values
        position = None if self.source_hash is None else self.source_hash.position
        columns = [
            value.alias(name)
            for i, (name, value) in enumerate(zip(names, values, strict=True))
            if i != position
        ]
        if self.source_hash is not None:
            columns.append(self.source_hash.kept.alias(SOURCE_HASH))
        judged = self.records.frame.select(
            *columns, record_number(counts).alias(RECORD_COLUMN), self._is_good.alias(_IS_GOOD)
        )
        observed = seen.on(judged, F.count(F.lit(1)), F.count_if(~F.col(_IS_GOOD)))
        good = observed.where(_IS_GOOD).drop(_IS_GOOD)
        if self.job.file.malformed:
            malformed = self._malformed(good.sparkSession)
            matches = good[RECORD_COLUMN] == malformed[_MALFORMED_NUMBER]
            good = good.join(malformed, matches, "left_anti")
        return self._numbered(good, RECORD_COLUMN)

    def survey(self, counts: Mapping[int, int], seen: Observed) -> Survey:
        """What a pass over `good` has seen, or where it has not seen every record once, a new pass.

        A transform may read the records twice, in part, or not at all.
        """
        found = seen.values()
        if found is None or found[0] != (sum(counts.values()) or self.job.file.records):
            faults = F.count_if(~self._is_good)
            found = self.records.frame.agg(F.count(F.lit(1)), faults).collect()[0]
        return Survey(records=found[0], faulty=found[1])

    def rejects(self, counts: Mapping[int, int]) -> DataFrame:
        """The other records as lines of a rejects file, with their numbers."""
        number = record_number(counts)
        frame = self.records.frame.select("*", number.alias(_NUMBER))
        malformed = self._malformed(frame.sparkSession)
        frame = frame.join(malformed, F.col(_NUMBER) == F.col(_MALFORMED_NUMBER), "left")
        rule = F.coalesce(F.col(_RULE), F.when(~self.records.has_right_width, "fields"))
        column, message = F.lit(""), F.coalesce(self._malformed_message(), self._fields_message())
        if self.source_hash is not None:
            rule = F.coalesce(rule, F.when(~self.source_hash.matches, RULE))
            column = F.when(rule == RULE, self.source_hash.column).otherwise("")
            message = F.coalesce(message, F.lit(self.source_hash.message))
        found = frame.where(rule.isNotNull()).select(
            rule.alias("rule"), column.alias("column"), message.alias("message"), _NUMBER
        )
        line = reject_line(
            F.col(_NUMBER), F.lit(1), F.col("rule"), F.col("column"), F.col("message")
        )
        return self._numbered(found, _NUMBER).select(line.alias("value"), _NUMBER)

    def _numbered(self, frame: DataFrame, column: str) -> DataFrame:
        """The same with numbers of the file of origin, where the job is a replay."""
        if not self.job.origin_records:
            return frame
        return with_origin_numbers(
            frame,
            column,
            self.job.origin_records,
            self.job.folder / "origin",
            self.job.staging,
        )

    def _malformed(self, spark: SparkSession) -> DataFrame:
        folder: Path = self.job.folder / "malformed"
        return malformed_records(
            spark,
            self.job.file.malformed,
            _MALFORMED_NUMBER,
            _RULE,
            folder,
            self.job.staging,
        )

    def _malformed_message(self) -> Column:
        message = F.when(F.col(_RULE).isNotNull(), F.lit("the record is malformed"))
        for rule, text in _MALFORMED.items():
            message = F.when(F.col(_RULE) == rule, text).otherwise(message)
        return message

    def _fields_message(self) -> Column:
        found = number_of_fields(F.col(LINE), self.job.file_format).cast("string")
        expected = F.lit(f"expected {len(self.records.names)} fields, found ")
        return F.when(~self.records.has_right_width, F.concat(expected, found))


def source_records(spark: SparkSession, job: TransformJob) -> SourceRecords:
    """The records of a job's file; reads nothing yet. Raises DataFileError, ConfigurationError."""
    records = read_records(spark, job.file, job.file_format, job.folder, job.staging)
    is_replay = bool(job.origin_records)
    found = find_source_hash(records.names, records.values, job.source_hash_columns, is_replay)
    return SourceRecords(job, records, found)
