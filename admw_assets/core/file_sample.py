"""The head of a file, and what its records look like; imports the standard library only."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from admw_assets.core.configuration import FileFormat

DELIMITERS = (",", ";", "\t", "|", "^", "~")
_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class FileSample:
    """The head of a file's content: bytes, and text in the encoding that was found.

    `is_certain`: the bytes leave no doubt about the encoding. `foreign_lines` are some lines with
    bytes beyond ASCII, from anywhere in the file.
    """

    name: str
    head: bytes
    text: str
    encoding: str
    is_certain: bool
    foreign_lines: tuple[bytes, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Records:
    """Some records of a sample, read in one way; `width` is their most frequent number of fields,
    `share` how many of them (0 to 1) have it."""

    rows: tuple[tuple[str, ...], ...]
    width: int
    share: float

    @property
    def regular(self) -> tuple[tuple[str, ...], ...]:
        """The records that have the most frequent number of fields."""
        return tuple(row for row in self.rows if len(row) == self.width)


def read_records(text: str, file_format: FileFormat) -> Records:
    """The first records of a text; blank lines are none."""
    rows = tuple(islice(_rows(text, file_format), _RECORDS))
    widths = Counter(len(row) for row in rows)
    if not widths:
        return Records((), 0, 0.0)
    width, number = widths.most_common(1)[0]
    return Records(rows, width, number / len(rows))


def _rows(text: str, file_format: FileFormat) -> Iterator[tuple[str, ...]]:
    """Records as the configuration reads them; without `quoted_newlines` each line is one."""
    lines = text.splitlines(keepends=True) if file_format.quoted_newlines else None
    if lines is not None:
        yield from _parsed(lines, file_format)
        return
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line:
            yield from _parsed([line], file_format)


def _parsed(lines: Sequence[str], file_format: FileFormat) -> Iterator[tuple[str, ...]]:
    reader = csv.reader(
        lines,
        delimiter=file_format.delimiter,
        quotechar=file_format.quote,
        quoting=csv.QUOTE_MINIMAL if file_format.quote else csv.QUOTE_NONE,
        escapechar=file_format.escape,
        doublequote=file_format.escape is None,
    )
    try:
        yield from (tuple(row) for row in reader if row)
    except csv.Error:  # a field longer than the module takes: the sample ends here
        return
