"""Final tables on SQLite, from the model; imports core and SQLAlchemy.

The declared names tell the type of MySQL and, by SQLite's rules (https://sqlite.org/datatype3.html
3.1), give the affinity that keeps its values exactly: what contains INT is INTEGER, then CHAR,
CLOB, TEXT are TEXT, then BLOB is BLOB, then REAL, FLOA, DOUB are REAL; all else is NUMERIC, which
turns long decimals into binary fractions and therefore never occurs here. Generated columns and
defaults are left out: their expressions are MySQL's.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.schema import CreateIndex, CreateTable

from admw_assets.core.migration import ORIGIN_COLUMN
from admw_assets.core.schema import ColumnType, ForeignKey, Schema, Table, TypeKind
from admw_assets.engines.database.staged_rows import Value
from admw_assets.engines.database.table_definitions import RawType, column_names

_LARGEST_INTEGER = 2**63 - 1
_WIDE_BITS = 64  # BIT(64) holds more than a signed integer


class Affinity(StrEnum):
    """SQLite's storage classes, as far as they occur here."""

    INTEGER = "INTEGER"
    TEXT = "TEXT"
    BLOB = "BLOB"
    REAL = "REAL"


STORAGES: Mapping[Affinity, Callable[[str], Value]] = MappingProxyType(
    {
        Affinity.INTEGER: int,
        Affinity.TEXT: str,
        Affinity.BLOB: bytes.fromhex,
        Affinity.REAL: float,
    }
)
"""What makes the stored value of a staged text."""

_AFFINITIES: Mapping[TypeKind, Affinity] = MappingProxyType(
    {
        TypeKind.INTEGER: Affinity.INTEGER,
        TypeKind.BOOLEAN: Affinity.INTEGER,
        TypeKind.BIT: Affinity.INTEGER,
        TypeKind.YEAR: Affinity.INTEGER,
        TypeKind.FLOAT: Affinity.REAL,
        TypeKind.DOUBLE: Affinity.REAL,
        TypeKind.BINARY: Affinity.BLOB,
        TypeKind.VARBINARY: Affinity.BLOB,
        TypeKind.BLOB: Affinity.BLOB,
    }
)


_MARKS: Mapping[Affinity, tuple[str, ...]] = MappingProxyType(
    {
        Affinity.INTEGER: ("INT",),
        Affinity.TEXT: ("CHAR", "TEXT"),
        Affinity.BLOB: ("BLOB",),
        Affinity.REAL: ("FLOA", "DOUB"),
    }
)


def affinity(column_type: ColumnType) -> Affinity:
    """Where values of the type are kept; texts, decimals, dates and times as TEXT."""
    too_wide = (column_type.maximum or 0) > _LARGEST_INTEGER or (
        column_type.kind is TypeKind.BIT and (column_type.length or 1) >= _WIDE_BITS
    )
    return Affinity.TEXT if too_wide else _AFFINITIES.get(column_type.kind, Affinity.TEXT)


def storage(column_type: ColumnType) -> str:
    """The declared type: `DECIMAL_TEXT(10, 2)`, `INTEGER`, `VARCHAR(60)`, `DATE_TEXT`, ..."""
    kept = affinity(column_type)
    name = column_type.kind.name
    if kept is Affinity.TEXT and column_type.kind is TypeKind.INTEGER:
        name = "UNSIGNED_BIG"
    if not any(mark in name for mark in _MARKS[kept]):
        name = f"{name}_{kept}"
    return name + _size(column_type)


def _size(column_type: ColumnType) -> str:
    if column_type.precision is not None:
        return f"({column_type.precision}, {column_type.scale or 0})"
    sized = (TypeKind.CHAR, TypeKind.VARCHAR)
    if column_type.kind in sized and column_type.length is not None:
        return f"({column_type.length})"
    return ""


def create_final(connection: Connection, schema: Schema, table: Table) -> None:
    """Create the table with keys, deferred foreign keys and an index for each of these."""
    metadata = MetaData()
    columns = [
        Column(c.name, RawType(storage(c.type)), nullable=c.nullable, autoincrement=False)
        for c in table.loaded_columns
    ]
    created = SqlTable(
        table.name, metadata, *columns, Column(ORIGIN_COLUMN, RawType("TEXT")), *_keys(table)
    )
    usable = [key for key in table.foreign_keys if is_usable(key, schema)]
    for key in usable:
        parent = schema.table(key.parent)
        if parent.name != table.name and parent.name not in metadata.tables:
            SqlTable(parent.name, metadata, *(Column(c.name, RawType()) for c in parent.columns))
        parent_columns = [parent.column(name).name for name in key.parent_columns]
        created.append_constraint(
            ForeignKeyConstraint(
                _spelled(table, key.columns),
                [metadata.tables[parent.name].c[name] for name in parent_columns],
                deferrable=True,
                initially="DEFERRED",
            )
        )
    connection.execute(CreateTable(created, if_not_exists=True))
    # Without them, deleting a parent row reads the whole child table.
    indexes = {tuple(_spelled(table, key.columns)) for key in usable} | {(ORIGIN_COLUMN,)}
    for names in sorted(indexes):
        _create_index(connection, created, names)


def add_origin_column(connection: Connection, table: Table) -> bool:
    """Add the origin column and its index where they are missing; says whether the column was."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    missing = ORIGIN_COLUMN not in column_names(connection, table.name)
    if missing:
        connection.exec_driver_sql(
            f"ALTER TABLE {quote(table.name)} ADD COLUMN {ORIGIN_COLUMN} TEXT"
        )
    present = SqlTable(table.name, MetaData(), Column(ORIGIN_COLUMN, RawType("TEXT")))
    _create_index(connection, present, (ORIGIN_COLUMN,))
    return missing


def _keys(table: Table) -> list[PrimaryKeyConstraint | UniqueConstraint]:
    keys: list[PrimaryKeyConstraint | UniqueConstraint] = [
        UniqueConstraint(*_spelled(table, key.columns)) for key in table.unique_keys
    ]
    if table.primary_key:
        keys.append(PrimaryKeyConstraint(*_spelled(table, table.primary_key)))
    return keys


def is_usable(key: ForeignKey, schema: Schema) -> bool:
    """SQLite accepts a parent in a key only; MySQL any index, and tables of other schemas."""
    parent = next(
        (t for t in schema.tables.values() if t.name.casefold() == key.parent.casefold()), None
    )
    if parent is None:
        return False
    keys = [parent.primary_key, *(unique.columns for unique in parent.unique_keys)]
    wanted = {name.casefold() for name in key.parent_columns}
    return any(wanted == {name.casefold() for name in columns} for columns in keys)


def _spelled(table: Table, names: tuple[str, ...]) -> list[str]:
    return [table.column(name).name for name in names]


def _create_index(connection: Connection, table: SqlTable, names: tuple[str, ...]) -> None:
    name = "_".join(("admw", table.name, *names))
    connection.execute(CreateIndex(Index(name, *(table.c[n] for n in names)), if_not_exists=True))
