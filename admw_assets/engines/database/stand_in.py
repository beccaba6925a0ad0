"""A throwaway SQLite in the place of the target: what a dry run loads; imports core, SQLAlchemy.

The loads are those of the real target (preliminary_load, final_load), over key columns only: they
decide about duplicate keys, keys of other files and orphans. Where the target is MySQL, texts are
loaded as core.collation.comparison_key makes them, so that SQLite finds equal what MySQL would.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, event

from admw_assets.core.canonical import NO_HASH
from admw_assets.core.collation import comparison_key
from admw_assets.core.migration import EXTRA_COLUMN, Migration, TableSettings
from admw_assets.core.ports import LoadOutcome, OriginalRecords, PreliminaryLoad
from admw_assets.core.schema import Column, Table, TypeKind
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.dialect import BulkLoad
from admw_assets.engines.database.sqlite import Sqlite, insert_statement
from admw_assets.engines.database.staged_rows import Reader, Value, batches, unescaped
from admw_assets.engines.database.store import DatabaseTableStore
from admw_assets.engines.database.table_definitions import ROW_HASH_COLUMN, SOURCE_HASH_COLUMN

_BATCH = 20_000  # rows handed to the driver at once
_PIECE = 500  # rows that are read column by column; more of them are beyond a processor's cache
_COMPARED = frozenset({TypeKind.CHAR, TypeKind.VARCHAR, TypeKind.TEXT, TypeKind.ENUM, TypeKind.SET})


@dataclass(frozen=True, slots=True)
class StandInTables(DatabaseTableStore):
    """The tables of a dry run; `schema` is core.key_columns.key_schema of the target's."""

    def initialize(self, migration: Migration) -> list[str]:
        """Create all tables, with the key columns that they have here."""
        return DatabaseTableStore.initialize(self, replace(migration, schema=self.schema))

    def load_preliminary(self, load: PreliminaryLoad) -> LoadOutcome:
        """The keys of the staged rows, with the rejects of the transform."""
        narrow = replace(load, table=self.schema.table(load.table.name))
        return DatabaseTableStore.load_preliminary(self, narrow)

    def load_final(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        run_id: str,
        limit: int | None,
        original: OriginalRecords,
    ) -> LoadOutcome:
        """The keys of a file's rows into the final table."""
        narrow = self.schema.table(table.name)
        return DatabaseTableStore.load_final(self, file, narrow, settings, run_id, limit, original)


def stand_in(path: Path, collation: str) -> Database:
    """A database at `path`; `collation` holds where schema.sql names none (BYTES: as SQLite)."""
    dialect = _StandIn(collation)
    url = URL.create("sqlite", database=str(path))
    return Database(dialect.engine(url), dialect, "the stand-in for the target")


class _StandIn(Sqlite):
    """SQLite that forgets at a crash and takes the keys of a staged line, without hashes."""

    def __init__(self, collation: str) -> None:
        self._collation = collation

    def engine(self, url: URL) -> Engine:
        """As in the real one, without its care for what must last."""
        engine = Sqlite.engine(self, url)
        event.listen(engine, "connect", _careless)
        return engine

    def load_part(self, connection: Connection, load: BulkLoad, part: str) -> int:
        """Batches of INSERT; hashes are left out, as nothing is reconciled here."""
        left_out = (SOURCE_HASH_COLUMN, ROW_HASH_COLUMN, EXTRA_COLUMN)
        taken = [
            (at, name, column)
            for at, (name, column) in enumerate(load.fields)
            if name not in left_out
        ]
        constants = {**load.constants, ROW_HASH_COLUMN: NO_HASH}
        names = [name for _, name, _ in taken]
        statement = insert_statement(connection, load.target.name, names, constants)
        readers = [(at, self._reader(column)) for at, _, column in taken]
        loaded = 0
        rows = chain.from_iterable(_pieces(part, readers))
        for batch in batches(rows, _BATCH):
            connection.exec_driver_sql(statement, batch)
            loaded += len(batch)
        return loaded

    def _reader(self, column: Column | None) -> Reader | None:
        """What makes a field's value; None: SQLite's affinity does."""
        if column is None:
            return None
        read = Sqlite.reader(column)
        if column.type.kind in _COMPARED:
            key = comparison_key(column.type.collation or self._collation)
            read = read if key is None else key if read is str else _both(read, key)
        return None if read in (int, str) else read


def _pieces(
    part: str, readers: list[tuple[int, Reader | None]]
) -> Iterator[Iterable[tuple[Value, ...]]]:
    """The rows of a part, some at a time: the fields that `readers` name by their places."""
    chosen = itemgetter(*(at for at, _ in readers))  # of two fields at least
    most_splits = max(at for at, _ in readers) + 1
    with Path(part).open(encoding="utf-8", newline="\n") as lines:
        for piece in batches(lines, _PIECE):
            rows = [chosen(line[:-1].split("\t", most_splits)) for line in piece]
            columns = zip(*rows, strict=True)
            yield zip(
                *(_values(c, read) for c, (_, read) in zip(columns, readers, strict=True)),
                strict=True,
            )


def _values(column: tuple[str, ...], read: Reader | None) -> Iterable[Value]:
    if "\\" in "".join(column):
        return [_value(field, read) for field in column]
    return column if read is None else map(read, column)


def _value(field: str, read: Reader | None) -> Value:
    if "\\" in field:
        text = unescaped(field)
        return text if text is None or read is None else read(text)
    return field if read is None else read(field)


def _both(read: Reader, key: Callable[[str], str]) -> Reader:
    return lambda text: key(str(read(text)))


def _careless(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
