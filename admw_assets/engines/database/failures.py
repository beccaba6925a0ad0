"""Errors of the database in ADMW's own tree; imports core.errors and SQLAlchemy."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from admw_assets.core.errors import (
    AdmwError,
    ConfigurationError,
    DatabaseUnavailable,
    LoadError,
)
from admw_assets.core.masking import without_values

# MySQL 8 and MariaDB, "Server Error Message Reference" and "Client Error Message Reference".
_MYSQL_TRANSIENT = frozenset(
    {1040, 1053, 1158, 1159, 1160, 1161, 1205, 1213, 1290, 1836, 1927}
    | {2002, 2003, 2006, 2013, 2014, 2055, 4031}
)
_MYSQL_REFUSED = frozenset({1044, 1045, 1049, 1142, 1227, 1698, 2026})
_MYSQL_NO_TABLE = 1146
_SQLITE_TRANSIENT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_SQLITE_REFUSED = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_PERM")
_INITIALIZE = "Run `admw db init` with this migration and this database."


@contextmanager
def translated(location: str) -> Iterator[None]:
    """Raise what the database refuses as DatabaseUnavailable, ConfigurationError or LoadError.

    `location` names the database in messages and holds no user and no password. Servers quote
    values of rows, so their messages lose them, and the errors that carry these messages do not
    travel along as causes: logs and pages print those as well.
    """
    try:
        yield
    except DBAPIError as err:
        raise _translation(err, location) from _bare(err)
    except SQLAlchemyError as err:
        reason = without_values(str(err))
        raise LoadError(
            f"The statement failed on {location}: {reason}", database=location
        ) from _bare(err)


def error_code(err: DBAPIError) -> int | str | None:
    """The server's number (MySQL), the symbolic name (SQLite), or None."""
    name = getattr(err.orig, "sqlite_errorname", None)
    if isinstance(name, str):
        return name
    arguments = getattr(err.orig, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _translation(err: DBAPIError, location: str) -> AdmwError:
    code, reason = error_code(err), _reason(err)
    # PyMySQL keeps what it met under this name.
    if isinstance(getattr(err.orig, "original_exception", None), ssl.SSLCertVerificationError):
        return ConfigurationError(
            f"{location} cannot be trusted: {reason}.",
            next_step="Check the host's name in the database URL and the authority's certificate "
            "(`ssl_ca`; on AWS `database.ca` of the environment).",
            database=location,
        )
    if err.connection_invalidated or code in _MYSQL_TRANSIENT or _is(code, _SQLITE_TRANSIENT):
        return DatabaseUnavailable(
            f"{location} does not answer, or gave up waiting: {reason}.",
            next_step="Check that it runs and can be reached, then try again.",
            database=location,
        )
    if code in _MYSQL_REFUSED or _is(code, _SQLITE_REFUSED):
        return ConfigurationError(
            f"{location} cannot be used: {reason}.",
            next_step="Check the database URL and what its user may do.",
            database=location,
        )
    if code == _MYSQL_NO_TABLE or "no such table" in reason:
        return ConfigurationError(
            f"{location} lacks a table: {reason}.", next_step=_INITIALIZE, database=location
        )
    return LoadError(
        f"{location} refused a statement: {reason}.",
        next_step="Nothing of it was kept. Mend what the message names and start the stage again.",
        database=location,
    )


def _bare(err: SQLAlchemyError) -> Exception:
    """A stand-in for an error of the driver: its kind and code, none of its words."""
    original = getattr(err, "orig", None) or err
    code = error_code(err) if isinstance(err, DBAPIError) else None
    return RuntimeError(f"{type(original).__name__} {'' if code is None else code}".rstrip())


def _is(code: int | str | None, names: tuple[str, ...]) -> bool:
    return isinstance(code, str) and code.startswith(names)


def _reason(err: DBAPIError) -> str:
    """The driver's message alone, without values: SQLAlchemy's carries the statement as well."""
    arguments = getattr(err.orig, "args", ())
    texts = [str(argument) for argument in arguments if argument not in (None, "")]
    return without_values(": ".join(texts)).rstrip(".") or type(err.orig).__name__
