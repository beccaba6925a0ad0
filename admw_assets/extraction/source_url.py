"""From a URL to the source it names, without letting its password go anywhere else.

Imports core.errors, SQLAlchemy and the sources.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from admw_assets.core.errors import ConfigurationError
from admw_assets.extraction.mysql_source import MySqlSource
from admw_assets.extraction.other_source import OtherSource
from admw_assets.extraction.postgresql_source import PostgreSqlSource
from admw_assets.extraction.request import SourceAddress
from admw_assets.extraction.source import Source
from admw_assets.extraction.sqlite_source import SqliteSource

PASSWORD_VARIABLE = "ADMW_SOURCE_PASSWORD"
_EXAMPLES = (
    "sqlite:///FILE, mysql+pymysql://USER@HOST:3306/DATABASE or "
    "postgresql+psycopg://USER@HOST:5432/DATABASE"
)
_KINDS: Mapping[str, Callable[[URL, str], Source]] = MappingProxyType(
    {
        "mysql": MySqlSource,
        "mariadb": MySqlSource,
        "postgresql": PostgreSqlSource,
        "postgres": PostgreSqlSource,
        "sqlite": SqliteSource,
    }
)


def open_source(address: SourceAddress) -> Source:
    """The source at an address; nothing is connected yet. Raises ConfigurationError."""
    try:
        url = make_url(address.url)
    except (ArgumentError, ValueError) as err:
        # The text may hold a password, so it is not repeated.
        raise ConfigurationError(
            "The source's URL cannot be read.", next_step=f"Write it as {_EXAMPLES}."
        ) from err
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            "The source's URL names no database.", next_step=f"Write it as {_EXAMPLES}."
        )
    kind = url.drivername.partition("+")[0]
    if address.password and not url.password and kind != "sqlite":
        url = url.set(password=address.password)
    return _KINDS.get(kind, OtherSource)(url, _location(url, kind))


def _location(url: URL, kind: str) -> str:
    """The URL without user, password and options."""
    bare = URL.create(kind, host=url.host, port=url.port, database=url.database)
    return bare.render_as_string(hide_password=True)
