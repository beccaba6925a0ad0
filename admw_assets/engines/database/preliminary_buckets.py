"""A preliminary table examined in buckets of records, so that only suspicious rows travel.

One pass gives the sums of every bucket; the rows of those that do not add up are then asked for.
Imports core and SQLAlchemy.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, func, select
from sqlalchemy import Table as SqlTable

from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.ports import BucketSums, PreliminaryBuckets, RowMark
from admw_assets.core.schema import Table
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.record_ranges import (
    bucket_start,
    chunks,
    ranges_of,
    records_per_bucket,
    within,
)
from admw_assets.engines.database.row_hash import hash_sum, hash_sum_columns, row_hash
from admw_assets.engines.database.shares import in_shares
from admw_assets.engines.database.table_definitions import (
    ROW_HASH_COLUMN,
    preliminary_column,
    preliminary_table,
)


def buckets(
    database: Database, file: str, table: Table, settings: TableSettings
) -> PreliminaryBuckets:
    """Rows, sum of the stored hashes and altered rows by bucket of record numbers: one pass."""
    preliminary = preliminary_table(table, settings)
    record = preliminary.c[RECORD_COLUMN]
    mine = preliminary.c[ORIGIN_COLUMN] == file
    with database.reading() as connection:
        last_record = connection.execute(select(func.max(record)).where(mine)).scalar()
        size = records_per_bucket(last_record)
        first = bucket_start(record, size).label("first")
        altered = func.sum(_altered(connection, preliminary, table, settings))
        sums = hash_sum_columns(connection, preliminary.c[ROW_HASH_COLUMN])
        query = select(first, altered, *sums).where(mine).group_by(first)
    found = {
        int(start) // size: BucketSums(int(count), hash_sum(count, high, low), int(changed))
        for start, changed, count, high, low in in_shares(
            database, query, record, last_record, size
        )
    }
    return PreliminaryBuckets(size, found)


def marks(
    database: Database,
    file: str,
    table: Table,
    settings: TableSettings,
    size: int,
    numbers: Sequence[int],
    altered_only: bool,
) -> list[RowMark]:
    """The rows of these buckets, or only those that do not have their hash any more."""
    preliminary = preliminary_table(table, settings)
    record, row = preliminary.c[RECORD_COLUMN], preliminary.c[ROW_COLUMN]
    found: list[RowMark] = []
    with database.reading() as connection:
        altered = _altered(connection, preliminary, table, settings)
        for some in chunks(ranges_of(numbers, size)):
            query = (
                select(record, row, preliminary.c[ROW_HASH_COLUMN], altered)
                .where(preliminary.c[ORIGIN_COLUMN] == file, within(record, some))
                .order_by(record, row)
            )
            if altered_only:
                query = query.where(altered == 1)
            found += [
                RowMark(number, place, digest, bool(changed))
                for number, place, digest, changed in connection.execute(query)
            ]
    return found


def _altered(
    connection: Connection, preliminary: SqlTable, table: Table, settings: TableSettings
) -> ColumnElement[int]:
    """1 where the hash that the server computes is not the stored one."""
    recomputed = row_hash(
        connection, table, settings, lambda c: preliminary.c[preliminary_column(settings, c)]
    )
    return case((recomputed != preliminary.c[ROW_HASH_COLUMN], 1), else_=0)
