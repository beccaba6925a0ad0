"""The embedded database; imports core and SQLAlchemy.

Transactions are begun here and not by the driver, which would commit before DDL and begin too
late: see "Serializable isolation / Savepoints / Transactional DDL" in SQLAlchemy's page on
pysqlite.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, event

from admw_assets.core.schema import Column, Schema, Table, TypeKind
from admw_assets.engines.database import canonical_sqlite, sqlite_creation
from admw_assets.engines.database.dialect import WRITE_OPTION, BulkLoad
from admw_assets.engines.database.staged_rows import Reader, Value, batches, read_rows

_BUSY_SECONDS = 30
_BATCH = 10_000  # rows handed to the driver at once
_CACHE_KIB = 65_536


class Sqlite:
    """The dialect of SQLite."""

    def engine(self, url: URL) -> Engine:
        """Foreign keys on, write-ahead log, a busy database waited for."""
        engine = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            hide_parameters=True,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _open_session)
        event.listen(engine, "begin", _begin)
        return engine

    def stop_foreign_key_checks(self, connection: Connection) -> None:
        """Has an effect outside of transactions only."""
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.close()

    def create_final(self, connection: Connection, schema: Schema, table: Table) -> None:
        """Built from the model: MySQL's statement means nothing here."""
        sqlite_creation.create_final(connection, schema, table)

    def add_origin_column(self, connection: Connection, table: Table) -> bool:
        """ALTER TABLE ... ADD COLUMN, and the index."""
        return sqlite_creation.add_origin_column(connection, table)

    def add_alterations(self, connection: Connection, schema: Schema) -> list[str]:
        """None: the foreign keys stand in the CREATE TABLE already."""
        return []

    def preliminary_types(self, connection: Connection, table: Table) -> Mapping[str, str]:
        """The same storage as in the final table."""
        return {c.name: sqlite_creation.storage(c.type) for c in table.loaded_columns}

    def load_part(self, connection: Connection, load: BulkLoad, part: str) -> int:
        """Batches of INSERT."""
        names = [name for name, _ in load.fields]
        statement = insert_statement(connection, load.target.name, names, load.constants)
        readers = [self.reader(column) for _, column in load.fields]
        loaded = 0
        for batch in batches(read_rows(part, readers), _BATCH):
            connection.exec_driver_sql(statement, batch)
            loaded += len(batch)
        return loaded

    @staticmethod
    def reader(column: Column | None) -> Reader:
        """What makes the stored value of a staged text."""
        if column is None:
            return _as_it_is  # SQLite turns the numbers of ADMW's own columns by their affinity
        if column.type.kind is TypeKind.BINARY:
            length = column.type.length or 1
            return lambda text: bytes.fromhex(text).ljust(length, b"\0")  # as MySQL keeps it
        if column.type.kind is TypeKind.CHAR:
            return lambda text: text.rstrip(" ")  # as MySQL gives it back
        return sqlite_creation.STORAGES[sqlite_creation.affinity(column.type)]

    def roomy(self, connection: Connection) -> AbstractContextManager[None]:
        """Nothing to do: temporary tables grow as they need."""
        return nullcontext()

    def warnings(self, connection: Connection) -> list[str]:
        """None: SQLite raises or keeps silent."""
        return []

    def as_final(
        self, connection: Connection, column: Column, value: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Both tables keep values alike."""
        return value

    def prints_otherwise(self, connection: Connection, table: Table) -> bool:
        """False: both tables keep values alike."""
        return False


def insert_statement(
    connection: Connection, table: str, names: Sequence[str], constants: Mapping[str, object]
) -> str:
    """An INSERT with a parameter for each name.

    What all rows share is bound once, to SQLite's own `quote`, and stands in the statement as that
    writes it: to bind it to each row takes a third longer. `constants` are never empty, and hold
    no NUL, where `quote` would end (file names have none).
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    texts = tuple(str(value) for value in constants.values())
    quoting = f"SELECT {', '.join(['quote(?)'] * len(texts))}"
    literals = connection.exec_driver_sql(quoting, texts).one()
    columns = ", ".join(map(quote, [*names, *constants]))
    return (
        f"INSERT INTO {quote(table)} ({columns})"
        f" VALUES ({', '.join(['?'] * len(names) + list(literals))})"
    )


def _open_session(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    canonical_sqlite.register(connection)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE_OPTION)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _as_it_is(text: str) -> Value:
    return text
