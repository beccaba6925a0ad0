"""MySQL 8, Aurora MySQL and MariaDB over PyMySQL; imports core, SQLAlchemy and sqlglot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, cast, create_engine, event
from sqlalchemy.dialects.mysql import JSON
from sqlalchemy.engine.interfaces import DBAPIConnection

from admw_assets.core.schema import Column, Schema, Table, TypeKind
from admw_assets.engines.database import mysql_creation, mysql_load
from admw_assets.engines.database.dialect import BulkLoad

# NO_BACKSLASH_ESCAPES must be off: literals here and in PyMySQL escape with a backslash. Zero is a
# value like any other, also in an AUTO_INCREMENT column.
_SQL_MODE = (
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
)
_POOL_SECONDS = 1800  # younger than any server's wait_timeout that is not set on purpose

_TEMPORARY = ("tmp_table_size", "max_heap_table_size")
_ROOM = 256 * 1024 * 1024  # bytes


class MySql:
    """The dialect of MySQL."""

    def engine(self, url: URL) -> Engine:
        """Strict mode, utf8mb4, UTC, READ COMMITTED; LOCAL INFILE unless the URL says 0."""
        options = {"local_infile": "1"} | dict(url.query) | {"charset": "utf8mb4"}
        engine = create_engine(
            url.set(drivername="mysql+pymysql", query=options),
            # No gap locks: files that load side by side must not wait for each other.
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            pool_pre_ping=True,
            pool_recycle=_POOL_SECONDS,
        )
        event.listen(engine, "connect", _open_session)
        return engine

    def stop_foreign_key_checks(self, connection: Connection) -> None:
        """Without them InnoDB carries out no ON DELETE CASCADE either."""
        cursor = connection.connection.cursor()
        cursor.execute("SET SESSION foreign_key_checks = 0")
        cursor.close()

    def create_final(self, connection: Connection, schema: Schema, table: Table) -> None:
        """The given statement with the origin column; foreign keys may point to later tables."""
        mysql_creation.create_final(connection, table)

    def add_origin_column(self, connection: Connection, table: Table) -> bool:
        """ALTER TABLE ... ADD the column, its index, or both."""
        return mysql_creation.add_origin_column(connection, table)

    def add_alterations(self, connection: Connection, schema: Schema) -> list[str]:
        """Add the foreign keys of ALTER TABLE statements that are not there yet."""
        return mysql_creation.add_alterations(connection, schema)

    def preliminary_types(self, connection: Connection, table: Table) -> Mapping[str, str]:
        """Types and collations as the final table really has them."""
        return mysql_creation.preliminary_types(connection, table)

    def load_part(self, connection: Connection, load: BulkLoad, part: str) -> int:
        """LOAD DATA LOCAL INFILE, or INSERT where client or server refuse that."""
        if mysql_load.may_read_local_files(connection):
            return mysql_load.load_data(connection, load, part)
        return mysql_load.insert(connection, load, part)

    @contextmanager
    def roomy(self, connection: Connection) -> Iterator[None]:
        """Raise the limits of the session's temporary tables; the smaller of the two holds."""
        before = connection.exec_driver_sql(f"SELECT {', '.join(map(_session, _TEMPORARY))}").one()
        try:
            _set(connection, {n: max(v, _ROOM) for n, v in zip(_TEMPORARY, before, strict=True)})
            yield
        finally:
            _set(connection, dict(zip(_TEMPORARY, before, strict=True)))

    def warnings(self, connection: Connection) -> list[str]:
        """The first of the last statement's warnings and notes."""
        return mysql_load.warnings(connection)

    def as_final(
        self, connection: Connection, column: Column, value: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """JSON as the server prints it; MariaDB keeps JSON as the text it was given."""
        if column.type.kind is TypeKind.JSON and not _is_mariadb(connection):
            return cast(value, JSON)
        return value

    def prints_otherwise(self, connection: Connection, table: Table) -> bool:
        """True for tables with JSON on MySQL."""
        kinds = {column.type.kind for column in table.loaded_columns}
        return TypeKind.JSON in kinds and not _is_mariadb(connection)


def _session(name: str) -> str:
    return f"@@SESSION.{name}"


def _set(connection: Connection, values: Mapping[str, int]) -> None:
    assignments = ", ".join(f"{_session(name)} = {value:d}" for name, value in values.items())
    connection.exec_driver_sql(f"SET {assignments}")


def _is_mariadb(connection: Connection) -> bool:
    return bool(getattr(connection.dialect, "is_mariadb", False))


def _open_session(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET SESSION sql_mode = '{_SQL_MODE}', SESSION time_zone = '+00:00'")
    cursor.close()
