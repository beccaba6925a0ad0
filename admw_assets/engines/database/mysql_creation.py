"""Final tables on MySQL, from the statements of schema.sql; imports core, SQLAlchemy, sqlglot."""

from collections.abc import Mapping

from sqlalchemy import Connection, inspect, literal, text
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint
from sqlglot import exp, parse_one

from admw_assets.core.migration import ORIGIN_COLUMN
from admw_assets.core.schema import Schema, Table, TypeKind
from admw_assets.engines.database.table_definitions import column_names

_ZERO_DATES = ("NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL")
_ORIGIN_INDEX = "admw_origin"
_ORIGIN_TYPE = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL"
JSON_TEXT = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL"


def create_final(connection: Connection, table: Table) -> None:
    """Carry out the table's own statement with the origin column and its index in it."""
    _execute(connection, final_statement(table).sql(dialect="mysql"))


def final_statement(table: Table) -> exp.Expr:
    """The table's own statement with the origin column and its index in it."""
    statement = parse_one(table.ddl, dialect="mysql")
    statement.set("exists", True)
    additions = parse_one(
        f"CREATE TABLE t ({ORIGIN_COLUMN} {_ORIGIN_TYPE}, INDEX {_ORIGIN_INDEX} ({ORIGIN_COLUMN}))",
        dialect="mysql",
    )
    body = statement.this
    body.set("expressions", [*body.expressions, *additions.this.expressions])
    return statement


def add_origin_column(connection: Connection, table: Table) -> bool:
    """Add the origin column and its index where they are missing; says whether one was."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    columns = column_names(connection, table.name)
    indexes = [index["column_names"] for index in inspect(connection).get_indexes(table.name)]
    changes: list[str] = []
    if ORIGIN_COLUMN not in columns:
        changes.append(f"ADD COLUMN {ORIGIN_COLUMN} {_ORIGIN_TYPE}")
    if not any(index and index[0] == ORIGIN_COLUMN for index in indexes):
        changes.append(f"ADD INDEX {_ORIGIN_INDEX} ({ORIGIN_COLUMN})")
    if changes:
        _execute(connection, f"ALTER TABLE {quote(table.name)} {', '.join(changes)}")
    return bool(changes)


def add_alterations(connection: Connection, schema: Schema) -> list[str]:
    """Add the foreign keys that came in ALTER TABLE statements and are not in force yet."""
    made: list[str] = []
    for table, statement in schema.alterations:
        wanted = _foreign_key_columns(statement)
        present = inspect(connection).get_foreign_keys(table)
        if wanted and all(_is_there(key, present) for key in wanted):
            continue
        _execute(connection, statement)
        made.append(f"Added foreign keys to table {table}.")
    return made


def preliminary_types(connection: Connection, table: Table) -> Mapping[str, str]:
    """The types of the columns with their collations, as the final table really has them.

    A collation may come from the column, the table or the database: the server knows. JSON is
    kept as the text that the file brought.
    """
    rows = connection.execute(
        text(
            "SELECT column_name, column_type, character_set_name, collation_name"
            " FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = :name"
        ),
        {"name": table.name},
    )
    declared: dict[str, str] = {}
    for name, sql, character_set, collation in rows:
        if character_set:
            sql = f"{sql} CHARACTER SET {character_set} COLLATE {collation}"
        # PyMySQL reads a lone percent sign (of an ENUM member) as a placeholder.
        declared[name.casefold()] = f"{sql} NULL".replace("%", "%%")
    return {
        column.name: JSON_TEXT
        if column.type.kind is TypeKind.JSON
        else declared[column.name.casefold()]
        for column in table.loaded_columns
    }


def _foreign_key_columns(statement: str) -> list[tuple[str, ...]]:
    tree = parse_one(statement, dialect="mysql")
    return [
        tuple(column.name.casefold() for column in key.expressions)
        for key in tree.find_all(exp.ForeignKey)
    ]


def _is_there(columns: tuple[str, ...], present: list[ReflectedForeignKeyConstraint]) -> bool:
    return any(
        tuple(name.casefold() for name in key["constrained_columns"]) == columns for key in present
    )


def _execute(connection: Connection, statement: str) -> None:
    """Carry out DDL as it stands: without parameters a percent sign is a percent sign.

    Zero dates may stand in DEFAULTs, as in many old schemas: no default is ever used, for the
    files bring every value.
    """
    mode = connection.exec_driver_sql("SELECT @@SESSION.sql_mode").scalar_one()
    kept = ",".join(word for word in mode.split(",") if word not in _ZERO_DATES)
    _set_mode(connection, kept)
    try:
        # For this statement alone: on the connection it would hold for all that follow.
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    finally:
        _set_mode(connection, mode)


def _set_mode(connection: Connection, mode: str) -> None:
    quoted = literal(mode).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    connection.exec_driver_sql(f"SET SESSION sql_mode = {quoted}")
