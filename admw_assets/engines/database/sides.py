"""The two tables of the final comparison and how their rows belong together; core, SQLAlchemy."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Join, and_
from sqlalchemy import Table as SqlTable

from admw_assets.core.migration import ORIGIN_COLUMN, TableSettings
from admw_assets.core.schema import Column, Table
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.dialect import Dialect
from admw_assets.engines.database.row_hash import row_hash
from admw_assets.engines.database.table_definitions import (
    LOADED,
    ROW_HASH_COLUMN,
    STATUS_COLUMN,
    final_of,
    preliminary_column,
    preliminary_table,
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both tables of one comparison, and what is needed to speak about their rows."""

    connection: Connection
    dialect: Dialect
    file: str
    table: Table
    settings: TableSettings
    preliminary: SqlTable
    final: SqlTable

    def preliminary_value(self, column: Column) -> ColumnElement[Any]:
        """A preliminary value as the final table prints it."""
        value = self.preliminary.c[preliminary_column(self.settings, column)]
        return self.dialect.as_final(self.connection, column, value)

    def final_value(self, column: Column) -> ColumnElement[Any]:
        """A value of the final table."""
        return self.final.c[column.name]

    @property
    def preliminary_hash(self) -> ColumnElement[str]:
        """The stored hash; computed where the final table prints a value differently."""
        if self.dialect.prints_otherwise(self.connection, self.table):
            return row_hash(self.connection, self.table, self.settings, self.preliminary_value)
        return self.preliminary.c[ROW_HASH_COLUMN]

    @property
    def final_hash(self) -> ColumnElement[str]:
        """The hash of what stands in the final table."""
        return row_hash(self.connection, self.table, self.settings, self.final_value)

    @property
    def brought(self) -> ColumnElement[bool]:
        """The condition that a preliminary row of the file should be in the final table."""
        return and_(
            self.preliminary.c[ORIGIN_COLUMN] == self.file,
            self.preliminary.c[STATUS_COLUMN] == LOADED,
        )

    @property
    def arrived(self) -> ColumnElement[bool]:
        """The condition that a final row is of the file."""
        return self.final.c[ORIGIN_COLUMN] == self.file


def sides_of(
    connection: Connection, database: Database, file: str, table: Table, settings: TableSettings
) -> Sides:
    """Both tables of one (file, table), on an open connection."""
    preliminary, final = preliminary_table(table, settings), final_of(table)
    return Sides(connection, database.dialect, file, table, settings, preliminary, final)


def comparison_key(table: Table) -> list[Column]:
    """The primary key, or else the first unique key without NULLs, or nothing."""
    candidates = [table.primary_key, *(key.columns for key in table.unique_keys)]
    for names in candidates:
        columns = [table.column(name) for name in names]
        never_null = names == table.primary_key or not any(c.nullable for c in columns)
        if columns and never_null and not any(c.generated for c in columns):
            return columns
    return []


def joined_on(sides: Sides, key: list[Column]) -> Join:
    """Every preliminary row with the file's final row of the same key, where there is one."""
    same_key = (
        sides.preliminary.c[preliminary_column(sides.settings, c)] == sides.final_value(c)
        for c in key
    )
    return sides.preliminary.outerjoin(sides.final, and_(sides.arrived, *same_key))
