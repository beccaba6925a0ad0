"""Texts of columns that are no key: drawn at random, with the edges of the type among them.

Imports core.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from admw_assets.core.configuration import BooleanTexts
from admw_assets.core.schema import Column, ColumnType, TypeKind
from admw_assets.samples.check_limits import Limit
from admw_assets.samples.realistic_text import AWKWARD, word_kind, words

_CODECS = {
    "latin1": "cp1252", "ascii": "ascii", "latin2": "iso8859-2", "cp1250": "cp1250",
    "cp1251": "cp1251", "utf8mb4": "utf-8", "utf16": "utf-16", "utf32": "utf-32",
    "gbk": "gbk", "big5": "big5", "koi8r": "koi8-r", "greek": "iso8859-7",
}  # fmt: skip
_THREE_BYTES = frozenset({"utf8", "utf8mb3", "ucs2"})
_NEWEST_DAY, _DAYS = date(2029, 12, 31), 36_000
_LEAP_DAY = "2024-02-29"
_EDGES = {  # besides the drawn ones
    TypeKind.DATE: ("1000-01-01", "9999-12-31", _LEAP_DAY),
    TypeKind.DATETIME: ("1000-01-01 00:00:00", "9999-12-31 23:59:59", f"{_LEAP_DAY} 02:30:00"),
    TypeKind.TIMESTAMP: ("1970-01-01 00:00:01", "2038-01-19 03:14:06", f"{_LEAP_DAY} 02:30:00"),
    TypeKind.TIME: ("00:00:00", "-00:30:00", "837:59:59"),
    TypeKind.YEAR: ("1901", "2155"),
}
_ONE_IN = 12  # drawn values are an edge so often


@dataclass(frozen=True, slots=True)
class TextDraw:
    """Draws the texts of one column: `text(bits)` is a function of 64 bits.

    `can_stand` tells whether the file's format has a way to write a text.
    """

    column: Column
    seed: int
    booleans: BooleanTexts
    limit: Limit | None
    can_stand: Callable[[str], bool]

    def texts(self, bits: Sequence[int]) -> list[str]:
        """The texts for these bits."""
        edges = () if self.limit else self.edges()
        draw = self._drawing()
        return [
            edges[(b >> 8) % len(edges)] if edges and b % _ONE_IN == 0 else draw(b >> 8)
            for b in bits
        ]

    def edges(self) -> tuple[str, ...]:
        """The texts at the bounds of the type, and awkward ones."""
        kind = self.column.type
        match kind.kind:
            case TypeKind.INTEGER:
                return (str(kind.minimum), str(kind.maximum), "0")
            case TypeKind.DECIMAL:
                scale, whole = kind.scale or 0, (kind.precision or 10) - (kind.scale or 0)
                most = ("9" * whole or "0") + ("." + "9" * scale if scale else "")
                least = "0." + "0" * (scale - 1) + "1" if scale else "1"
                return (most, least, "0") if kind.unsigned else (most, "-" + most, least, "0")
            case TypeKind.BIT:
                return ("0", str(2 ** (kind.length or 1) - 1))
            case TypeKind.CHAR | TypeKind.VARCHAR | TypeKind.TEXT:
                longest = min(kind.length or 0, 1000)
                texts = (*AWKWARD, "x" * longest)
                return tuple(t for t in texts if self._fits(t))
            case TypeKind.BINARY | TypeKind.VARBINARY | TypeKind.BLOB:
                longest = min(kind.length or 0, 300)
                return ("FF" * longest,) if self.can_stand("") else ()
            case _:
                fraction = "." + "9" * kind.fraction if kind.fraction else ""
                return tuple(edge + fraction for edge in _EDGES.get(kind.kind, ()))

    def stem(self, bits: int) -> str:
        """What a key's text may begin with."""
        pool = self._words()
        return pool[bits % len(pool)] if pool else ""

    def _drawing(self) -> Callable[[int], str]:
        kind, limit = self.column.type, self.limit
        if limit and limit.members:
            return lambda b: limit.members[b % len(limit.members)]
        match kind.kind:
            case TypeKind.INTEGER:
                return self._integer
            case TypeKind.DECIMAL | TypeKind.FLOAT | TypeKind.DOUBLE:
                return self._number
            case TypeKind.BOOLEAN:
                return lambda b: (self.booleans.true if b % 2 else self.booleans.false)[0]
            case TypeKind.BIT:
                return lambda b: str(b % 2 ** min(kind.length or 1, 48))
            case TypeKind.CHAR | TypeKind.VARCHAR | TypeKind.TEXT:
                pool = self._words() or ("x"[: kind.length],)
                return lambda b: pool[b % len(pool)]
            case TypeKind.BINARY:
                return lambda b: f"{b:014X}".ljust(2 * (kind.length or 0), "0")[
                    : 2 * (kind.length or 0)
                ]
            case TypeKind.VARBINARY | TypeKind.BLOB:
                return lambda b: f"{b:014X}"[: 2 * min(kind.length or 0, 1 + b % 7)]
            case TypeKind.ENUM | TypeKind.SET:
                return self._members(kind)
            case TypeKind.YEAR:
                return lambda b: str(1950 + b % 100)
            case TypeKind.JSON:
                pool = words("", self.seed)
                return lambda b: json.dumps(
                    {"n": b % 1000, "t": pool[b % len(pool)], "x": [None, True, 1.5]}
                )
            case TypeKind.DATE:
                return _day
            case TypeKind.TIME:
                return lambda b: _clock(b) + _fraction(kind, b)
            case _:
                return lambda b: f"{_moment_day(kind, b)} {_clock(b)}{_fraction(kind, b)}"

    def _integer(self, bits: int) -> str:
        low, high = self._bounds(Decimal(0), Decimal(min(self.column.type.maximum or 1, 9_999)))
        return str(int(low) + bits % (int(high) - int(low) + 1))

    def _number(self, bits: int) -> str:
        kind = self.column.type
        scale = (kind.scale or 0) if kind.precision else 2
        whole = min((kind.precision or 9) - scale, 6)
        low, high = self._bounds(Decimal(0), Decimal(10**whole - 1))
        unit = 10**scale
        value = int(low * unit) + bits % (int((high - low) * unit) + 1)
        sign = "-" if value and not (kind.unsigned or self.limit) and bits % 5 == 0 else ""
        digits = str(abs(value)).rjust(scale + 1, "0")
        sign = "-" if value < 0 else sign
        return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)

    def _bounds(self, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
        limit = self.limit or Limit()
        if limit.low is not None:
            low, high = limit.low, max(high, limit.low + 9)
        if limit.high is not None:
            high = limit.high
            low = min(low, high)
        most = self.column.type.maximum
        return low, high if most is None else min(high, Decimal(most))

    def _members(self, kind: ColumnType) -> Callable[[int], str]:
        members = [m for m in kind.members if self._stands(m)]
        if kind.kind is TypeKind.ENUM:
            return lambda b: members[b % len(members)] if members else ""

        def some(bits: int) -> str:
            chosen = [m for n, m in enumerate(members) if bits >> n & 1]
            text = ",".join(chosen)
            return text if self.can_stand(text) else members[0]

        return some

    def _words(self) -> tuple[str, ...]:
        """The words that the column's name suggests, cut to its length."""
        kind = self.column.type
        length = (kind.length or 0) // (4 if kind.kind is TypeKind.TEXT else 1)
        cut = [word[:length].strip() for word in words(word_kind(self.column.name), self.seed)]
        return tuple(word for word in cut if word and self._fits(word))

    def _fits(self, text: str) -> bool:
        kind = self.column.type
        size = len(text.encode()) if kind.kind is TypeKind.TEXT else len(text)
        return size <= (kind.length or 0) and self._stands(text)

    def _stands(self, text: str) -> bool:
        """Whether both the column's character set and the file can hold a text."""
        name = (self.column.type.character_set or "utf8mb4").lower()
        if name in _THREE_BYTES:
            return max(text, default="") <= "\uffff" and self.can_stand(text)
        try:
            text.encode(_CODECS.get(name, "ascii"))
        except UnicodeEncodeError:
            return False
        return self.can_stand(text)


def _day(bits: int) -> str:
    return (_NEWEST_DAY - timedelta(days=bits % _DAYS)).isoformat()


def _moment_day(kind: ColumnType, bits: int) -> str:
    if kind.kind is TypeKind.TIMESTAMP:
        return (_NEWEST_DAY - timedelta(days=bits % 20_000)).isoformat()
    return _day(bits)


def _clock(bits: int) -> str:
    second = (bits >> 16) % 86_400
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _fraction(kind: ColumnType, bits: int) -> str:
    return f".{(bits >> 20) % 10**kind.fraction:0{kind.fraction}d}" if kind.fraction else ""
