"""Where the records of a content begin, how they end, and what their columns are called."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import DataFileError
from admw_assets.engines.files.batch import Batch, RecordFinder
from admw_assets.engines.files.grammar import Grammar, RecordReader
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.line_records import LineRecords
from admw_assets.engines.files.quoted_records import QuotedRecords

_Found = TypeVar("_Found")
_COUNTED_BYTES = 1 << 20
_WRITE_THE_HEADER = (
    "Correct the first line of the file, or set `header: false` and `columns` in migration.yaml."
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The offset of the first record (bytes), physical lines before it, columns, record end.

    `record_end` is empty where records are physical lines, whichever way each of them ends.
    """

    start: int
    skip_lines: int
    columns: tuple[str, ...]
    record_end: bytes

    def finder(self, grammar: Grammar) -> RecordFinder:
        """What finds the records behind `start`."""
        if self.record_end:
            return QuotedRecords(grammar, self.record_end)
        return LineRecords(grammar, blank_is_record=len(self.columns) == 1)


def find_layout(
    name: str, content: BinaryIO, start: int, encoding: str, file_format: FileFormat, limits: Limits
) -> Layout:
    """Read as much of the content as tells its layout; `start` is behind a byte order mark.

    Raises DataFileError where a header is missing or does not fit.
    """
    grammar = Grammar.of(file_format)
    record_end = b""
    if file_format.quoted_newlines:
        record_end = _record_end(name, content, start, grammar, limits)
    if not file_format.header:
        return Layout(start, 0, tuple(file_format.columns or ()), record_end)
    finder: RecordFinder = (
        QuotedRecords(grammar, record_end)
        if record_end
        else LineRecords(grammar, blank_is_record=False)
    )
    header, end = _first_record(name, content, start, finder, limits)
    columns = _columns_of(name, header, encoding, file_format)
    _require_configured(name, columns, file_format)
    return Layout(end, _physical_lines(content, start, end), columns, record_end)


def read_window(content: BinaryIO, start: int, size: int) -> tuple[bytes, bool]:
    """`size` bytes from an offset on, and whether the content ends with them."""
    content.seek(start)
    window = content.read(size + 1)
    return window[:size], len(window) <= size


def _record_end(
    name: str, content: BinaryIO, start: int, grammar: Grammar, limits: Limits
) -> bytes:
    """The way in which the first record ends; CR alone counts only in a content without any LF."""
    if not _holds(content, start, b"\n", limits.chunk_bytes):
        return b"\r" if _holds(content, start, b"\r", limits.chunk_bytes) else b"\n"
    reader = RecordReader(grammar, b"\n")

    def first_end(window: bytes, final: bool) -> bytes | None:
        found = reader.read(window)
        if not found.complete:
            return b"\n" if final else None
        return b"\r\n" if window[found.end - 1 : found.end] == b"\r" else b"\n"

    return _widening(name, content, start, limits, first_end)


def _first_record(
    name: str, content: BinaryIO, start: int, finder: RecordFinder, limits: Limits
) -> tuple[bytes, int]:
    """The first record with its line end, and where the next one starts."""
    while True:
        start = _behind_line_feeds(content, start, limits.chunk_bytes)

        def first(window: bytes, final: bool) -> tuple[bytes, Batch] | None:
            batch = finder.first(window, final)
            return (window[: batch.consumed], batch) if batch.consumed or final else None

        header, batch = _widening(name, content, start, limits, first)
        if batch.malformed:
            raise _bad_header(name, "it breaks the rules of quoting")
        if not batch.consumed:
            raise _bad_header(name, "the file holds no line")
        start += batch.consumed
        if batch.starts.size:
            return header, start


def _behind_line_feeds(content: BinaryIO, start: int, chunk_bytes: int) -> int:
    """The offset of the first byte that is no LF: a shortcut through many blank lines."""
    while True:
        window, final = read_window(content, start, chunk_bytes)
        rest = window.lstrip(b"\n")
        start += len(window) - len(rest)
        if rest or final:
            return start


def _widening(
    name: str,
    content: BinaryIO,
    start: int,
    limits: Limits,
    look: Callable[[bytes, bool], _Found | None],
) -> _Found:
    """What `look` finds in a window that is doubled until it does."""
    size = limits.chunk_bytes
    while size <= 2 * limits.max_record_bytes:
        found = look(*read_window(content, start, size))
        if found is not None:
            return found
        size *= 2
    raise _bad_header(name, f"it is longer than {limits.max_record_bytes:,} bytes")


def _physical_lines(content: BinaryIO, start: int, end: int) -> int:
    """Lines from `start` to `end`, both at the edge of a line; LF, CRLF and CR end one."""
    lines, last = 0, b""
    content.seek(start)
    while start < end:
        chunk = content.read(min(end - start, _COUNTED_BYTES))
        start += len(chunk)
        lines += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n")
        lines -= last == b"\r" and chunk.startswith(b"\n")
        last = chunk[-1:]
    return lines + (last not in (b"\r", b"\n"))


def _holds(content: BinaryIO, start: int, byte: bytes, chunk_bytes: int) -> bool:
    content.seek(start)
    return any(byte in chunk for chunk in iter(lambda: content.read(chunk_bytes), b""))


def _columns_of(
    name: str, header: bytes, encoding: str, file_format: FileFormat
) -> tuple[str, ...]:
    try:
        text = header.decode(encoding)
    except UnicodeDecodeError as err:
        raise _bad_header(name, f"it is not valid {encoding}") from err
    grammar = Grammar.of(file_format)
    try:
        (columns,) = csv.reader(
            [text.rstrip("\r\n")],
            delimiter=file_format.delimiter,
            quotechar=file_format.quote,
            quoting=csv.QUOTE_MINIMAL if file_format.quote else csv.QUOTE_NONE,
            escapechar=file_format.escape if grammar.escape else None,
            doublequote=grammar.escape is None,
        )
    except (csv.Error, ValueError) as err:
        raise _bad_header(name, str(err)) from err
    seen: dict[str, int] = {}
    for position, column in enumerate(columns, start=1):
        if not column.strip():
            raise _bad_header(name, f"column {position} has no name")
        first = seen.setdefault(column.casefold(), position)
        if first != position:  # places, not names: it may be a record, and its values personal
            raise _bad_header(name, f"columns {first} and {position} have the same name")
    return tuple(columns)


def _require_configured(name: str, columns: tuple[str, ...], file_format: FileFormat) -> None:
    """Columns that are only other than configured are core.drift's business."""
    if not file_format.columns:
        return
    found = {column.casefold(): column for column in columns}
    wanted = {column.casefold(): column for column in file_format.columns}
    missing = [column for key, column in wanted.items() if key not in found]
    if not found.keys() & wanted.keys():  # then it may be a record, and its values personal
        raise DataFileError(
            f"The header of {name} names none of the configured columns: {_listed(missing)}.",
            next_step="If the file has no header, say `header: false` in migration.yaml.",
            file=name,
            missing=missing,
        )


def _listed(columns: list[str]) -> str:
    return ", ".join(repr(column) for column in columns) or "none"


def _bad_header(name: str, reason: str) -> DataFileError:
    return DataFileError(
        f"{name} has no header that can be used: {reason}.", next_step=_WRITE_THE_HEADER, file=name
    )
