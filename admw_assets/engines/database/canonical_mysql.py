"""The canonical encoding (core.canonical) as SQL of MySQL 8 and MariaDB 10.6 and later.

The session must be in UTC (TIMESTAMP). Everything textual is converted to utf8mb4 with one pinned
collation, so that neither the column's character set nor its collation, nor those of the session,
have a say. Constants are literals of this module, never values from outside. Imports core and
SQLAlchemy.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Numeric, cast, func, literal_column
from sqlalchemy.dialects.mysql import BIGINT

from admw_assets.core.canonical import NULL
from admw_assets.core.canonical_text import FIRST_WHOLE_FLOAT
from admw_assets.core.schema import Column, ColumnType, TypeKind

_NULL: ColumnElement[str] = literal_column(f"'{NULL}'")
_COLON: ColumnElement[str] = literal_column("':'")
_SPACE: ColumnElement[str] = literal_column("' '")
_UTF8: ColumnElement[str] = literal_column("utf8mb4")
_FIRST_WHOLE_FLOAT: ColumnElement[float] = literal_column(f"{FIRST_WHOLE_FLOAT:.0f}e0")
_ASCII: ColumnElement[str] = literal_column("ascii")
_COLLATION = "utf8mb4_bin"
_ALL_DIGITS = 65  # of a DECIMAL


def canonical_sql(
    column: Column, expression: ColumnElement[Any], decimals: int | None = None
) -> ColumnElement[str]:
    """The canonical text of `expression`, a value of `column`'s type; NULL for NULL."""
    return func.concat(_value(column.type, expression, decimals))


def encoded_sql(
    column: Column, expression: ColumnElement[Any], decimals: int | None = None
) -> ColumnElement[str]:
    """`~` or `<characters>:<text>`: never NULL, and compares well under PAD SPACE collations."""
    text = _value(column.type, expression, decimals)
    match column.type.kind:
        case kind if (width := _fixed_width(column.type, decimals)) is not None:
            encoded = func.concat(literal_column(f"'{width}:'"), text)
        case kind if kind.is_binary:
            encoded = func.concat(func.length(expression) * literal_column("2"), _COLON, text)
        case TypeKind.CHAR:
            encoded = func.concat(func.char_length(func.rtrim(expression)), _COLON, text)
        case kind if _VALUES[kind] is _text:  # conversion keeps the number of characters
            encoded = func.concat(func.char_length(expression), _COLON, text)
        case _:
            encoded = func.concat(func.char_length(text), _COLON, text)
    # Not IFNULL(encoded): a text beyond max_allowed_packet comes out as NULL as well. IF is
    # measurably faster than CASE.
    return func.if_(expression.is_(None), _NULL, encoded)


def row_hash_sql(
    columns: Sequence[tuple[Column, ColumnElement[Any], int | None]],
) -> ColumnElement[str]:
    """The row hash over (column, expression, float decimals or None) in schema order.

    It is the empty text, so no row's hash, where the server cannot make the texts of a row
    because they are longer than its max_allowed_packet.
    """
    parts = [encoded_sql(column, expression, decimals) for column, expression, decimals in columns]
    digest = func.upper(func.sha2(func.concat(*parts), literal_column("256")))
    # ASCII gives way to whatever character set the other side of a comparison has.
    return func.ifnull(func.convert(digest.op("USING")(_ASCII)), literal_column("''"))


