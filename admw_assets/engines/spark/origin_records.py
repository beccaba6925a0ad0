"""Gives the records of a replay the numbers that they have in their file of origin; core, Spark."""

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from admw_assets.core.staging_area import StagingArea
from admw_assets.engines.spark.expressions import named
from admw_assets.engines.spark.spark_path import path_to_read

_POSITION, _ORIGIN = "admw_position", "admw_origin_record"


def with_origin_numbers(
    frame: DataFrame, column: str, numbers: Sequence[int], folder: Path, staging: StagingArea
) -> DataFrame:
    """`frame` with the numbers of origin in place of the positions 1, 2, ... in `column`.

    `numbers` are in the order of the positions; `folder` takes their list.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "origin.csv"
    with listing.open("w", encoding="utf-8") as out:
        out.writelines(f"{at},{number}\n" for at, number in enumerate(numbers, start=1))
    schema = f"{_POSITION} BIGINT, {_ORIGIN} BIGINT"
    origins = frame.sparkSession.read.schema(schema).csv(path_to_read(listing, staging))
    joined = frame.join(F.broadcast(origins), frame[column] == origins[_POSITION])
    others = [named(name) for name in frame.columns if name != column]
    return joined.select(*others, named(_ORIGIN).alias(column))
