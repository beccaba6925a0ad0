"""How the records of a file seem to be written, from a sample; imports core only."""

import re
from collections.abc import Callable, Collection, Sequence

from admw_assets.core.configuration import FileFormat
from admw_assets.core.file_sample import DELIMITERS, FileSample, Records, read_records

_REGULAR = 0.8  # of the records have the same number of fields
_MUCH_BETTER = 1.5
_NAMED = 2.0  # what known names in the first record are worth
_FEWEST_QUOTED = 3  # fields, before a quote is believed
_NO_QUOTE = "none"
_NUMBER = re.compile(r"[-+]?\d[\d.,:/ -]*\Z")


def guess_format(
    sample: FileSample, configured: FileFormat, names: Collection[str]
) -> dict[str, object]:
    """The settings of the format that the sample contradicts, with the values that fit it.

    `names` are the column names that may stand in a header, folded; empty where nobody knows.
    """
    changes: dict[str, object] = {}
    if (encoding := guess_encoding(sample, configured.encoding)) is not None:
        changes["encoding"] = encoding
    best = configured
    for setting, guess in _GUESSES:
        found = guess(sample.text, best, names)
        if found is not None:
            changes[setting] = None if found == _NO_QUOTE else found
            best = best.model_copy(update={setting: changes[setting]})
    changes |= _header(read_records(sample.text, best), best, names)
    return changes


def guess_encoding(sample: FileSample, configured: str) -> str | None:
    """The encoding to set; None where the configured one can be right."""
    if not sample.foreign_lines and not sample.encoding.startswith("utf-16"):
        return None  # ASCII is the same in nearly all of them
    found, set_to = _family(sample.encoding), _family(configured)
    if found == set_to:
        return None
    if sample.is_certain:
        return found
    unreadable = sum(not _decodes(line, configured) for line in sample.foreign_lines)
    return sample.encoding if unreadable * 2 >= len(sample.foreign_lines) else None


def _family(encoding: str) -> str:
    for family in ("utf-16", "utf-32", "utf-8"):
        if encoding.replace("_", "-").startswith(family):
            return family
    return encoding


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str, configured: FileFormat, names: Collection[str]) -> str | None:
    """Another delimiter, where it gives regular records of many more fields, or known names."""

    def rank(delimiter: str) -> float:
        records = read_records(text, _reading(configured, delimiter))
        if records.width <= 1 or records.share < _REGULAR:
            return 1.0
        known = sum(field.casefold() in names for field in records.rows[0])
        return records.share * records.width * (_NAMED if known > 1 else 1)

    ranks = {candidate: rank(candidate) for candidate in DELIMITERS}
    best = max(ranks, key=lambda candidate: ranks[candidate])
    return best if ranks[best] > _MUCH_BETTER * rank(configured.delimiter) else None


def _reading(configured: FileFormat, delimiter: str) -> FileFormat:
    """The format with that delimiter, and a quote even where none is configured."""
    quote = configured.quote or '"'
    return configured.model_copy(update={"delimiter": delimiter, "quote": quote})


def _quote(text: str, file_format: FileFormat, _: Collection[str]) -> str | None:
    """Another quote; _NO_QUOTE where no field is quoted, but quotes stand in texts."""
    counts = {quote: _quoted_fields(text, file_format.delimiter, quote) for quote in "\"'"}
    if file_format.quote is None:
        return '"' if counts['"'] >= _FEWEST_QUOTED else None
    other = "'" if file_format.quote == '"' else '"'
    if counts[other] >= _FEWEST_QUOTED and not counts[file_format.quote]:
        return other
    unquoted = read_records(text, file_format.model_copy(update={"quote": None, "escape": None}))
    broken = read_records(text, file_format)
    if unquoted.share >= _REGULAR > broken.share and not counts[file_format.quote]:
        return _NO_QUOTE
    return None


def _quoted_fields(text: str, delimiter: str, quote: str) -> int:
    """Fields that begin and end with the quote."""
    d, q = re.escape(delimiter), re.escape(quote)
    return len(re.findall(rf"(?:^|{d}){q}[^{q}\n{d}]+{q}(?={d}|\r?$)", text, re.MULTILINE))


def _escape(text: str, file_format: FileFormat, _: Collection[str]) -> str | None:
    """A backslash, where it stands before quotes inside quoted fields and none is doubled."""
    if file_format.quote is None or file_format.escape is not None:
        return None
    q, d = re.escape(file_format.quote), re.escape(file_format.delimiter)
    escaped = len(re.findall(rf"[^{d}{q}\n]\\{q}[^{d}\r\n]", text))
    doubled = len(re.findall(rf"[^{d}{q}\n]{q}{q}[^{d}{q}\r\n]", text))
    return "\\" if escaped and not doubled else None


def _quoted_newlines(text: str, file_format: FileFormat, _: Collection[str]) -> bool | None:
    """True where records with line ends in quoted fields have as many fields as all others."""
    if file_format.quoted_newlines or file_format.quote is None:
        return None
    best = file_format.model_copy(update={"quoted_newlines": True})
    records = read_records(text, best)
    broken = [row for row in records.rows if any("\n" in field for field in row)]
    regular = [row for row in broken if len(row) == records.width and not _swallowed(row, best)]
    by_line = read_records(text, file_format)
    enough = len(regular) > 1 and len(regular) >= _REGULAR * len(broken)
    return True if enough and records.share > by_line.share else None


def _swallowed(row: Sequence[str], file_format: FileFormat) -> bool:
    """True where a quote that nobody closed has taken in the fields of the next record."""
    return any("\n" in f and f.count(file_format.delimiter) >= len(row) - 1 for f in row)


def _header(records: Records, file_format: FileFormat, names: Collection[str]) -> dict[str, object]:
    """Whether the first record names the columns, where the configuration says otherwise."""
    if not records.rows:
        return {}
    first = records.rows[0]
    known = sum(field.casefold() in names for field in first)
    if file_format.header:
        is_record = not known and names and _looks_like_record(first, records.rows[1:])
        return {"header": False} if is_record else {}
    listed = {name.casefold() for name in file_format.columns or ()}
    is_header = sum(field.casefold() in listed | set(names) for field in first) * 2 > len(first)
    return {"header": True} if is_header else {}


def _looks_like_record(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """True where a field is empty, repeated or a number, as in the records behind it."""
    folded = [field.casefold() for field in first]
    odd = any(not field or _NUMBER.match(field) for field in first)
    return (odd or len(set(folded)) < len(folded)) and bool(others or odd)


_GUESSES: tuple[tuple[str, Callable[[str, FileFormat, Collection[str]], object]], ...] = (
    ("delimiter", _delimiter),
    ("quote", _quote),
    ("escape", _escape),
    ("quoted_newlines", _quoted_newlines),
)
"""In this order: each is judged with the settings before it put right."""
