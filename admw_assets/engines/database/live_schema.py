"""The tables that a database really has, held against schema.sql; imports core and SQLAlchemy.

Only what a load depends on is compared: not the order of columns, indexes, defaults, comments or
other tables.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Inspector, inspect

from admw_assets.core.migration import ORIGIN_COLUMN
from admw_assets.core.schema import Column, ForeignKey, Schema, Table
from admw_assets.core.schema_difference import Aspect, SchemaDifference
from admw_assets.core.table_options import TRANSACTIONAL_ENGINES
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.live_columns import (
    LiveColumn,
    differing_collation,
    live_columns,
    mysql_engine,
    same_type,
)
from admw_assets.engines.database.sqlite_creation import is_usable, storage


def compare_live_schema(database: Database, schema: Schema) -> list[SchemaDifference]:
    """All differences, by table in the order of schema.sql."""
    found: list[SchemaDifference] = []
    with database.reading() as connection:
        inspector = inspect(connection)
        present = {name.casefold(): name for name in inspector.get_table_names()}
        for table in schema.tables.values():
            name = present.get(table.name.casefold())
            if name is None:
                found.append(SchemaDifference(table.name, Aspect.TABLE, table.name, ""))
            else:
                found += _Comparison(connection, inspector, schema, table, name).differences()
    return found


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One table of schema.sql and the live one, which is called `name`."""

    connection: Connection
    inspector: Inspector
    schema: Schema
    table: Table
    name: str

    @property
    def on_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def differences(self) -> Iterator[SchemaDifference]:
        if not self.on_sqlite:
            engine = mysql_engine(self.connection, self.name)
            if engine.upper() not in TRANSACTIONAL_ENGINES:
                yield self._difference(Aspect.ENGINE, "InnoDB", engine)
        yield from self._columns()
        yield from self._keys()

    def _difference(
        self, aspect: Aspect, expected: str, found: str, column: str = ""
    ) -> SchemaDifference:
        return SchemaDifference(self.table.name, aspect, expected, found, column)

    def _columns(self) -> Iterator[SchemaDifference]:
        live = live_columns(self.connection, self.name)
        # Generated columns are left out of what ADMW makes on SQLite.
        wanted = self.table.loaded_columns if self.on_sqlite else self.table.columns
        for column in wanted:
            found = live.pop(column.name.casefold(), None)
            if found is None:
                yield self._difference(Aspect.COLUMN, column.name, "")
            else:
                yield from self._column(column, found)
        live.pop(ORIGIN_COLUMN, None)
        for extra in live.values():
            yield self._difference(Aspect.COLUMN, "", extra.name)

    def _column(self, column: Column, found: LiveColumn) -> Iterator[SchemaDifference]:
        expected = storage(column.type) if self.on_sqlite else column.type.sql
        same = expected == found.sql if self.on_sqlite else same_type(column.type, found)
        if column.generated != found.generated:
            words = {True: "computed by the database", False: "filled by whoever writes the row"}
            expected_way, way = words[column.generated], words[found.generated]
            yield self._difference(Aspect.COLUMN, expected_way, way, column.name)
        if not same:
            yield self._difference(Aspect.TYPE, expected, found.sql, column.name)
        if not self.on_sqlite and (pair := differing_collation(column.type, found)):
            yield self._difference(Aspect.COLLATION, *pair, column.name)
        if column.nullable != found.nullable and not column.generated:
            words = {True: "NULL", False: "NOT NULL"}
            expected, actual = words[column.nullable], words[found.nullable]
            yield self._difference(Aspect.NULLABILITY, expected, actual, column.name)

    def _keys(self) -> Iterator[SchemaDifference]:
        primary = self.inspector.get_pk_constraint(self.name)["constrained_columns"]
        if _folded(primary) != _folded(self.table.primary_key):
            expected, actual = _listed(self.table.primary_key), _listed(primary)
            yield self._difference(Aspect.PRIMARY_KEY, expected, actual)
        yield from self._sets(
            Aspect.UNIQUE_KEY,
            {_folded(key.columns): _listed(key.columns) for key in self.table.unique_keys},
            {_folded(names): _listed(names) for names in self._unique_keys()},
        )
        wanted = [k for k in self.table.foreign_keys if not self.on_sqlite or self._usable(k)]
        yield from self._sets(
            Aspect.FOREIGN_KEY,
            {_reference(k.columns, k.parent, k.parent_columns): _arrow(k) for k in wanted},
            dict(self._foreign_keys()),
        )

    def _usable(self, key: ForeignKey) -> bool:
        return is_usable(key, self.schema)

    def _unique_keys(self) -> Iterator[list[str]]:
        for constraint in self.inspector.get_unique_constraints(self.name):
            yield constraint["column_names"]
        for index in self.inspector.get_indexes(self.name):
            names = [name for name in index["column_names"] if name is not None]
            if index["unique"] and len(names) == len(index["column_names"]):
                yield names

    def _foreign_keys(self) -> Iterator[tuple[Any, str]]:
        for key in self.inspector.get_foreign_keys(self.name):
            columns, parent = key["constrained_columns"], key["referred_table"]
            there = key["referred_columns"]
            shown = _arrow(ForeignKey("", tuple(columns), parent, tuple(there)))
            yield _reference(columns, parent, there), shown

    def _sets(
        self, aspect: Aspect, expected: Mapping[Any, str], found: Mapping[Any, str]
    ) -> Iterator[SchemaDifference]:
        for key in sorted(expected.keys() - found.keys()):
            yield self._difference(aspect, expected[key], "")
        for key in sorted(found.keys() - expected.keys()):
            yield self._difference(aspect, "", found[key])


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.casefold() for name in names)


def _listed(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"({listed})" if listed else ""


def _reference(columns: Iterable[str], parent: str, there: Iterable[str]) -> tuple[Any, ...]:
    return _folded(columns), parent.casefold(), _folded(there)


def _arrow(key: ForeignKey) -> str:
    return f"{_listed(key.columns)} -> {key.parent} {_listed(key.parent_columns)}"
