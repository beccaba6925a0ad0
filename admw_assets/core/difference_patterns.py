"""What may have happened to one value: patterns of a pair of texts; pure, imports nothing of ADMW.

A pattern looks at a text as delivered and as found, and gives a detail for every way in which it
explains the pair completely ("by +8 h", "at 20 characters"), so nothing where it does not.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

Pattern = Callable[[str, str], Iterator[str]]

_NUMBER = re.compile(r"[+-]?\d{1,80}(\.\d{1,80})?([eE][+-]?\d{1,3})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d:\d\d(\.\d{1,6})?)?")
_CLOCK = re.compile(r"(-?)(\d{2,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_EXACT = Context(prec=200)
_MOST_DECIMALS = 30  # of a DECIMAL
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_MARKS = ("?", "\ufffd")
_FARTHEST_POINT = 9  # digits that a decimal point is looked for


def time_of_day_lost(delivered: str, found: str) -> Iterator[str]:
    """`2024-05-06 07:08:09` became `2024-05-06 00:00:00`."""
    before, after = _moment(delivered), _moment(found)
    if before and after and before != after and after == _midnight(before):
        yield ""


def day_and_month(delivered: str, found: str) -> Iterator[str]:
    """`2024-05-06` became `2024-06-05`."""
    before, after = _moment(delivered), _moment(found)
    if not (before and after) or before.day == before.month or before.day > 12:
        return
    if after == before.replace(month=before.day, day=before.month):
        yield ""


def time_shift(delivered: str, found: str) -> Iterator[str]:
    """A date, a date and time, or a time of day, moved by so much."""
    before, after = _moment(delivered), _moment(found)
    if before and after:
        if before != after:
            yield _spoken(after - before)
        return
    first, second = _duration(delivered), _duration(found)
    if first is not None and second is not None and first != second:
        yield _spoken(second - first)


def sign(delivered: str, found: str) -> Iterator[str]:
    """`12.50` became `-12.50`."""
    before, after = number(delivered), number(found)
    if before and after is not None and before == -after:
        yield ""


def scale(delivered: str, found: str) -> Iterator[str]:
    """`1.50` became `1.5`: the same number."""
    before, after = number(delivered), number(found)
    if before is not None and before == after and delivered != found:
        yield f"({_counted(_decimals(before))} became {_decimals(after or before)})"


def rounding(delivered: str, found: str) -> Iterator[str]:
    """`1.2361` became `1.24`, at every number of decimals for which that is true."""
    return _fewer_decimals(delivered, found, (ROUND_HALF_UP, ROUND_HALF_EVEN))


def cut_decimals(delivered: str, found: str) -> Iterator[str]:
    """`1.2361` became `1.23`."""
    return _fewer_decimals(delivered, found, (ROUND_DOWN,))


def single_precision(delivered: str, found: str) -> Iterator[str]:
    """`0.1` became `0.10000000149011612`: what is left of it in 32 bits."""
    before, after = number(delivered), number(found)
    if before is None or after is None or before == after or abs(before) > Decimal("3.4e38"):
        return
    (narrow,) = struct.unpack("<f", struct.pack("<f", float(before)))
    if narrow == float(after):
        yield ""


def decimal_point(delivered: str, found: str) -> Iterator[str]:
    """`12.50` became `1250`: times or divided by a power of ten."""
    before, after = number(delivered), number(found)
    if not before or not after or before == after:
        return
    for digits in range(1, _FARTHEST_POINT + 1):
        if before.scaleb(digits, _EXACT) == after:
            yield f"by {digits} to the right (times {10**digits:,})"
        elif before.scaleb(-digits, _EXACT) == after:
            yield f"by {digits} to the left (divided by {10**digits:,})"


def white_space(delivered: str, found: str) -> Iterator[str]:
    """Spaces, tabs, line ends at the end or the beginning were lost or added."""
    if delivered.strip() != found.strip() or delivered == found:
        return
    is_lost = len(delivered) > len(found)
    longer, shorter = (delivered, found) if is_lost else (found, delivered)
    what = "lost" if is_lost else "added"
    at_end, at_start = longer.rstrip() == shorter.rstrip(), longer.lstrip() == shorter.lstrip()
    where = "" if at_end == at_start else " at the end" if at_end else " at the beginning"
    yield f"{what}{where}{_kind_of_space(longer, shorter)}"


def letter_case(delivered: str, found: str) -> Iterator[str]:
    """`Smith` became `SMITH`."""
    if delivered == found or delivered.casefold() != found.casefold():
        return
    if found == delivered.upper():
        yield "(all upper case now)"
    elif found == delivered.lower():
        yield "(all lower case now)"
    else:
        yield ""


def replaced_characters(delivered: str, found: str) -> Iterator[str]:
    """`Größe` became `Gr??e`, `Gr????e`, or `Gre`."""
    if delivered.isascii() or delivered == found:
        return
    for what, is_meant in _FOREIGN.items():
        for mark in _MARKS:
            if found == "".join(mark if is_meant(c) else c for c in delivered):
                yield f"({what} became {mark})"
            elif found == "".join(mark * len(_utf8(c)) if is_meant(c) else c for c in delivered):
                yield f"({what} became {mark}, once for each byte)"
        if found == "".join("" if is_meant(c) else c for c in delivered):
            yield f"({what} are gone)"


def lost_accents(delivered: str, found: str) -> Iterator[str]:
    """`Zoë` became `Zoe`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", delivered) if not _is_accent(c))
    if delivered != found and plain == found:
        yield ""


