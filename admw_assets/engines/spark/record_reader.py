"""Reads the records of a file, gives each its number, and says which are no records of the table.

Record numbers need no sort: Spark numbers the rows of each partition in order, and one cheap pass
counts the rows per partition. Imports core and Spark.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from admw_assets.core.configuration import FileFormat
from admw_assets.core.ports import OpenedFile
from admw_assets.core.staging_area import StagingArea
from admw_assets.engines.spark.field_parser import (
    corrupt_text,
    fields_of_line,
    fields_of_row,
    reader_options,
    schema_of,
    values_of,
)
from admw_assets.engines.spark.spark_path import path_to_read, visible_path

ID, LINE, WIDTH = "admw_id", "admw_line", "admw_width"
_FIELDS = "admw_fields"
_BITS_OF_INDEX = 33  # monotonically_increasing_id: partition << 33 | index of the row in it


@dataclass(frozen=True, slots=True)
class RecordFrame:
    """The records of a file: `frame` has ID, LINE (its text), WIDTH (fields) and the fields.

    `values` are the raw texts of the fields in file order, NULL where the marker stood.
    """

    frame: DataFrame
    names: tuple[str, ...]
    values: tuple[Column, ...]

    @property
    def has_right_width(self) -> Column:
        """Whether a record has as many fields as the file has columns."""
        return F.col(WIDTH) == len(self.names)


def read_records(
    spark: SparkSession,
    opened: OpenedFile,
    file_format: FileFormat,
    folder: Path,
    staging: StagingArea,
) -> RecordFrame:
    """The records of a file, in file order within each partition; reads nothing yet.

    `folder` may take files of the reader's own.
    """
    path = path_to_read(visible_path(opened.text, folder), staging)
    if file_format.quoted_newlines:
        fields = _quoted_records(spark, path, opened, file_format)
    else:
        fields = _lines(spark, path, opened, file_format)
    values = values_of(F.col(_FIELDS), len(opened.columns), file_format.null_marker)
    names = [f"admw_field_{i}" for i in range(len(values))]
    # The ID makes this projection a barrier: what is filtered above it is not computed twice.
    frame = fields.select(
        F.monotonically_increasing_id().alias(ID),
        LINE,
        F.size(_FIELDS).alias(WIDTH),
        *[value.alias(name) for value, name in zip(values, names, strict=True)],
    )
    return RecordFrame(frame, opened.columns, tuple(F.col(name) for name in names))


def record_number(counts: Mapping[int, int]) -> Column:
    """The number of a record from ID, from 1; `counts`: records of each partition."""
    partitions = range(max(counts, default=0) + 1)
    before = [0, *accumulate(counts.get(partition, 0) for partition in partitions)]
    index = F.col(ID).bitwiseAND((1 << _BITS_OF_INDEX) - 1)
    if len(before) <= 2:
        return index + 1
    offsets = F.array(*[F.lit(offset).cast("bigint") for offset in before])
    return offsets[partition_of(F.col(ID))] + index + 1


def partition_of(record_id: Column) -> Column:
    """The partition that a record stands in."""
    return F.shiftrightunsigned(record_id, _BITS_OF_INDEX).cast("int")


def malformed_records(
    spark: SparkSession,
    malformed: Mapping[int, str],
    number: str,
    rule: str,
    folder: Path,
    staging: StagingArea,
) -> DataFrame:
    """The malformed records of a file as a frame of two columns; `folder` takes their list."""
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "malformed.csv"
    with listing.open("w", encoding="utf-8") as out:
        out.writelines(f"{record},{broken}\n" for record, broken in sorted(malformed.items()))
    listed = spark.read.schema("n BIGINT, r STRING").csv(path_to_read(listing, staging))
    return F.broadcast(listed.select(F.col("n").alias(number), F.col("r").alias(rule)))


def _lines(
    spark: SparkSession, path: str, opened: OpenedFile, file_format: FileFormat
) -> DataFrame:
    # Spark takes a byte order mark off the first line itself.
    lines = spark.read.text(path).select(F.col("value").alias(LINE))
    if opened.skip_lines:
        lines = _numbered(lines, LINE).where(F.col(ID) >= opened.skip_lines)
    if len(opened.columns) != 1:
        lines = lines.where(F.col(LINE) != "")
    fields = fields_of_line(F.col(LINE), file_format, len(opened.columns))
    return lines.select(LINE, fields.alias(_FIELDS))


def _quoted_records(
    spark: SparkSession, path: str, opened: OpenedFile, file_format: FileFormat
) -> DataFrame:
    width = len(opened.columns)
    options = reader_options(file_format) | {"multiLine": "true", "header": "false"}
    if opened.record_end:
        # Without it Spark turns every CRLF inside quotes into LF.
        options["lineSep"] = opened.record_end
    rows = spark.read.schema(schema_of(width)).options(**options).csv(path)
    texts = [f"f{i}" for i in range(width)]
    if file_format.header:
        everything = [*texts, "corrupt"]
        rows = _numbered(rows, *everything).where(F.col(ID) >= 1).select(*everything)
    return rows.select(
        corrupt_text().alias(LINE),
        fields_of_row(None, file_format, width).alias(_FIELDS),
    )


def _numbered(frame: DataFrame, *columns: str) -> DataFrame:
    return frame.select(*columns, F.monotonically_increasing_id().alias(ID))
