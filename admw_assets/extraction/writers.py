"""Texts of values that keep every digit, column by column; imports core.

Dates, moments, times and bytes are written in the forms of core.canonical_text, floats as the
shortest decimal text that reads back as the same number.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from admw_assets.core.canonical_text import writer as canonical_writer
from admw_assets.core.errors import ExtractionError
from admw_assets.core.schema import ColumnType, TypeKind
from admw_assets.extraction.source import Texts, Writer

_MICROSECONDS = 6
_LARGEST_SINGLE = 3.4028234663852886e38


def each(write: Callable[[Any], str]) -> Writer:
    """The writer of a column whose values are written one by one; NULL stays None."""

    def texts(values: Sequence[Any]) -> Texts:
        return [None if value is None else write(value) for value in values]

    return texts


def as_delivered(values: Sequence[Any]) -> Texts:
    """What the server printed."""
    return list(values)


def hex_text(value: bytes | bytearray | memoryview) -> str:
    """Upper-case hex digits."""
    return value.hex().upper()


def text_or_hex(value: str | bytes) -> str:
    """Text as it is, bytes as hex: for types that a driver may deliver either way."""
    return value if isinstance(value, str) else hex_text(value)


def bit_number(value: bytes) -> str:
    """BIT(n), delivered as big-endian bytes, as a decimal number."""
    return str(int.from_bytes(value))


def bit_digits_number(value: str) -> str:
    """BIT(n), delivered as binary digits, as a decimal number."""
    return str(int(value, 2))


def double_text(value: float | str) -> str:
    """The shortest text of a binary64."""
    return repr(float(value)).removesuffix(".0")


def single_text(value: float | str) -> str:
    """The shortest text of a binary32, given widened to a binary64."""
    number = float(value)
    for digits in range(6, 10):
        text = f"{number:.{digits}g}"
        if _as_single(float(text)) == number:
            return not_above_singles(text)
    return double_text(number)  # no binary32, or an infinity


def not_above_singles(text: str) -> str:
    """The largest binary32 with more digits: its shortest text is rounded up, out of its range."""
    if _LARGEST_SINGLE < abs(float(text)) < math.inf:
        return double_text(math.copysign(_LARGEST_SINGLE, float(text)))
    return text


def plain_integer(value: str | int) -> str:
    """An integer without leading zeros (ZEROFILL)."""
    return str(int(value))


def plain_decimal(value: str | Decimal) -> str:
    """A decimal without leading zeros (ZEROFILL) and without exponent; its scale stays."""
    return f"{Decimal(value):f}"


def fraction_filled(fraction: int) -> Callable[[str], str]:
    """Digits of seconds filled up with zeros, which PostgreSQL leaves away at the end.

    `infinity` and years before Christ stay as the server prints them.
    """

    def write(text: str) -> str:
        whole, _, digits = text.partition(".")
        if not (fraction and whole[-1:].isdigit() and (digits + "0").isdigit()):
            return text
        return f"{whole}.{digits:0<{fraction}}"

    return write


def value_text(value: object) -> str:
    """The text of a value by its Python type; raises ExtractionError where it has none."""
    write = _BY_TYPE.get(type(value))
    if write is not None:
        return write(value)
    for kind, write in _BY_TYPE.items():
        if isinstance(value, kind):
            return write(value)
    raise ExtractionError(
        f"Values of type {type(value).__name__} have no text form.",
        next_step="Convert the column to text in a view, and extract the view with --table.",
    )


def _as_single(number: float) -> float:
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return number


def _moment(value: datetime) -> str:
    utc = value.astimezone(UTC) if value.tzinfo else value
    return canonical_writer(ColumnType(TypeKind.DATETIME, "", fraction=_MICROSECONDS))(utc)


_BY_TYPE: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        str: str,
        bool: lambda value: "1" if value else "0",
        int: str,
        float: double_text,
        Decimal: plain_decimal,
        datetime: _moment,  # before date, of which it is a kind
        date: date.isoformat,
        time: canonical_writer(ColumnType(TypeKind.TIME, "", fraction=_MICROSECONDS)),
        timedelta: canonical_writer(ColumnType(TypeKind.TIME, "", fraction=_MICROSECONDS)),
        bytes: hex_text,
        bytearray: hex_text,
        memoryview: hex_text,
        UUID: str,
        dict: lambda value: json.dumps(value, ensure_ascii=False),
        list: lambda value: json.dumps(value, ensure_ascii=False),
    }
)
