"""Creating what a migration needs in its database; imports core and SQLAlchemy."""

from typing import Any

from sqlalchemy import Column, Connection, func, inspect, select
from sqlalchemy.schema import CreateColumn, CreateTable, DropTable

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration import EXTRA_COLUMN, Migration, TableSettings
from admw_assets.core.schema import Schema, Table
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.dialect import Dialect
from admw_assets.engines.database.own_tables import ADMW_METADATA
from admw_assets.engines.database.table_definitions import (
    column_names,
    preliminary_table,
)


def initialize(database: Database, migration: Migration) -> list[str]:
    """Create ADMW's own tables, the final and the preliminary ones, as far as they are missing.

    Returns a sentence per thing that was made. Raises ConfigurationError where a table is there
    already and lacks columns.
    """
    schema, dialect = migration.schema, database.dialect
    tables = [schema.table(name) for wave in migration.waves for name in wave]
    made: list[str] = []
    with database.writing() as connection:
        made += _create_own_tables(connection)
    # Tables may refer to each other in circles, so no statement can wait for its parents.
    with database.writing(foreign_keys=False) as connection:
        for table in tables:
            made += _create_final(connection, dialect, schema, table)
    with database.writing() as connection:
        made += dialect.add_alterations(connection, schema)
        for table in tables:
            made += _create_preliminary(connection, dialect, table, migration.settings(table.name))
    return made


def _create_own_tables(connection: Connection) -> list[str]:
    made: list[str] = []
    for table in ADMW_METADATA.sorted_tables:
        if not inspect(connection).has_table(table.name):
            table.create(connection, checkfirst=True)
            made.append(f"Created table {table.name}.")
            continue
        for name in _missing(connection, table.name, list(table.columns.keys())):
            _add_column(connection, table.columns[name])
            made.append(f"Added column {name} to table {table.name}.")
    return made


def _add_column(connection: Connection, column: Column[Any]) -> None:
    """Complete a table that an earlier version has made."""
    preparer = connection.dialect.identifier_preparer
    table = preparer.format_table(column.table)
    definition = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {definition}")


def _create_final(
    connection: Connection, dialect: Dialect, schema: Schema, table: Table
) -> list[str]:
    if not inspect(connection).has_table(table.name):
        dialect.create_final(connection, schema, table)
        return [f"Created table {table.name}."]
    wanted = [column.name for column in table.loaded_columns]
    missing = _missing(connection, table.name, wanted)
    if missing:
        raise ConfigurationError(
            f"Table {table.name!r} is there without {', '.join(map(repr, missing))}.",
            next_step="Alter the table, or change schema.sql, until both agree.",
            table=table.name,
        )
    if dialect.add_origin_column(connection, table):
        return [f"Added the origin file name to table {table.name}."]
    return []


def _create_preliminary(
    connection: Connection, dialect: Dialect, table: Table, settings: TableSettings
) -> list[str]:
    types = dialect.preliminary_types(connection, table)
    wanted = preliminary_table(table, settings, types)
    if not inspect(connection).has_table(wanted.name):
        connection.execute(CreateTable(wanted, if_not_exists=True))
        return [f"Created table {wanted.name}."]
    missing = _missing(connection, wanted.name, [column.name for column in wanted.columns])
    if not missing:
        return []
    if missing == [EXTRA_COLUMN]:  # asked for later; rows of before have no extra columns
        _add_column(connection, wanted.columns[EXTRA_COLUMN])
        return [f"Added column {EXTRA_COLUMN} to table {wanted.name}."]
    if connection.execute(select(func.count()).select_from(wanted)).scalar_one():
        raise ConfigurationError(
            f"Table {wanted.name!r} has rows, but lacks {', '.join(map(repr, missing))}, which"
            " schema.sql has now.",
            next_step="Undo the preliminary stage of its files, then run `admw db init` again.",
            table=wanted.name,
        )
    connection.execute(DropTable(wanted))
    connection.execute(CreateTable(wanted))
    return [f"Created table {wanted.name} anew: it was empty and lacked columns."]


def _missing(connection: Connection, table: str, wanted: list[str]) -> list[str]:
    present = {name.casefold() for name in column_names(connection, table)}
    return [name for name in wanted if name.casefold() not in present]
