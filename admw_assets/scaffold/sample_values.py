"""Values that a column takes, for golden cases; imports core only.

A value is the text as a file carries it, in the form that the default format and the type's rules
read. The same number gives the same text, different numbers different ones as far as the type has
that many values.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from admw_assets.core.schema import Column, ColumnType, TypeKind

_FRACTION = "250000"


def sample_text(column: Column, number: int) -> str:
    """The text of a valid value; `number` counts from 1 to 9."""
    return _TEXTS[column.type.kind](column, number)


def _decimal(column: Column, number: int) -> str:
    scale = column.type.scale or 0
    whole_digits = (column.type.precision or 10) - scale
    smallest = Decimal(1).scaleb(-scale)
    value = Decimal(number) + (5 * smallest if scale else 0) if whole_digits else number * smallest
    return f"{value:.{scale}f}"


def _text(column: Column, number: int) -> str:
    length = column.type.length or 0
    if length < 3:
        return str(number)[:length]
    name = "".join(c for c in column.name if c.isascii() and c.isalnum()) or "text"
    return f"{name[: min(length, 30) - 2]} {number}"


def _binary(column: Column, number: int) -> str:
    length = column.type.length
    if column.type.kind is TypeKind.BINARY:
        return f"{number:02X}".ljust(2 * (1 if length is None else length), "0")[
            : 2 * (length or 0)
        ]
    return f"{number:02X}" if length != 0 else ""


def _fraction(kind: ColumnType) -> str:
    return f".{_FRACTION[: kind.fraction]}" if kind.fraction else ""


def _member(column: Column, number: int) -> str:
    members = [member for member in column.type.members if member] or [""]
    return members[(number - 1) % len(members)]


_TEXTS: Mapping[TypeKind, Callable[[Column, int], str]] = MappingProxyType(
    {
        TypeKind.INTEGER: lambda _, number: str(number),
        TypeKind.BOOLEAN: lambda _, number: str(number % 2),
        TypeKind.BIT: lambda column, number: str(number % 2 ** (column.type.length or 1)),
        TypeKind.DECIMAL: _decimal,
        TypeKind.FLOAT: lambda _, number: f"{number}.5",
        TypeKind.DOUBLE: lambda _, number: f"{number}.5",
        TypeKind.CHAR: _text,
        TypeKind.VARCHAR: _text,
        TypeKind.TEXT: _text,
        TypeKind.BINARY: _binary,
        TypeKind.VARBINARY: _binary,
        TypeKind.BLOB: _binary,
        TypeKind.DATE: lambda _, number: f"2024-02-{number:02}",
        TypeKind.DATETIME: lambda c, number: f"2024-02-{number:02} 10:30:00{_fraction(c.type)}",
        TypeKind.TIMESTAMP: lambda c, number: f"2024-02-{number:02} 10:30:00{_fraction(c.type)}",
        TypeKind.TIME: lambda column, number: f"10:30:{number:02}{_fraction(column.type)}",
        TypeKind.YEAR: lambda _, number: str(2020 + number),
        TypeKind.ENUM: _member,
        TypeKind.SET: _member,
        TypeKind.JSON: lambda _, number: f'{{"number": {number}}}',
    }
)
