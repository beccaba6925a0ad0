"""Rows given as texts, put into a database and read back as canonical texts and row hashes."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.types import UserDefinedType

from admw_assets.core.canonical import HashSum, canonical_text, row_hash
from admw_assets.core.schema import Column, TypeKind
from admw_assets.engines.database import canonical_sqlite
from admw_assets.engines.database.canonical import canonical_for

Row = Sequence[str | None]
Rendered = tuple[tuple[str | None, ...], str]
"""The canonical texts of a row and its row hash."""

_SQLITE_TYPES = {
    TypeKind.INTEGER: sa.INTEGER,
    TypeKind.BOOLEAN: sa.INTEGER,
    TypeKind.BIT: sa.INTEGER,
    TypeKind.YEAR: sa.INTEGER,
    TypeKind.FLOAT: sa.REAL,
    TypeKind.DOUBLE: sa.REAL,
    TypeKind.BINARY: sa.BLOB,
    TypeKind.VARBINARY: sa.BLOB,
    TypeKind.BLOB: sa.BLOB,
}


class _AsWritten(UserDefinedType[Any]):
    cache_ok = True

    def __init__(self, spelled: str) -> None:
        self.spelled = spelled

    def get_col_spec(self, **_: object) -> str:
        return self.spelled


def database_engine(url: str) -> sa.Engine:
    """An engine whose sessions are set up as row hashes need it."""
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: canonical_sqlite.register(raw))
    else:
        utc = "SET time_zone = '+00:00'"
        event.listen(engine, "connect", lambda raw, _: raw.cursor().execute(utc))
    return engine


def make_table(
    connection: sa.Connection, columns: Sequence[Column], name: str = "sample"
) -> sa.Table:
    """A table with a column `id` and then these, as the connection's database keeps them."""
    dialect = connection.dialect.name
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("id", sa.INTEGER, primary_key=True, autoincrement=False),
        *(sa.Column(f"c{i}", _type(dialect, column)) for i, column in enumerate(columns)),
        mysql_charset="utf8mb4",
    )
    table.create(connection)
    return table


def render_with_python(
    columns: Sequence[Column], rows: Sequence[Row], decimals: Sequence[int | None]
) -> list[Rendered]:
    """By core.canonical alone."""
    rendered: list[Rendered] = []
    for row in rows:
        cells = zip(columns, row, decimals, strict=True)
        texts = tuple(canonical_text(column.type, text, places) for column, text, places in cells)
        rendered.append((texts, row_hash(texts)))
    return rendered


def render_in_database(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[Column],
    rows: Sequence[Row],
    decimals: Sequence[int | None],
) -> list[Rendered]:
    """By the database, which keeps the rows (and only them) in `table`."""
    put_rows(connection, table, columns, rows)
    builders = canonical_for(connection.dialect.name)
    cells = [
        (column, table.c[f"c{i}"], places)
        for i, (column, places) in enumerate(zip(columns, decimals, strict=True))
    ]
    texts = [builders.canonical_sql(*cell).label(f"text_{i}") for i, cell in enumerate(cells)]
    query = sa.select(builders.row_hash_sql(cells), *texts).order_by(table.c.id)
    return [(tuple(texts), digest) for digest, *texts in connection.execute(query)]


def put_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[Column], rows: Sequence[Row]
) -> None:
    """Replace what the table holds, with values in the form that the loaders give them."""
    dialect = connection.dialect.name
    connection.execute(sa.delete(table))
    values = [
        {"id": number}
        | {
            f"c{i}": _stored(dialect, column, text)
            for i, (column, text) in enumerate(zip(columns, row, strict=True))
        }
        for number, row in enumerate(rows)
    ]
    connection.execute(sa.insert(table), values)


def sum_in_database(connection: sa.Connection, hashes: sa.ColumnElement[str]) -> HashSum:
    """The HashSum over a column (or expression) of hashes."""
    count, high, low = canonical_for(connection.dialect.name).hash_sum_sql(hashes)
    return HashSum(*connection.execute(sa.select(count, high, low)).one())


def _type(dialect: str, column: Column) -> Any:
    if dialect == "mysql":
        return _AsWritten(column.type.sql)
    if _needs_64_bits(column):
        return sa.TEXT()
    return _SQLITE_TYPES.get(column.type.kind, sa.TEXT)()


def _stored(dialect: str, column: Column, text: str | None) -> object:
    if text is None:
        return None
    kind = column.type.kind
    if kind.is_binary:
        return bytes.fromhex(text)
    if dialect == "mysql":
        return int(text) if kind is TypeKind.BIT else text
    if kind in (TypeKind.FLOAT, TypeKind.DOUBLE):
        return float(text)
    if kind.is_text or kind is TypeKind.JSON:
        return text
    return canonical_text(column.type, text)


def _needs_64_bits(column: Column) -> bool:
    """True where values can be above SQLite's greatest integer: they are kept as TEXT."""
    is_long_bit = column.type.kind is TypeKind.BIT and column.type.length == 64
    return is_long_bit or (column.type.maximum or 0) >= 2**63
