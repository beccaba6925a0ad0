"""Preliminary rows against final rows of one file; imports core and SQLAlchemy.

The final row's hash is computed by the server from what it delivers. The preliminary row's is the
one that came with it from the transform, so that the chain has no gap: a row altered in the
preliminary table before it was moved shows here as well.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Join,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.reconciliation import Difference, DifferenceKind, FinalComparison
from admw_assets.core.schema import Column, Table
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.extra_rows import count_extra, extra_rows, with_values
from admw_assets.engines.database.hash_comparison import compare_hashes
from admw_assets.engines.database.record_ranges import (
    Range,
    bucket_start,
    chunks,
    ranges_of,
    records_per_bucket,
    within,
)
from admw_assets.engines.database.row_hash import canonical_text, masked, shown_text
from admw_assets.engines.database.shares import in_shares
from admw_assets.engines.database.sides import Sides, comparison_key, joined_on, sides_of


def compare_final(
    database: Database, file: str, table: Table, settings: TableSettings, limit: int
) -> FinalComparison:
    """Compare on the key; tables without one as multisets of hashes."""
    with database.reading() as connection:
        sides = sides_of(connection, database, file, table, settings)
        key = comparison_key(table)
        if key:
            return _compare_keys(database, sides, key, limit)
        compared = compare_hashes(
            connection,
            select(sides.preliminary_hash.label("hash")).where(sides.brought),
            select(sides.final_hash.label("hash")).where(sides.arrived),
            limit,
        )
        return with_values(sides, compared) if compared.differences else compared


def _compare_keys(
    database: Database, sides: Sides, key: list[Column], limit: int
) -> FinalComparison:
    """One pass counts by bucket of records; only red buckets are looked at again."""
    joined = joined_on(sides, key)
    absent = sides.final_value(key[0]).is_(None)
    changed = and_(~absent, sides.final_hash != sides.preliminary_hash)
    preliminary_rows, missing, altered, red = _buckets(database, sides, joined, absent, changed)
    (final_rows,) = sides.connection.execute(select(func.count()).where(sides.arrived)).one()
    matched = preliminary_rows - missing
    extra = [] if matched == final_rows else extra_rows(sides, key, limit)
    number = len(extra) if len(extra) < limit else count_extra(sides, key)
    # A key that stands twice in the preliminary table meets the same final row twice.
    doubled = matched - (final_rows - number)
    counts = {
        DifferenceKind.MISSING: missing + doubled,
        DifferenceKind.EXTRA: number,
        DifferenceKind.CHANGED: altered,
    }
    place_for_extra = min(len(extra), max(limit // 4, 1))
    query = select(*_place(sides, key), _int(absent), *_column_verdicts(sides)).select_from(joined)
    differences = _differences(
        sides, key, query.where(sides.brought, or_(absent, changed)), red, limit - place_for_extra
    )
    return FinalComparison(
        preliminary_rows,
        final_rows,
        {kind: count for kind, count in counts.items() if count},
        (*differences, *extra[: limit - len(differences)]),
    )


def _buckets(
    database: Database,
    sides: Sides,
    joined: Join,
    absent: ColumnElement[bool],
    changed: ColumnElement[bool],
) -> tuple[int, int, int, list[Range]]:
    """Rows, missing rows, changed rows, and the ranges of records in which any of these are."""
    record = sides.preliminary.c[RECORD_COLUMN]
    mine = sides.preliminary.c[ORIGIN_COLUMN] == sides.file
    last_record = sides.connection.execute(select(func.max(record)).where(mine)).scalar()
    size = records_per_bucket(last_record)
    first = bucket_start(record, size).label("first")
    query = (
        select(first, func.count(), func.sum(_int(absent)), func.sum(_int(changed)))
        .select_from(joined)
        .where(sides.brought)
        .group_by(first)
    )
    rows = missing = altered = 0
    red: list[int] = []
    for start, number, absent_rows, changed_rows in in_shares(
        database, query, record, last_record, size
    ):
        rows, missing = rows + int(number), missing + int(absent_rows)
        altered += int(changed_rows)
        if absent_rows or changed_rows:
            red.append(int(start) // size)
    return rows, missing, altered, ranges_of(red, size)


def _int(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _place(sides: Sides, key: list[Column]) -> list[ColumnElement[Any]]:
    return [
        sides.preliminary.c[RECORD_COLUMN],
        sides.preliminary.c[ROW_COLUMN],
        *(shown_text(sides.connection, sides.settings, c, sides.preliminary_value(c)) for c in key),
    ]


def _column_verdicts(sides: Sides) -> list[ColumnElement[int]]:
    """For each loaded column 1 where its canonical texts differ."""

    def text(column: Column, value: ColumnElement[Any]) -> ColumnElement[str]:
        return canonical_text(sides.connection, sides.settings, column, value)

    return [
        cast(
            text(c, sides.preliminary_value(c)).is_distinct_from(text(c, sides.final_value(c))),
            Integer,
        )
        for c in sides.table.loaded_columns
    ]


def _differences(
    sides: Sides, key: list[Column], query: Select, red: list[Range], limit: int
) -> list[Difference]:
    """Missing and changed rows of the red ranges, in record order."""
    record, row = sides.preliminary.c[RECORD_COLUMN], sides.preliminary.c[ROW_COLUMN]
    found: list[Difference] = []
    for some in chunks(red):
        if len(found) >= limit:
            break
        part = query.where(within(record, some)).order_by(record, row).limit(limit - len(found))
        found += [_difference(sides, key, values) for values in sides.connection.execute(part)]
    return found


def _difference(sides: Sides, key: list[Column], row: Row) -> Difference:
    record, number, *rest = tuple(row)
    texts, is_absent, verdicts = rest[: len(key)], rest[len(key)], rest[len(key) + 1 :]
    kind, columns = DifferenceKind.MISSING, ()
    if not is_absent:
        names = (c.name for c in sides.table.loaded_columns)
        kind = DifferenceKind.CHANGED
        columns = tuple(name for name, differs in zip(names, verdicts, strict=True) if differs)
    return Difference(kind, masked(sides.settings, key, texts), record, number, columns)