def hash_sum_sql(
    hash_column: ColumnElement[Any],
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """The aggregates that make a core.canonical.HashSum: count, high, low."""

    def total(first_digit: int) -> ColumnElement[int]:
        digits = func.substr(hash_column, literal_column(str(first_digit)), literal_column("8"))
        number = func.conv(digits, literal_column("16"), literal_column("10"))
        summed = func.sum(cast(number, BIGINT(unsigned=True)))
        return cast(func.coalesce(summed, literal_column("0")), BIGINT(unsigned=True))

    return func.count(hash_column), total(1), total(9)


def _fixed_width(column_type: ColumnType, decimals: int | None) -> int | None:
    """The characters of every canonical text of the type, where they are all the same."""
    seconds = 1 + column_type.fraction if column_type.fraction else 0
    match column_type.kind:
        case TypeKind.DATE:
            return 10
        case TypeKind.DATETIME | TypeKind.TIMESTAMP:
            return 19 + seconds
        case TypeKind.YEAR:
            return 4
        case TypeKind.FLOAT | TypeKind.DOUBLE if decimals is None:
            return 16
        case _:
            return None


def _value(
    column_type: ColumnType, expression: ColumnElement[Any], decimals: int | None
) -> ColumnElement[Any]:
    """What CONCAT writes as the canonical text: that text, or a number, date or time."""
    return _VALUES[column_type.kind](column_type, expression, decimals)


def _number(
    column_type: ColumnType, expression: ColumnElement[Any], _decimals: int | None
) -> ColumnElement[Any]:
    if column_type.kind is TypeKind.BIT or "ZEROFILL" in column_type.sql.upper():
        return expression + literal_column("0")  # a number instead of bytes or 00042
    return expression


def _plain(
    _type: ColumnType, expression: ColumnElement[Any], _decimals: int | None
) -> ColumnElement[Any]:
    return expression


def _text(
    _type: ColumnType, expression: ColumnElement[Any], _decimals: int | None
) -> ColumnElement[str]:
    using = expression.op("USING")(_UTF8)
    return func.convert(using).collate(_COLLATION)


def _char(
    column_type: ColumnType, expression: ColumnElement[Any], decimals: int | None
) -> ColumnElement[str]:
    # The server drops trailing spaces itself, but not under PAD_CHAR_TO_FULL_LENGTH.
    return func.rtrim(_text(column_type, expression, decimals))


def _hex(
    _type: ColumnType, expression: ColumnElement[Any], _decimals: int | None
) -> ColumnElement[str]:
    return func.hex(expression)


def _float(
    _type: ColumnType, expression: ColumnElement[Any], decimals: int | None
) -> ColumnElement[str]:
    widened = expression + literal_column("0e0")  # binary64, and no negative zero
    bits = _bits(widened)
    if decimals is None:
        return bits
    rounded = cast(widened, Numeric(_ALL_DIGITS, decimals))
    return func.if_(func.abs(widened) < _FIRST_WHOLE_FLOAT, func.concat(rounded), bits)


def _bits(widened: ColumnElement[Any]) -> ColumnElement[str]:
    """The hex digits of a binary64, by way of a point: WKB keeps coordinates as they are.

    Well-known binary (OGC 06-103r4, 8.2): a byte for the byte order (the server writes little
    endian), four for the type, then x and y as binary64.
    """
    point = func.ST_AsBinary(func.point(widened, literal_column("0")))
    x = func.substr(point, literal_column("6"), literal_column("8"))
    return func.hex(func.reverse(x))


_Value = Callable[[ColumnType, ColumnElement[Any], int | None], ColumnElement[Any]]
_VALUES: Mapping[TypeKind, _Value] = MappingProxyType(
    {
        TypeKind.INTEGER: _number,
        TypeKind.BOOLEAN: _number,
        TypeKind.BIT: _number,
        TypeKind.DECIMAL: _number,
        TypeKind.YEAR: _plain,
        TypeKind.FLOAT: _float,
        TypeKind.DOUBLE: _float,
        TypeKind.DATE: _plain,
        TypeKind.DATETIME: _plain,
        TypeKind.TIMESTAMP: _plain,
        TypeKind.TIME: _plain,
        TypeKind.CHAR: _char,
        TypeKind.VARCHAR: _text,
        TypeKind.TEXT: _text,
        TypeKind.ENUM: _text,
        TypeKind.SET: _text,
        TypeKind.JSON: _text,
        TypeKind.BINARY: _hex,
        TypeKind.VARBINARY: _hex,
        TypeKind.BLOB: _hex,
    }
)
