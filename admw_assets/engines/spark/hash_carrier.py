"""Gives the rows of a transform what their record has and transforms do not see: its source hash,
and its extra columns.

Imports core and Spark.
"""

import logging
from typing import Any, cast

from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from admw_assets.core.migration import RECORD_COLUMN
from admw_assets.engines.spark.expressions import named

log = logging.getLogger(__name__)

_LARGEST_BROADCAST = 200_000  # records; about 30 MB in the driver
_JOINED = "admw_joined_record"


def with_hash(rows: DataFrame, records: DataFrame, hash_column: str, count: int) -> DataFrame:
    """`rows`, made of `records`, with the hash column of their record.

    Where the transform is made of projections, filters, explodes and windows, the column is
    passed through it at no cost; else it is joined by record number. `count`: records of the file.
    """
    carried = _carried(rows, records, hash_column)
    if carried is not None:
        return carried
    log.info("The transform regroups its records: their source hashes are joined by number.")
    hashes = records.select(named(RECORD_COLUMN).alias(_JOINED), named(hash_column))
    if count <= _LARGEST_BROADCAST:
        hashes = F.broadcast(hashes)
    return rows.join(hashes, rows[RECORD_COLUMN] == hashes[_JOINED], "left").drop(_JOINED)


def _carried(rows: DataFrame, records: DataFrame, hash_column: str) -> DataFrame | None:
    """Let Spark's analyzer pass the column through the plan, as it does for a filter or sort.

    A filter may refer to a column of its ancestors: the analyzer (3.5, "resolve missing
    references") adds the column to all projections between, and a last projection that takes it
    off again. What is below that last projection is what is wanted.
    """
    try:
        filtered = rows.where(records[hash_column].isNotNull() | F.lit(True))
        plan = cast(Any, filtered._jdf).queryExecution().analyzed().children().head()
        session = rows.sparkSession
        datasets = cast(Any, session._jvm).org.apache.spark.sql.Dataset
        carried = DataFrame(datasets.ofRows(session._jsparkSession, plan), session)
    except (AnalysisException, Py4JError):
        return None
    return carried if carried.columns == [*rows.columns, hash_column] else None
