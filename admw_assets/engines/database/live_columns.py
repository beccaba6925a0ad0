"""The columns that a table really has, read as schema.sql is; imports core and SQLAlchemy."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from admw_assets.core.column_types import column_type
from admw_assets.core.errors import SchemaError
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.core.sql_statements import Statement
from admw_assets.core.type_spelling import read_type

_OLD_UTF8 = ("utf8_", "utf8mb3_")


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """A column as the server describes it; `type` is None where MySQL has no such type."""

    name: str
    sql: str
    nullable: bool
    generated: bool
    type: ColumnType | None = None


def live_columns(connection: Connection, table: str) -> dict[str, LiveColumn]:
    """The columns by their name in small letters."""
    read = _sqlite_columns if connection.dialect.name == "sqlite" else _mysql_columns
    return {column.name.casefold(): column for column in read(connection, table)}


def mysql_engine(connection: Connection, table: str) -> str:
    """The storage engine of a table."""
    query = text(
        "SELECT engine FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name = :name"
    )
    return str(connection.execute(query, {"name": table}).scalar_one())


def same_type(expected: ColumnType, found: LiveColumn) -> bool:
    """True where both take the same values; character sets and collations left aside.

    BOOLEAN is TINYINT(1), and MariaDB keeps JSON as LONGTEXT.
    """
    if found.type is None:
        return False
    if expected.kind is TypeKind.JSON and found.type.sql == "LONGTEXT":
        return True
    return _values(expected) == _values(found.type)


def differing_collation(expected: ColumnType, found: LiveColumn) -> tuple[str, str] | None:
    """What schema.sql names and what is there; None where it names nothing or they agree."""
    if found.type is None or expected.kind is TypeKind.JSON:
        return None
    for wanted, actual in (
        (expected.collation, found.type.collation),
        (expected.character_set, found.type.character_set),
    ):
        if wanted is not None and actual is not None and _modern(wanted) != _modern(actual):
            return wanted, actual
    return None


def _values(kind: ColumnType) -> ColumnType:
    """The type without what does not bound its values."""
    bare = replace(kind, sql="", character_set=None, collation=None)
    if kind.kind is TypeKind.BOOLEAN:
        return replace(bare, kind=TypeKind.INTEGER, minimum=-128, maximum=127)
    if kind.kind in (TypeKind.FLOAT, TypeKind.DOUBLE):
        return replace(bare, unsigned=False)  # became a CHECK
    return bare


def _modern(name: str) -> str:
    """utf8 is what utf8mb3 was called."""
    for old in _OLD_UTF8:
        if f"{name}_".startswith(old):
            return "utf8mb3" + name[len(old) - 1 :]
    return name


def _mysql_columns(connection: Connection, table: str) -> list[LiveColumn]:
    rows = connection.execute(
        text(
            "SELECT column_name, column_type, is_nullable, character_set_name, collation_name,"
            " generation_expression FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = :name ORDER BY ordinal_position"
        ),
        {"name": table},
    )
    return [
        LiveColumn(name, sql, nullable == "YES", bool(computed), _read(sql, characters, collation))
        for name, sql, nullable, characters, collation, computed in rows
    ]


def _read(sql: str, character_set: str | None, collation: str | None) -> ColumnType | None:
    try:
        spelling = read_type(Statement(sql, 1).tokens())
        return column_type(spelling, character_set, collation)
    except SchemaError:  # a type that only this server has
        return None


def _sqlite_columns(connection: Connection, table: str) -> list[LiveColumn]:
    query = text('SELECT name, type, "notnull", hidden FROM pragma_table_xinfo(:name)')
    return [
        LiveColumn(name, sql, not required, hidden > 1)
        for name, sql, required, hidden in connection.execute(query, {"name": table})
        if hidden != 1
    ]
