"""The canonical text of a value, by the kind of its column; imports core only.

| kind                      | text                                                              |
|---------------------------|-------------------------------------------------------------------|
| INTEGER BIT YEAR BOOLEAN  | decimal digits, `-` where negative; YEAR always four digits       |
| DECIMAL                   | exactly `scale` decimals, no sign on zero                         |
| DATE                      | `YYYY-MM-DD`                                                      |
| DATETIME TIMESTAMP        | `YYYY-MM-DD HH:MM:SS`, then `.` and exactly `fraction` digits     |
| TIME                      | `[-]HH:MM:SS` (at least two digits of hours), fraction as above   |
| CHAR                      | without trailing spaces (U+0020 only)                             |
| VARCHAR TEXT ENUM SET JSON| as it is                                                          |
| BINARY VARBINARY BLOB     | upper-case hex; BINARY(n) filled up to n bytes with zeros         |
| FLOAT DOUBLE              | the 16 upper-case hex digits of the value as IEEE 754 binary64,   |
|                           | sign first (1.5 is `3FF8000000000000`); negative zero as zero     |
| FLOAT DOUBLE, `decimals`  | the shortest decimal text that reads back as the same binary64,   |
|                           | rounded half away from zero, exactly `decimals` decimals, no sign |
|                           | on zero; from 2**53 on (no fraction left) the hex digits as above |

A FLOAT is first rounded to binary32 (text to binary64 to binary32, as MySQL stores it) and then
widened. Binary floats are compared by their bits because they are the only thing that all four
engines give exactly: MySQL prints a FLOAT with six digits, which hides changes that the column
keeps, and the digits that Java 17 prints are not always the shortest (JDK-4511638).
"""

import re
import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache, partial
from types import MappingProxyType

from admw_assets.core.errors import TransformError
from admw_assets.core.schema import ColumnType, TypeKind

FIRST_WHOLE_FLOAT = float(2**53)
"""From here on a binary64 is a whole number, so rounding to decimals leaves it alone."""

_LARGEST_FLOAT = 3.4028234663852886e38
_BITS = re.compile(r"[0-9A-F]{16}")
_EXACT = Context(prec=130, rounding=ROUND_HALF_UP)  # DECIMAL has at most 65 digits
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?")
_TIME = re.compile(r"(-?)(\d{1,3}):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?")


def canonical_text(
    column_type: ColumnType, value: object, decimals: int | None = None
) -> str | None:
    """The canonical text of a value, None for NULL.

    `value` is what a driver returns for the type, or a text in the form of the type (hex digits
    for binary kinds). `decimals` is `float_decimals` of migration.yaml and touches FLOAT and
    DOUBLE only. Raises TransformError where the value is none of the type.
    """
    if value is None:
        return None
    try:
        return writer(column_type, decimals)(value)
    except (ValueError, ArithmeticError, TypeError) as err:
        raise TransformError(
            f"A value of Python type {type(value).__name__} is no {column_type.sql}.",
            next_step="Validate values against the column before they are hashed.",
            type=column_type.sql,
        ) from err


def readable_text(column_type: ColumnType, text: str | None) -> str | None:
    """A canonical text as people read it: the digits of a FLOAT or DOUBLE instead of its bits.

    The shortest digits that read back as the same value, so different values stay different.
    """
    if text is None or column_type.kind not in (TypeKind.FLOAT, TypeKind.DOUBLE):
        return text
    if not _BITS.fullmatch(text):
        return text
    (value,) = struct.unpack(">d", bytes.fromhex(text))
    if column_type.kind is TypeKind.FLOAT:
        for digits in range(6, 10):
            short = float(f"{value:.{digits}g}")
            if abs(short) <= _LARGEST_FLOAT and _single(short) == value:
                return repr(short)
    return repr(value)


def _single(value: float) -> float:
    (narrow,) = struct.unpack("<f", struct.pack("<f", value))
    return narrow


@lru_cache(maxsize=4096)
def writer(column_type: ColumnType, decimals: int | None = None) -> Callable[[object], str]:
    """The function that writes values (never None) of a type; raises ValueError and the like."""
    return _WRITERS[column_type.kind](column_type, decimals)


