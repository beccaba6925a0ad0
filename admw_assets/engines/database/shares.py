"""One query over the records of a file, in shares that the server works on side by side.

A server gives each connection one core; hashing every row keeps it busy. Only reads of what is
committed can be shared out. Imports SQLAlchemy and the connection.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Executable, Row, Select, true

from admw_assets.engines.database.connection import Database

_Columns = TypeVarTuple("_Columns")

MOST_SHARES = 4
"""Connections of one reconciliation."""

SMALLEST_SHARE = 25_000
"""Records for which a connection of their own pays."""


def in_shares(
    database: Database,
    query: Select[*_Columns],
    record: ColumnElement[int],
    last_record: int | None,
    bucket: int,
) -> list[Row[*_Columns]]:
    """The rows of `query`, which groups by buckets of `bucket` records, in no order.

    Every bucket is in one share only. The first share and the last are open at their ends, so that
    no row is left out, whatever number it has.
    """
    queries = [query.where(own) for own in _shares(database, record, last_record or 0, bucket)]
    if len(queries) == 1:
        return _rows(database, queries[0])
    with ThreadPoolExecutor(len(queries), thread_name_prefix="admw-share") as threads:
        return [row for rows in threads.map(partial(_rows, database), queries) for row in rows]


def _shares(
    database: Database, record: ColumnElement[int], last_record: int, bucket: int
) -> list[ColumnElement[bool]]:
    """Conditions on the record's number; SQLite hashes in this process, one row at a time."""
    number = min(MOST_SHARES, last_record // SMALLEST_SHARE)
    if number < 2 or database.engine.dialect.name != "mysql":
        return [true()]
    buckets = last_record // bucket + 1
    starts = [bucket * (buckets * share // number) for share in range(1, number)]
    return [
        record < starts[0],
        *(record.between(low, high - 1) for low, high in pairwise(starts)),
        record >= starts[-1],
    ]


def _rows(database: Database, query: Executable) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(query))
