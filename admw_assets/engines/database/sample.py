"""The first rows of a file, for people to look at; imports core and SQLAlchemy."""

from collections.abc import Sequence

from sqlalchemy import select

from admw_assets.core.canonical_text import readable_text
from admw_assets.core.masking import Masking
from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.schema import Column, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.row_hash import NULL_SHOWN, canonical_texts
from admw_assets.engines.database.table_definitions import (
    final_of,
    preliminary_column,
    preliminary_table,
)


def first_rows(
    database: Database, file: str, table: Table, settings: TableSettings, stage: Stage, limit: int
) -> list[dict[str, str]]:
    """The first rows in record order (preliminary) or key order (final), by column name.

    Personal values are masked: the same value has the same mark within these rows only.
    """
    columns = table.loaded_columns
    if stage is Stage.PRELIMINARY:
        source = preliminary_table(table, settings)
        names = {c.name: preliminary_column(settings, c) for c in columns}
        order = [source.c[RECORD_COLUMN], source.c[ROW_COLUMN]]
    else:
        source = final_of(table)
        names = {c.name: c.name for c in columns}
        order = [source.c[table.column(name).name] for name in table.primary_key]
    masking = Masking.of(settings.pii)
    with database.reading() as connection:
        texts = canonical_texts(connection, table, settings, lambda c: source.c[names[c.name]])
        query = select(*texts).where(source.c[ORIGIN_COLUMN] == file).order_by(*order).limit(limit)
        rows = [tuple(row) for row in connection.execute(query)]
    return [_shown(masking, columns, row) for row in rows]


def _shown(
    masking: Masking, columns: Sequence[Column], texts: Sequence[str | None]
) -> dict[str, str]:
    values = {c.name: readable_text(c.type, text) for c, text in zip(columns, texts, strict=True)}
    (row,) = masking.rows(values)
    return {name: NULL_SHOWN if text is None else text for name, text in (row or {}).items()}
