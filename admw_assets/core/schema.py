"""Tables, columns and keys of the target, as values; imports only core.errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from admw_assets.core.errors import SchemaError


class TypeKind(StrEnum):
    """The kinds of MySQL types that differ in how a value is written, checked or compared."""

    INTEGER = "integer"  # TINYINT .. BIGINT
    BOOLEAN = "boolean"  # BOOL, BOOLEAN
    BIT = "bit"
    DECIMAL = "decimal"
    FLOAT = "float"
    DOUBLE = "double"
    CHAR = "char"
    VARCHAR = "varchar"
    TEXT = "text"  # TINYTEXT .. LONGTEXT
    BINARY = "binary"  # BINARY(n), padded by the server with zero bytes
    VARBINARY = "varbinary"
    BLOB = "blob"  # TINYBLOB .. LONGBLOB
    DATE = "date"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    TIME = "time"
    YEAR = "year"
    ENUM = "enum"
    SET = "set"
    JSON = "json"

    @property
    def is_text(self) -> bool:
        """True where the empty string is a value of the type."""
        return self in _TEXT_KINDS

    @property
    def is_binary(self) -> bool:
        """True where a file carries the value as hex digits."""
        return self in (TypeKind.BINARY, TypeKind.VARBINARY, TypeKind.BLOB)


_TEXT_KINDS = frozenset(
    {TypeKind.CHAR, TypeKind.VARCHAR, TypeKind.TEXT, TypeKind.BINARY, TypeKind.VARBINARY}
    | {TypeKind.BLOB, TypeKind.ENUM, TypeKind.SET}
)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A MySQL type with everything that bounds its values.

    `sql` is the type as MySQL spells it (`DECIMAL(10, 2) UNSIGNED`). `length` counts characters
    (CHAR, VARCHAR), bytes (BINARY, VARBINARY, TEXT, BLOB) or bits (BIT); `minimum` and `maximum`
    bound integers; `precision` and `scale` count decimal digits; `fraction` counts digits of
    seconds; `members` lists ENUM and SET texts in order.
    """

    kind: TypeKind
    sql: str
    length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    precision: int | None = None
    scale: int | None = None
    fraction: int = 0
    unsigned: bool = False
    members: tuple[str, ...] = ()
    character_set: str | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a target table; `generated` columns are computed by the server."""

    name: str
    type: ColumnType
    nullable: bool = True
    default: str | None = None  # SQL text of the DEFAULT expression
    auto_increment: bool = False
    generated: bool = False
    pii: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the child refer to `parent_columns` of `parent`, pairwise."""

    name: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A UNIQUE constraint beside the primary key; rows with a NULL in it never collide."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the target; `ddl` is its CREATE TABLE statement, normalised for MySQL."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    ddl: str = ""

    @property
    def loaded_columns(self) -> tuple[Column, ...]:
        """The columns that ADMW writes, in schema order: all but the generated ones."""
        return tuple(column for column in self.columns if not column.generated)

    @property
    def loaded_keys(self) -> tuple[tuple[str, ...], ...]:
        """The primary key and the unique keys that it does not imply, in the columns' spelling.

        Keys with generated columns are left out: the values are not known before the final table.
        """
        loaded = {column.name for column in self.loaded_columns}
        keys: list[tuple[str, ...]] = []
        for names in (self.primary_key, *(key.columns for key in self.unique_keys)):
            key = tuple(self.column(name).name for name in names)
            implied = any(set(known) <= set(key) for known in keys)
            if key and not implied and loaded.issuperset(key):
                keys.append(key)
        return tuple(keys)

    def column(self, name: str) -> Column:
        """The column of that name, in any case; raises SchemaError and lists the known names."""
        for column in self.columns:
            if column.name.casefold() == name.casefold():
                return column
        known = ", ".join(repr(column.name) for column in self.columns)
        raise SchemaError(
            f"Table {self.name!r} has no column {name!r}. Known: {known}.",
            next_step="Fix the name in migration.yaml or add the column to schema.sql.",
            table=self.name,
            column=name,
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """The target: tables in the order of schema.sql, and notes on what was skipped.

    `alterations` are the foreign keys that came in ALTER TABLE statements, as MySQL text with
    the table they alter: the creation of the final tables carries them out after all CREATEs.
    """

    tables: Mapping[str, Table]
    alterations: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = field(default=())

    def table(self, name: str) -> Table:
        """The table of that name, in any case; raises SchemaError and lists the known names."""
        found = self.tables.get(name) or next(
            (t for t in self.tables.values() if t.name.casefold() == name.casefold()), None
        )
        if found is None:
            known = ", ".join(repr(table) for table in self.tables)
            raise SchemaError(
                f"There is no table {name!r} in schema.sql. Known: {known}.",
                next_step="Fix the name, or add its CREATE TABLE statement to schema.sql.",
                table=name,
            )
        return found