def normal_form(delivered: str, found: str) -> Iterator[str]:
    """The same characters, composed or decomposed (Unicode normal forms)."""
    if delivered == found:
        return
    for form in ("NFC", "NFD", "NFKC"):
        if unicodedata.normalize(form, delivered) == found:
            yield f"({form} now)"
            return


def mojibake(delivered: str, found: str) -> Iterator[str]:
    """`Zoë` became `ZoÃ«`: UTF-8 read as if it were an encoding of single bytes."""
    if delivered == found or (delivered.isascii() and found.isascii()):
        return
    for name, read in _MISREADINGS.items():
        if read(_utf8(delivered)) == found:
            yield f"(UTF-8 read as {name})"
        elif read(_utf8(found)) == delivered:
            yield f"(it was UTF-8 read as {name}, and is repaired)"


def truncation(delivered: str, found: str) -> Iterator[str]:
    """`A long name` became `A long`."""
    if found and len(found) < len(delivered) and delivered.startswith(found):
        yield f"at {len(found)} character{'' if len(found) == 1 else 's'}"


def number(text: str) -> Decimal | None:
    """The number that a text writes, if any."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _fewer_decimals(delivered: str, found: str, roundings: tuple[str, ...]) -> Iterator[str]:
    before, after = number(delivered), number(found)
    if before is None or after is None or before == after:
        return
    fewest = _decimals(_EXACT.normalize(after))
    for places in range(fewest, min(_decimals(before), _MOST_DECIMALS)):
        unit = Decimal(1).scaleb(-places)
        if any(before.quantize(unit, mode, _EXACT) == after for mode in roundings):
            yield f"to {_counted(places)}"


def _moment(text: str) -> datetime | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the zero date, for one
        return None


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)


def _duration(text: str) -> timedelta | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    micros = int((match[5] or "").ljust(6, "0"))
    length = timedelta(
        hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4]), microseconds=micros
    )
    return -length if match[1] else length


def _spoken(shift: timedelta) -> str:
    seconds = abs(shift).total_seconds()
    unit, length = next(
        (unit, length) for unit, length in _UNITS if seconds % length == 0 or unit == "s"
    )
    return f"by {'+' if shift > timedelta() else '-'}{seconds / length:.10g} {unit}"


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _counted(decimals: int) -> str:
    return f"{decimals} decimal{'' if decimals == 1 else 's'}"


def _kind_of_space(longer: str, shorter: str) -> str:
    """Names what is not the usual space."""
    missing = longer.removeprefix(shorter).removesuffix(shorter)
    if missing and set(missing) <= {"\r", "\n"}:
        return " (line ends)"
    if missing and not set(missing) <= {" "} and not set(missing) & set(shorter.strip()):
        return " (tabs or other white space)"
    return ""


def _is_accent(character: str) -> bool:
    return bool(unicodedata.combining(character))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _windows(data: bytes) -> str:
    """Windows-1252 as browsers and MySQL's latin1 read it: the five free bytes stand for C1."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


_FOREIGN: Mapping[str, Callable[[str], bool]] = {
    "characters beyond ASCII": lambda c: not c.isascii(),
    "characters beyond Latin-1": lambda c: ord(c) > 0xFF,
    "4-byte characters such as emoji": lambda c: ord(c) > 0xFFFF,
}
_MISREADINGS: Mapping[str, Callable[[bytes], str]] = {
    "Windows-1252": _windows,
    "Latin-1": lambda data: data.decode("latin-1"),
    "code page 850": lambda data: data.decode("cp850"),
    "code page 437": lambda data: data.decode("cp437"),
}
