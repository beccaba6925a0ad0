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
_NUMBER, _RULE, _MALFORMED_NUMBER = "number", "rule", "malformed_number"
_MALFORMED = {
    "quote": "the quoting of the record is broken",
    "encoding": "the record is not valid text in the file's encoding",
}


@dataclass(frozen=True, slots=True)
class Survey:
    """Records per partition, and how many of all have a fault that this reader can see."""

    records_by_partition: Mapping[int, int]
    faulty: int

    @property
    def records(self) -> int:
        """Records of the file."""
        return sum(self.records_by_partition.values())


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

    def survey(self) -> Survey:
        """Count records and faults in one pass."""
        faults = F.count_if(~self._is_good)
        counted = (
            self.records.frame.groupBy(partition_of(F.col(ID)).alias("partition"))
            .agg(F.count(F.lit(1)).alias("records"), faults.alias("faulty"))
            .collect()
        )
        return Survey(
            {row["partition"]: row["records"] for row in counted},
            sum(row["faulty"] for row in counted),
        )

    def good(self, survey: Survey) -> DataFrame:
        """The good records: texts of the file, RECORD_COLUMN, and SOURCE_HASH if it has hashes."""
        names, values = self.records.names, self.records.values
        position = None if self.source_hash is None else self.source_hash.position
        columns = [
            value.alias(name)
            for i, (name, value) in enumerate(zip(names, values, strict=True))
            if i != position
        ]
        if self.source_hash is not None:
            columns.append(self.source_hash.kept.alias(SOURCE_HASH))
        number = record_number(survey.records_by_partition)
        good = self.records.frame.where(self._is_good).select(*columns, number.alias(RECORD_COLUMN))
        if self.job.file.malformed:
            malformed = self._malformed(good.sparkSession)
            matches = good[RECORD_COLUMN] == malformed[_MALFORMED_NUMBER]
            good = good.join(malformed, matches, "left_anti")
        return self._numbered(good, RECORD_COLUMN)

    def rejects(self, survey: Survey) -> DataFrame:
        """The other records as lines of a rejects file, with their numbers."""
        number = record_number(survey.records_by_partition)
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
