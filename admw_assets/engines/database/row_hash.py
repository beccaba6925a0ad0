"""Row hashes and canonical texts of rows, as the server computes them; imports core, SQLAlchemy."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, func

from admw_assets.core.canonical import HashSum
from admw_assets.core.migration import TableSettings
from admw_assets.core.schema import Column, Table
from admw_assets.engines.database.canonical import canonical_for

NULL_SHOWN = "NULL"
MASK = "***"

Value = Callable[[Column], ColumnElement[Any]]
"""Where the value of a column stands: in a preliminary or in a final table."""


def row_hash(
    connection: Connection, table: Table, settings: TableSettings, value: Value
) -> ColumnElement[str]:
    """The row hash over the loaded columns."""
    return canonical_for(connection.dialect.name).row_hash_sql(
        [(c, value(c), decimals(settings, c)) for c in table.loaded_columns]
    )


def canonical_text(
    connection: Connection, settings: TableSettings, column: Column, value: ColumnElement[Any]
) -> ColumnElement[str]:
    """The canonical text of one value; NULL for NULL."""
    return canonical_for(connection.dialect.name).canonical_sql(
        column, value, decimals(settings, column)
    )


def canonical_texts(
    connection: Connection,
    table: Table,
    settings: TableSettings,
    value: Value,
    longest: int | None = None,
) -> list[ColumnElement[str]]:
    """The canonical texts of the loaded columns; only so many characters where they are shown."""
    texts = [canonical_text(connection, settings, c, value(c)) for c in table.loaded_columns]
    return texts if longest is None else [func.substr(text, 1, longest) for text in texts]


def shown_text(
    connection: Connection, settings: TableSettings, column: Column, value: ColumnElement[Any]
) -> ColumnElement[str]:
    """The canonical text of one value for people: NULL as `NULL`."""
    return func.coalesce(canonical_text(connection, settings, column, value), NULL_SHOWN)


def masked(
    settings: TableSettings, columns: Iterable[Column], texts: Iterable[str]
) -> dict[str, str]:
    """Texts by column name, those of PII columns masked."""
    pii = {name.casefold() for name in settings.pii}
    return {
        column.name: MASK if column.name.casefold() in pii else text
        for column, text in zip(columns, texts, strict=True)
    }


def hash_sum_columns(
    connection: Connection, hash_column: ColumnElement[Any]
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """The aggregates that `hash_sum` puts together."""
    return canonical_for(connection.dialect.name).hash_sum_sql(hash_column)


def hash_sum(count: int, high: int, low: int) -> str:
    """The HashSum text of what the server added up."""
    return HashSum(int(count), int(high), int(low)).text


def decimals(settings: TableSettings, column: Column) -> int | None:
    """How many decimals of a FLOAT or DOUBLE column count, where migration.yaml says so."""
    for name, number in settings.float_decimals.items():
        if name.casefold() == column.name.casefold():
            return number
    return None
