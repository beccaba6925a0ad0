"""The canonical encoding (core.canonical) on SQLite, as functions registered on a connection.

SQLite's own length() stops at a NUL character and it has no SHA-256, so the functions are
Python's: one call per row, with all its columns. What SQLite keeps as TEXT stands there in its
canonical form already (DECIMAL, dates and times) and is taken as it is; a value that is none of
its column's type still gets a text, one that no right value has, so that it shows as altered.
Imports core and SQLAlchemy.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, literal

from admw_assets.core.canonical import encode_row, row_hash, sha256_text
from admw_assets.core.canonical_text import writer
from admw_assets.core.schema import Column, ColumnType, TypeKind

_STORED_AS_TEXT = frozenset(
    {TypeKind.DECIMAL, TypeKind.DATE, TypeKind.DATETIME, TypeKind.TIMESTAMP, TypeKind.TIME}
)
_MOST_COLUMNS = 100  # in one call; SQLITE_MAX_FUNCTION_ARG is 127 where not compiled otherwise
_WRONG_VALUE = (ValueError, ArithmeticError, TypeError)

_Writer = Callable[[object], str]


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known that the SQL of this module calls; for each new connection."""
    functions: tuple[tuple[str, int, Callable[..., object]], ...] = (
        ("admw_canonical_text", 2, _canonical_text),
        ("admw_encode_row", -1, _encode_row),
        ("admw_hash_encoded", 1, sha256_text),
        ("admw_row_hash", -1, _row_hash),
        ("admw_hash_high", 1, _hash_high),
        ("admw_hash_low", 1, _hash_low),
    )
    for name, arguments, function in functions:
        connection.create_function(name, arguments, function, deterministic=True)


def canonical_sql(
    column: Column, expression: ColumnElement[Any], decimals: int | None = None
) -> ColumnElement[str]:
    """The canonical text of `expression`, a value of `column`'s type; NULL for NULL."""
    return func.admw_canonical_text(_specification([(column, decimals)]), expression)


def encoded_sql(
    column: Column, expression: ColumnElement[Any], decimals: int | None = None
) -> ColumnElement[str]:
    """`~` or `<characters>:<text>`: never NULL."""
    return func.admw_encode_row(_specification([(column, decimals)]), expression)


def row_hash_sql(
    columns: Sequence[tuple[Column, ColumnElement[Any], int | None]],
) -> ColumnElement[str]:
    """The row hash over (column, expression, float decimals or None) in schema order."""
    if len(columns) <= _MOST_COLUMNS:
        return func.admw_row_hash(*_arguments(columns))
    encoded: ColumnElement[str] = literal("")
    for first in range(0, len(columns), _MOST_COLUMNS):
        part = columns[first : first + _MOST_COLUMNS]
        encoded = encoded.concat(func.admw_encode_row(*_arguments(part)))
    return func.admw_hash_encoded(encoded)


def hash_sum_sql(
    hash_column: ColumnElement[Any],
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """The aggregates that make a core.canonical.HashSum: count, high, low."""
    return (
        func.count(hash_column),
        func.coalesce(func.sum(func.admw_hash_high(hash_column)), 0),
        func.coalesce(func.sum(func.admw_hash_low(hash_column)), 0),
    )


def _arguments(
    columns: Sequence[tuple[Column, ColumnElement[Any], int | None]],
) -> list[ColumnElement[Any]]:
    specification = _specification([(column, decimals) for column, _, decimals in columns])
    return [specification, *(expression for _, expression, _ in columns)]


# ---------------------------------------------------------------- the types, as a JSON argument


def _specification(columns: Iterable[tuple[Column, int | None]]) -> ColumnElement[str]:
    """What the functions must know of the types: a constant, so it is parsed only once."""
    return literal(json.dumps([_stored(column.type, decimals) for column, decimals in columns]))


def _stored(column_type: ColumnType, decimals: int | None) -> tuple[str, int | None, int | None]:
    kind = TypeKind.TEXT if column_type.kind in _STORED_AS_TEXT else column_type.kind
    length = column_type.length if kind is TypeKind.BINARY else None
    return kind.value, length, decimals


@lru_cache(maxsize=1024)
def _writers(specification: str) -> tuple[_Writer, ...]:
    return tuple(
        writer(ColumnType(TypeKind(kind), kind, length=length), decimals)
        for kind, length, decimals in json.loads(specification)
    )


# ---------------------------------------------------------------- what SQLite calls


def _canonical_text(specification: str, value: object) -> str | None:
    return _write(_writers(specification)[0], value)


def _encode_row(specification: str, *values: object) -> str:
    return encode_row(_texts(specification, values))


def _row_hash(specification: str, *values: object) -> str:
    return row_hash(_texts(specification, values))


def _texts(specification: str, values: tuple[object, ...]) -> list[str | None]:
    writers = _writers(specification)
    try:
        return [
            None if value is None else write(value)
            for write, value in zip(writers, values, strict=True)
        ]
    except _WRONG_VALUE:
        return list(map(_write, writers, values))


def _write(write: _Writer, value: object) -> str | None:
    try:
        return None if value is None else write(value)
    except _WRONG_VALUE:
        return f"?{value!r}"


def _hash_high(digest: str | None) -> int | None:
    return int(digest[:8], 16) if digest is not None else None


def _hash_low(digest: str | None) -> int | None:
    return int(digest[8:16], 16) if digest is not None else None
