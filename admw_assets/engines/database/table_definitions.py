"""Preliminary and final tables as SQLAlchemy knows them; imports core and SQLAlchemy.

Values pass as the driver gives them: a RawType only names the type in DDL. Times are UTC.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    literal_column,
    select,
)
from sqlalchemy import table as lightweight_table
from sqlalchemy.types import UserDefinedType

from admw_assets.core.configuration import ExtraColumns
from admw_assets.core.migration import (
    EXTRA_COLUMN,
    ORIGIN_COLUMN,
    RECORD_COLUMN,
    ROW_COLUMN,
    TableSettings,
)
from admw_assets.core.preliminary_names import prefixed
from admw_assets.core.schema import Column as ModelColumn
from admw_assets.core.schema import Table as ModelTable
from admw_assets.engines.database.own_tables import (
    MYSQL_OPTIONS,
    ascii_text,
    exact_text,
    hash_text,
    long_text,
)

SOURCE_HASH_COLUMN = "admw_source_hash"
ROW_HASH_COLUMN = "admw_row_hash"
RUN_COLUMN = "admw_run_id"
STATUS_COLUMN = "admw_status"
LOADED_AT_COLUMN = "admw_loaded_at"
LOADED = "loaded"
REJECTED = "rejected"  # by the final stage
WAITING = "waiting"  # came by a replay after the final stage, which is to take it yet


class RawType(UserDefinedType[Any]):
    """A type by its SQL text; values pass through untouched."""

    cache_ok = True

    def __init__(self, sql: str = "") -> None:
        self.sql = sql

    def get_col_spec(self, **_: object) -> str:
        """The type as the DDL names it."""
        return self.sql


def preliminary_column(settings: TableSettings, column: ModelColumn) -> str:
    """The preliminary name of a column."""
    return prefixed(settings.column_prefix, column.name)


def preliminary_table(
    table: ModelTable, settings: TableSettings, types: Mapping[str, str] | None = None
) -> Table:
    """The preliminary table; `types` (SQL by final column name) are needed for its DDL only."""
    columns = table.loaded_columns
    # JSON as text, as it was written: MySQL's own type would sort the names.
    keeps = settings.extra_columns is ExtraColumns.KEEP
    extra = [Column(EXTRA_COLUMN, long_text())] if keeps else []
    return Table(
        settings.preliminary_name,
        MetaData(),
        Column(ORIGIN_COLUMN, exact_text(255), nullable=False),
        Column(RECORD_COLUMN, BigInteger, nullable=False, autoincrement=False),
        Column(ROW_COLUMN, Integer, nullable=False, autoincrement=False),
        *(
            Column(preliminary_column(settings, c), RawType((types or {}).get(c.name, "")))
            for c in columns
        ),
        *extra,
        Column(SOURCE_HASH_COLUMN, hash_text()),
        Column(ROW_HASH_COLUMN, hash_text(), nullable=False),
        Column(RUN_COLUMN, exact_text(64), nullable=False),
        Column(STATUS_COLUMN, ascii_text(16), nullable=False, server_default=LOADED),
        Column(LOADED_AT_COLUMN, DateTime, nullable=False),
        PrimaryKeyConstraint(ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN),
        sqlite_with_rowid=False,  # rows come in the order of this key; SQLite keeps it once
        **MYSQL_OPTIONS,
    )


@lru_cache(maxsize=1024)
def final_table(name: str, columns: tuple[str, ...]) -> Table:
    """A final table as far as statements name it: these columns, and the origin file name."""
    return Table(
        name,
        MetaData(),
        *(Column(column, RawType()) for column in columns),
        Column(ORIGIN_COLUMN, exact_text(255)),
    )


def final_of(table: ModelTable) -> Table:
    """The final table with its loaded columns."""
    return final_table(table.name, tuple(column.name for column in table.loaded_columns))


def column_names(connection: Connection, table: str) -> list[str]:
    """The columns that a table really has."""
    nothing = select(literal_column("*")).select_from(lightweight_table(table)).limit(0)
    return list(connection.execute(nothing).keys())
