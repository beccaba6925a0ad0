"""Invented values that look like personal ones: same form, same length, valid where those were.

For golden cases, which must run like the real records and show nobody. The same value always gets
the same lookalike, and different values different ones, so keys still meet, as long as the types
have enough values: the last one left may be the value itself. Imports core.schema.
"""

import hashlib
import json
import random
import re
import secrets
import string
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from admw_assets.core.configuration import BooleanTexts
from admw_assets.core.schema import Column, TypeKind

_ATTEMPTS = 200
_TIME_OF_DAY = r"((?:[T ]\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?\s*)"
_DATE = re.compile(r"(\s*)(\d{4})([-/.]?)(\d\d)\3(\d\d)" + _TIME_OF_DAY)
_DATE_BACKWARDS = re.compile(r"(\s*)(\d\d)([-/.])(\d\d)\3(\d{4})" + _TIME_OF_DAY)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d((?:\.\d+)?)")
_NUMBER = re.compile(r"(\s*[+-]?[\d.,]+)((?:[eE][+-]?\d+)?\s*)")
_HEX = re.compile(r"[0-9A-Fa-f]+")
_WHOLE = re.compile(r"(\s*[+-]?0*)([1-9][0-9]*)(\s*)")
_YEARS = range(1930, 2010)
_SMALL = frozenset({TypeKind.ENUM, TypeKind.SET, TypeKind.BOOLEAN})

Shape = Callable[[str, Column, random.Random], str | None]
"""None: the value does not have the form of the type."""


class Lookalikes:
    """Hands out lookalikes; the key is random and kept nowhere, so none leads back to its value."""

    def __init__(self, booleans: BooleanTexts, encoding: str = "utf-8") -> None:
        self._booleans, self._encoding = booleans, encoding
        self._key = secrets.token_bytes(16)
        self._owners: dict[str, str] = {}

    def of(self, value: str, column: Column | None = None) -> str:
        """The lookalike of a value; `column` is the target column that it is for, where known.

        White space, punctuation, letter case and empty texts stay, and zeros but for whole numbers
        that would leave the bounds of the column.
        """
        plain = value.strip().casefold()
        if not any(character.isalnum() for character in plain):
            return value
        candidate = value
        is_small = column is not None and column.type.kind in _SMALL
        for attempt in range(_ATTEMPTS):
            candidate = self._candidate(value, column, self._random(plain, attempt))
            taken = candidate.strip().casefold()
            fits = column is None or _is_valid(candidate, column) == _is_valid(value, column)
            may_be_itself = attempt >= _ATTEMPTS // 2  # where no other is left
            is_other = self._is_free(taken, plain) and (taken != plain or may_be_itself)
            if fits and (is_small or is_other):
                break
        self._owners.setdefault(candidate.strip().casefold(), plain)
        return candidate

    def _random(self, plain: str, attempt: int) -> random.Random:
        digest = hashlib.blake2b(f"{attempt}:{plain}".encode("utf-8", "replace"), key=self._key)
        return random.Random(digest.digest())

    def _is_free(self, candidate: str, plain: str) -> bool:
        return self._owners.get(candidate, plain) == plain

    def _candidate(self, value: str, column: Column | None, dice: random.Random) -> str:
        """By the form of the column's type; what does not have that form becomes other letters."""
        letters = partial(self._letters, dice=dice)
        if column is None:
            return _other_date(value, dice) or letters(value)
        kind = column.type.kind
        if kind is TypeKind.BOOLEAN:
            texts = (*self._booleans.true, *self._booleans.false)
            return _choice(value, texts, dice) or letters(value)
        if kind is TypeKind.JSON:
            return _json(value, letters) or letters(value)
        shape = _SHAPES.get(kind)
        return (shape(value, column, dice) if shape else None) or letters(value)

    def _letters(self, text: str, dice: random.Random) -> str:
        return "".join(_character(character, dice, self._encoding) for character in text)


def _character(character: str, dice: random.Random, encoding: str) -> str:
    if character in string.ascii_letters:
        letter = dice.choice(string.ascii_lowercase)
        return letter.upper() if character.isupper() else letter
    if character.isdecimal() and character.isascii():
        return character if character == "0" else dice.choice("123456789")
    if not character.isalpha() or character.isascii():
        return character
    return dice.choice(_relatives(character, encoding))


def _relatives(character: str, encoding: str) -> list[str]:
    """Letters of the same block of 32 and the same kind that the file's encoding has."""
    start, category = ord(character) & ~31, unicodedata.category(character)
    near = [chr(code) for code in range(start, start + 32)]
    return [
        c for c in near if unicodedata.category(c) == category and _can_encode(c, encoding)
    ] or [character]


