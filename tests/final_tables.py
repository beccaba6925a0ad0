"""Reads target tables directly, past ADMW, into canonical texts (DATETIME columns as (3))."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

Row = tuple[str | None, ...]


def read_rows(database_url: str, table: str, columns: Sequence[str]) -> list[Row]:
    """All rows of a table, these columns, as texts; NULL is None."""
    engine = sa.create_engine(database_url)
    target = sa.table(table, *(sa.column(name) for name in columns))
    try:
        with engine.connect() as connection:
            rows = connection.execute(sa.select(*(target.c[name] for name in columns)))
            return [tuple(_text(value) for value in row) for row in rows]
    finally:
        engine.dispose()


def count_rows(database_url: str, table: str) -> int:
    """The number of rows of a table."""
    engine = sa.create_engine(database_url)
    try:
        with engine.connect() as connection:
            counted = sa.select(sa.func.count()).select_from(sa.table(table))
            return connection.execute(counted).scalar_one()
    finally:
        engine.dispose()


def _text(value: object) -> str | None:
    """The canonical text of what a driver returns; a float would have lost digits."""
    match value:
        case None | str():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(" ", timespec="milliseconds")
        case date() | int():
            return str(value)
        case _:
            raise AssertionError(f"{value!r} is no exact value")
