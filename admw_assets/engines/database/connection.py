"""Connections to the target database; imports core.errors, SQLAlchemy and the dialects here.

A database is MySQL (8, Aurora, MariaDB 10.6 and later) over PyMySQL, or an SQLite file.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from admw_assets.core.errors import ConfigurationError
from admw_assets.engines.database.dialect import WRITE_OPTION, Dialect
from admw_assets.engines.database.failures import translated
from admw_assets.engines.database.mysql import MySql
from admw_assets.engines.database.sqlite import Sqlite

_MYSQL = MySql()
_SQLITE = Sqlite()
_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "mysql": _MYSQL,
        "mysql+pymysql": _MYSQL,
        "mariadb": _MYSQL,
        "mariadb+pymysql": _MYSQL,
        "sqlite": _SQLITE,
        "sqlite+pysqlite": _SQLITE,
    }
)
_EXAMPLES = "mysql+pymysql://USER:PASSWORD@HOST:3306/DATABASE or sqlite:////path/to/file.sqlite"


@dataclass(frozen=True, slots=True)
class Database:
    """An engine, what is particular about its dialect, and its name for messages."""

    engine: Engine
    dialect: Dialect
    location: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading, in a transaction of its own."""
        with translated(self.location), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, foreign_keys: bool = True) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back where it raises.

        With `foreign_keys=False` the server checks none in this session; whoever asks for that
        has checked them.
        """
        with translated(self.location), self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITE_OPTION: True})
            if foreign_keys:
                with connection.begin():
                    yield connection
                return
            self.dialect.stop_foreign_key_checks(connection)
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.invalidate()  # no other transaction may meet a session like this

    def check(self) -> None:
        """Reach the database; raises DatabaseUnavailable or ConfigurationError."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def connect(url: str) -> Database:
    """Prepare connections to the database at `url`; the first one is made when it is needed.

    The URL's query may carry what PyMySQL takes (`ssl_ca`, `ssl_cert`, `ssl_key`,
    `ssl_check_hostname`, `connect_timeout`, `local_infile=0`, ...). Raises ConfigurationError
    where the URL is none, or of another kind of database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as err:
        # The text may hold a password, so it is not repeated.
        raise ConfigurationError(
            "The database URL cannot be read.", next_step=f"Write it as {_EXAMPLES}."
        ) from err
    dialect = _DIALECTS.get(parsed.drivername)
    if dialect is None:
        raise ConfigurationError(
            f"Databases of kind {parsed.drivername!r} are not supported.",
            next_step=f"Use {_EXAMPLES}.",
        )
    if parsed.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "The database URL names no database (one in memory cannot be shared).",
            next_step=f"Write it as {_EXAMPLES}.",
        )
    return Database(dialect.engine(parsed), dialect, _location(parsed))


def _location(url: URL) -> str:
    """The URL without user, password and options."""
    bare = URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database)
    return bare.render_as_string(hide_password=True)