def _can_encode(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _digits(value: str, column: Column, dice: random.Random) -> str | None:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    return re.sub(r"[1-9]", lambda _: dice.choice("123456789"), match[1]) + match[2]


def _whole(value: str, column: Column, dice: random.Random) -> str | None:
    """Other digits, within the type's bounds where the number was within them.

    The same as for other columns where those are within. Else drawn from the bounds, as other
    digits are seldom within: of the four-digit numbers without a zero, every fiftieth is a year.
    """
    match, bounds = _WHOLE.fullmatch(value), _bounds(column)
    other = _digits(value, column, dice)
    if match is None or other is None or bounds is None:
        return other
    if int(value) not in bounds or int(other) in bounds:
        return other
    most = -bounds.start if "-" in match[1] else bounds.stop - 1
    lowest, highest = 10 ** (len(match[2]) - 1), min(most, 10 ** len(match[2]) - 1)
    drawn = dice.randint(max(lowest, bounds.start), highest)
    return f"{match[1]}{drawn}{match[3]}"


def _bounds(column: Column) -> range | None:
    """The whole numbers that the column's type holds; None for other types."""
    kind, low, high = column.type.kind, column.type.minimum, column.type.maximum
    if kind is TypeKind.YEAR:
        return range(1901, 2156)
    if kind is TypeKind.BIT:
        return range(2 ** (column.type.length or 1))
    if kind is TypeKind.INTEGER and low is not None and high is not None:
        return range(low, high + 1)
    return None


def _hex(value: str, column: Column, dice: random.Random) -> str | None:
    if not _HEX.fullmatch(value):
        return None

    def other(match: re.Match[str]) -> str:
        digit = dice.choice("123456789abcdef")
        return digit.upper() if value.isupper() else digit

    return re.sub(r"[1-9A-Fa-f]", other, value)


def _clock(value: str, column: Column, dice: random.Random) -> str | None:
    match = _CLOCK.fullmatch(value)
    if match is None:
        return None
    return f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}{match[1]}"


def _moment(value: str, column: Column, dice: random.Random) -> str | None:
    return _other_date(value, dice)


def _member(value: str, column: Column, dice: random.Random) -> str | None:
    return _choice(value, column.type.members, dice)


def _members(value: str, column: Column, dice: random.Random) -> str | None:
    members, chosen = list(column.type.members), value.split(",")
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(members):
        return None
    return ",".join(sorted(dice.sample(members, len(chosen)), key=members.index))


def _choice(value: str, members: tuple[str, ...], dice: random.Random) -> str | None:
    known = {member.casefold() for member in members}
    return dice.choice(members) if value.casefold() in known else None


_SHAPES: Mapping[TypeKind, Shape] = {
    TypeKind.INTEGER: _whole,
    TypeKind.BIT: _whole,
    TypeKind.YEAR: _whole,
    TypeKind.DECIMAL: _digits,
    TypeKind.FLOAT: _digits,
    TypeKind.DOUBLE: _digits,
    TypeKind.TIME: _clock,
    TypeKind.DATE: _moment,
    TypeKind.DATETIME: _moment,
    TypeKind.TIMESTAMP: _moment,
    TypeKind.ENUM: _member,
    TypeKind.SET: _members,
    TypeKind.BINARY: _hex,
    TypeKind.VARBINARY: _hex,
    TypeKind.BLOB: _hex,
}


def _other_date(text: str, dice: random.Random) -> str | None:
    """Another date in the same form, the time of day as it was; None where the text is no date.

    A day that does not exist (30 February) becomes one that does not either.
    """
    if match := _DATE.fullmatch(text):
        year, month, day = _moved(match[2], match[4], match[5], dice)
        return f"{match[1]}{year}{match[3]}{month}{match[3]}{day}{match[6]}"
    if match := _DATE_BACKWARDS.fullmatch(text):
        is_day_first = _is_day(match[5], match[4], match[2])
        one, two = (match[2], match[4]) if is_day_first else (match[4], match[2])
        year, month, day = _moved(match[5], two, one, dice)
        one, two = (day, month) if is_day_first else (month, day)
        return f"{match[1]}{one}{match[3]}{two}{match[3]}{year}{match[6]}"
    return None


def _moved(year: str, month: str, day: str, dice: random.Random) -> tuple[str, str, str]:
    if _is_day(year, month, day):  # up to 12, so that it is a date in whichever order it is read
        return str(dice.choice(_YEARS)), f"{dice.randint(1, 12):02}", f"{dice.randint(1, 12):02}"
    years = [str(other) for other in _YEARS if not _is_day(str(other), month, day)]
    return dice.choice(years), month, day


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _json(value: str, letters: Callable[[str], str]) -> str | None:
    """The document with other texts and numbers in it; its keys stay."""

    def other(node: object) -> object:
        if isinstance(node, dict):
            return {key: other(child) for key, child in node.items()}  # pyright: ignore
        if isinstance(node, list):
            return [other(child) for child in node]  # pyright: ignore
        if isinstance(node, str):
            return letters(node)
        is_number = isinstance(node, (int, float)) and not isinstance(node, bool)
        return json.loads(letters(json.dumps(node))) if is_number else node

    try:
        return json.dumps(other(json.loads(value)), ensure_ascii=False)
    except ValueError:
        return None


def _is_valid(value: str, column: Column) -> bool:
    """As far as a lookalike of the same form could lose it: bounds and members."""
    kind, bounds = column.type.kind, _bounds(column)
    if bounds is not None:
        return bool(re.fullmatch(r"[+-]?\d+", value.strip())) and int(value) in bounds
    if kind is TypeKind.ENUM:
        return value in column.type.members
    if kind is TypeKind.SET:
        return set(value.split(",")) <= set(column.type.members)
    return True