def _integer(value: object) -> str:
    if isinstance(value, (int, str)):
        return str(int(value))
    if isinstance(value, (bytes, bytearray)):  # drivers return BIT(n) as big-endian bytes
        return str(int.from_bytes(value))
    if isinstance(value, (Decimal, float)) and value == int(value):
        return str(int(value))
    raise ValueError


def _year(value: object) -> str:
    return _integer(value).zfill(4)


def _decimal(scale: int, value: object) -> str:
    if not isinstance(value, (int, str, Decimal)):
        raise TypeError
    return _fixed(Decimal(value), scale)


def _fixed(value: Decimal, scale: int) -> str:
    rounded = _EXACT.quantize(value, Decimal((0, (1,), -scale)))
    return f"{rounded if rounded else abs(rounded):f}"


def _date(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) == 10:
        return value
    raise ValueError


def _timestamp(fraction: int, value: object) -> str:
    if isinstance(value, date):
        at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        text = at.replace(tzinfo=None).isoformat(" ", "microseconds")
        return text[: 20 + fraction] if fraction else text[:19]
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError
    return f"{match[1]} {match[2]}{_fraction_text(match[3], fraction)}"


def _time(fraction: int, value: object) -> str:
    if isinstance(value, time):
        text = value.replace(tzinfo=None).isoformat("microseconds")
        return text[: 9 + fraction] if fraction else text[:8]
    if isinstance(value, timedelta):
        return _duration(fraction, value)
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError
    digits = f"{int(match[2]):02}:{match[3]}:{match[4]}{_fraction_text(match[5], fraction)}"
    return match[1] + digits if match[1] and digits.strip("0:.") else digits


def _duration(fraction: int, value: timedelta) -> str:
    microseconds = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    text += _fraction_text(f"{rest:06}", fraction)
    return f"-{text}" if microseconds < 0 and text.strip("0:.") else text


def _fraction_text(digits: str | None, fraction: int) -> str:
    return "." + (digits or "").ljust(fraction, "0")[:fraction] if fraction else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _char(value: object) -> str:
    return _text(value).rstrip(" ")


def _binary(length: int, value: object) -> str:
    if isinstance(value, str):
        value = bytes.fromhex(value)
    if not isinstance(value, (bytes, bytearray)):
        raise TypeError
    return bytes(value).ljust(length, b"\0").hex().upper()


def _float(single: bool, decimals: int | None, value: object) -> str:
    if not isinstance(value, (int, float, str, Decimal)):
        raise TypeError
    number = float(value)
    if single:
        (number,) = struct.unpack("<f", struct.pack("<f", number))
    if decimals is not None and abs(number) < FIRST_WHOLE_FLOAT:
        return _fixed(Decimal(repr(number)), decimals)
    return struct.pack(">d", number + 0.0).hex().upper()  # -0.0 + 0.0 is 0.0


_Factory = Callable[[ColumnType, int | None], Callable[[object], str]]
_WRITERS: Mapping[TypeKind, _Factory] = MappingProxyType(
    {
        TypeKind.INTEGER: lambda _, __: _integer,
        TypeKind.BOOLEAN: lambda _, __: _integer,
        TypeKind.BIT: lambda _, __: _integer,
        TypeKind.YEAR: lambda _, __: _year,
        TypeKind.DECIMAL: lambda kind, _: partial(_decimal, kind.scale or 0),
        TypeKind.FLOAT: lambda _, decimals: partial(_float, True, decimals),
        TypeKind.DOUBLE: lambda _, decimals: partial(_float, False, decimals),
        TypeKind.DATE: lambda _, __: _date,
        TypeKind.DATETIME: lambda kind, _: partial(_timestamp, kind.fraction),
        TypeKind.TIMESTAMP: lambda kind, _: partial(_timestamp, kind.fraction),
        TypeKind.TIME: lambda kind, _: partial(_time, kind.fraction),
        TypeKind.CHAR: lambda _, __: _char,
        TypeKind.VARCHAR: lambda _, __: _text,
        TypeKind.TEXT: lambda _, __: _text,
        TypeKind.ENUM: lambda _, __: _text,
        TypeKind.SET: lambda _, __: _text,
        TypeKind.JSON: lambda _, __: _text,
        TypeKind.BINARY: lambda kind, _: partial(_binary, kind.length or 1),
        TypeKind.VARBINARY: lambda _, __: partial(_binary, 0),
        TypeKind.BLOB: lambda _, __: partial(_binary, 0),
    }
)
