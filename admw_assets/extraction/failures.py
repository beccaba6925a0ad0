"""Errors of the source in ADMW's own tree; imports core.errors and SQLAlchemy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from admw_assets.core.errors import (
    AdmwError,
    ConfigurationError,
    DatabaseUnavailable,
    ExtractionError,
)

# MySQL 8 and MariaDB, "Server Error Message Reference" and "Client Error Message Reference".
_MYSQL_UNREACHABLE = frozenset({1040, 1053, 1205, 1213, 2002, 2003, 2006, 2013, 4031})
_MYSQL_REFUSED = frozenset({1044, 1045, 1049, 1142, 1227, 1698})
# PostgreSQL, appendix "PostgreSQL Error Codes": classes of SQLSTATE.
_POSTGRESQL_UNREACHABLE = ("08", "53", "57P")
_POSTGRESQL_REFUSED = ("28", "3D", "42501")
_TURNED_AWAY = r"FATAL:.*(authentication|does not exist|pg_hba|permission)"


@contextmanager
def translated(location: str, what: str = "the source") -> Iterator[None]:
    """Raise what the source refuses in ADMW's tree; `what` names the table or the act."""
    try:
        yield
    except DBAPIError as err:
        raise _translation(err, location, what) from err
    except UnicodeError as err:
        raise ExtractionError(
            f"{what} of {location} holds text that is not valid in its character set: {err}.",
            next_step="Mend the value in the source, or leave the row out with --where.",
            source=location,
        ) from err
    except SQLAlchemyError as err:
        raise ExtractionError(
            f"{what} of {location} cannot be read: {err}.", source=location
        ) from err


def _translation(err: DBAPIError, location: str, what: str) -> AdmwError:
    code, state = _code(err), _state(err)
    reason = reason_of(err)
    is_connecting = state is None and err.statement is None and isinstance(err, OperationalError)
    # libpq gives no SQLSTATE while connecting: what the server itself says begins with FATAL.
    is_turned_away = is_connecting and re.search(_TURNED_AWAY, reason) is not None
    if code in _MYSQL_REFUSED or (state or "").startswith(_POSTGRESQL_REFUSED) or is_turned_away:
        return ConfigurationError(
            f"{location} cannot be read: {reason}.",
            next_step="Check --source, ADMW_SOURCE_PASSWORD and what the user may do.",
            source=location,
        )
    if (
        code in _MYSQL_UNREACHABLE
        or (state or "").startswith(_POSTGRESQL_UNREACHABLE)
        or err.connection_invalidated
        or is_connecting
    ):
        return DatabaseUnavailable(
            f"{location} does not answer, or broke off: {reason}.",
            next_step="Check --source and that the server can be reached, then extract again: "
            "tables that are complete are not read again.",
            source=location,
        )
    return ExtractionError(f"{location}, {what}: {reason}.", source=location)


def reason_of(err: DBAPIError) -> str:
    """The driver's message alone: SQLAlchemy's carries the statement as well."""
    arguments = getattr(err.orig, "args", ())
    texts = [" ".join(str(a).split()) for a in arguments if a not in (None, "")]
    return ": ".join(texts).rstrip(".") or type(err.orig).__name__


def _code(err: DBAPIError) -> int | None:
    arguments = getattr(err.orig, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _state(err: DBAPIError) -> str | None:
    return getattr(err.orig, "sqlstate", None)
