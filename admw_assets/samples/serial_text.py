"""Texts of keys: a different one for every number, whatever the column's collation; imports core.

Texts differ in their digits, at the end or throughout, so that neither case nor accents nor
spaces at the end can make two of them equal.
"""

from datetime import date, datetime, timedelta

from admw_assets.core.schema import ColumnType, TypeKind

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FIRST_DAY, _DAYS = date(1950, 1, 1), 50_000
_FIRST_SECOND, _SECONDS = datetime(1975, 1, 1), 1_900_000_000  # ends before TIMESTAMP does
_LONGEST_NUMBER = 12  # characters that a number takes at the end of a text
_ENDLESS = 2**53


def capacity(kind: ColumnType) -> int:
    """How many different texts `serial_text` has for the type; 1 where it has no order."""
    return min(_texts(kind), _ENDLESS)


def _texts(kind: ColumnType) -> int:
    match kind.kind:
        case TypeKind.INTEGER:
            return kind.maximum or 127
        case TypeKind.BOOLEAN:
            return 2
        case TypeKind.BIT:
            return 2 ** (kind.length or 1)
        case TypeKind.DECIMAL:
            return 10 ** (kind.precision or 10) - 1
        case TypeKind.FLOAT | TypeKind.DOUBLE:
            digits = min((kind.precision or 30) - (kind.scale or 0), 30)
            return min(10**digits, 2**24 if kind.kind is TypeKind.FLOAT else _ENDLESS)
        case TypeKind.CHAR | TypeKind.VARCHAR | TypeKind.TEXT:
            return len(_DIGITS) ** min(kind.length or 0, _LONGEST_NUMBER)
        case TypeKind.BINARY | TypeKind.VARBINARY | TypeKind.BLOB:
            return 256 ** min(kind.length or 0, 6)
        case TypeKind.DATE:
            return _DAYS
        case TypeKind.DATETIME | TypeKind.TIMESTAMP:
            return _SECONDS
        case TypeKind.TIME:
            return 86_400
        case TypeKind.YEAR:
            return 255
        case TypeKind.ENUM:
            return len([member for member in kind.members if member])
        case _:
            return 1


def serial_text(kind: ColumnType, number: int, stem: str = "") -> str:
    """The text of a number from 0 on; `stem` is what a long text begins with."""
    match kind.kind:
        case TypeKind.INTEGER:
            return str(number + 1)
        case TypeKind.BOOLEAN | TypeKind.BIT:
            return str(number)
        case TypeKind.DECIMAL:
            scale = kind.scale or 0
            digits = str(number + 1).rjust(scale + 1, "0")
            return f"{digits[: len(digits) - scale]}.{digits[-scale:]}" if scale else digits
        case TypeKind.FLOAT | TypeKind.DOUBLE:
            return str(number)
        case TypeKind.CHAR | TypeKind.VARCHAR | TypeKind.TEXT:
            return _numbered(number, kind.length or 0, stem)
        case TypeKind.BINARY | TypeKind.VARBINARY | TypeKind.BLOB:
            width = min(kind.length or 0, 6)
            filled = (kind.length or 0) if kind.kind is TypeKind.BINARY else width
            return f"{number:0{2 * width}X}".ljust(2 * filled, "0")
        case TypeKind.DATE:
            return (_FIRST_DAY + timedelta(days=number)).isoformat()
        case TypeKind.DATETIME | TypeKind.TIMESTAMP:
            moment = (_FIRST_SECOND + timedelta(seconds=number)).isoformat(" ")
            return moment + ("." + "0" * kind.fraction if kind.fraction else "")
        case TypeKind.TIME:
            clock = f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
            return clock + ("." + "0" * kind.fraction if kind.fraction else "")
        case TypeKind.YEAR:
            return str(1901 + number)
        case TypeKind.ENUM:
            return [member for member in kind.members if member][number]
        case _:
            return ""


def _numbered(number: int, length: int, stem: str) -> str:
    room = length - _LONGEST_NUMBER
    if room >= 0:
        letters = "".join(c for c in stem if not c.isdigit())
        name, at, domain = letters.partition("@")
        if at and len(letters) <= room:
            return f"{name}{number}@{domain}"
        return f"{letters[:room].rstrip()} {number}".strip()
    code = ""
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        code = _DIGITS[digit] + code
    return code
