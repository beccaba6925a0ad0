"""The values of single rows as canonical texts, both sides of a comparison; core and SQLAlchemy.

What comes back is raw: whoever shows it masks it first (core.masking).
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from admw_assets.core.masking import Values
from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.ports import RowPair
from admw_assets.core.schema import Table
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.row_hash import canonical_texts
from admw_assets.engines.database.sides import comparison_key, joined_on, sides_of
from admw_assets.engines.database.table_definitions import preliminary_column, preliminary_table

Place = tuple[int, int]


def preliminary_values(
    database: Database, file: str, table: Table, settings: TableSettings, rows: Collection[Place]
) -> Mapping[Place, Values]:
    """The texts of these rows (record, row within the record) that are there."""
    preliminary = preliminary_table(table, settings)
    record, row = preliminary.c[RECORD_COLUMN], preliminary.c[ROW_COLUMN]
    with database.reading() as connection:
        texts = canonical_texts(
            connection, table, settings, lambda c: preliminary.c[preliminary_column(settings, c)]
        )
        query = select(record, row, *texts).where(
            preliminary.c[ORIGIN_COLUMN] == file, record.in_(sorted({r for r, _ in rows}))
        )
        found = [tuple(values) for values in connection.execute(query)]
    names = _names(table)
    return {
        (number, place): dict(zip(names, values, strict=True))
        for number, place, *values in found
        if (number, place) in rows
    }


def final_pairs(
    database: Database, file: str, table: Table, settings: TableSettings, rows: Collection[Place]
) -> list[RowPair]:
    """These preliminary rows with the final rows that have their keys, in record order.

    Nothing for a table without a key: there is no telling which row became which.
    """
    key = comparison_key(table)
    if not key:
        return []
    with database.reading() as connection:
        sides = sides_of(connection, database, file, table, settings)
        preliminary = sides.preliminary
        record, row = preliminary.c[RECORD_COLUMN], preliminary.c[ROW_COLUMN]
        query = (
            select(
                record,
                row,
                sides.final.c[ORIGIN_COLUMN],
                *canonical_texts(connection, table, settings, sides.preliminary_value),
                *canonical_texts(connection, table, settings, sides.final_value),
            )
            .select_from(joined_on(sides, key))
            .where(preliminary.c[ORIGIN_COLUMN] == file, record.in_(sorted({r for r, _ in rows})))
            .order_by(record, row)
        )
        found = [tuple(values) for values in connection.execute(query)]
    return [
        _pair(table, number, place, origin is not None, values)
        for number, place, origin, *values in found
        if (number, place) in rows
    ]


def _pair(
    table: Table, record: int, row: int, is_there: bool, values: Sequence[str | None]
) -> RowPair:
    names = _names(table)
    delivered = dict(zip(names, values[: len(names)], strict=True))
    found = dict(zip(names, values[len(names) :], strict=True)) if is_there else None
    return RowPair(record, row, delivered, found)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.loaded_columns]
