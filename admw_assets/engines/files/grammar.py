"""The grammar of delimited records, and the exact reader of one record; imports core only.

The rules are those of RFC 4180 with three settings: delimiter, quote and escape. A quote opens a
quoted field only where the field begins; elsewhere it is text. In a quoted field a doubled quote
(without an escape character) or the escape character with whatever follows it is text; after the
closing quote only a delimiter, the record's end or the file's end may stand.
"""

import re
from dataclasses import dataclass
from typing import Self

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Grammar:
    """Delimiter, quote and escape, one byte each; without `escape` a quote is doubled."""

    delimiter: bytes
    quote: bytes | None
    escape: bytes | None

    @classmethod
    def of(cls, file_format: FileFormat) -> Self:
        """The grammar of a format; raises ConfigurationError where escape and delimiter agree."""
        quote = file_format.quote.encode() if file_format.quote else None
        escape = file_format.escape.encode() if file_format.escape and quote else None
        if escape == file_format.delimiter.encode():
            raise ConfigurationError(
                f"The escape character is the delimiter: {file_format.delimiter!r}.",
                next_step="Change `escape` or `delimiter` of the format in migration.yaml.",
            )
        return cls(file_format.delimiter.encode(), quote, None if escape == quote else escape)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One record: where its data ends and where the next begins (offsets into what was read).

    `complete` is false where the data ended before a record end was seen; `malformed` is then
    what it is if nothing follows.
    """

    end: int
    next_start: int
    malformed: bool
    complete: bool


class RecordReader:
    """Reads single records exactly, field by field.

    `record_end` is the line end that separates records: LF, CRLF (a bare LF then ends a record
    too) or CR; empty where the data is one record that was cut out before.
    """

    def __init__(self, grammar: Grammar, record_end: bytes) -> None:
        self._grammar = grammar
        self._terminator = record_end[-1:]
        self._with_carriage_return = record_end == b"\r\n"
        stops = re.escape(grammar.delimiter) + re.escape(self._terminator)
        self._field_stop = re.compile(b"[" + stops + b"]")
        self._quoted_text = _quoted_text(grammar)

    def read(self, data: bytes, start: int = 0) -> FoundRecord:
        """The record that begins at `start`."""
        grammar, size = self._grammar, len(data)
        position, malformed = start, False
        while True:
            if grammar.quote is not None and data[position : position + 1] == grammar.quote:
                closing = self._closing_quote(data, position + 1)
                if closing < 0:
                    return FoundRecord(size, size, malformed=True, complete=False)
                position = closing + 1
                if position == size:
                    return FoundRecord(size, size, malformed, complete=False)
                malformed = malformed or not self._may_follow_quote(data, position)
            stop = self._field_stop.search(data, position)
            if stop is None:
                return FoundRecord(size, size, malformed, complete=False)
            position = stop.end()
            if stop[0] == self._terminator:
                return FoundRecord(
                    self._data_end(data, start, stop.start()), position, malformed, complete=True
                )

    def _closing_quote(self, data: bytes, position: int) -> int:
        """Where the quoted field that begins at `position` is closed; -1 where it is not."""
        assert self._quoted_text is not None
        text = self._quoted_text.match(data, position)
        end = text.end() if text else position
        return end if data[end : end + 1] == self._grammar.quote else -1

    def _may_follow_quote(self, data: bytes, position: int) -> bool:
        following = data[position : position + 1]
        if following in (self._grammar.delimiter, self._terminator):
            return True
        return self._with_carriage_return and data[position : position + 2] == b"\r\n"

    def _data_end(self, data: bytes, start: int, terminator: int) -> int:
        has_return = self._with_carriage_return and data[terminator - 1 : terminator] == b"\r"
        return terminator - 1 if has_return and terminator > start else terminator


def _quoted_text(grammar: Grammar) -> re.Pattern[bytes] | None:
    """What may stand in a quoted field; possessive, so that it takes linear time."""
    if grammar.quote is None:
        return None
    quote = re.escape(grammar.quote)
    if grammar.escape is None:
        plain, pair = b"[^" + quote + b"]*+", quote + quote
    else:
        escape = re.escape(grammar.escape)
        plain, pair = b"[^" + quote + escape + b"]*+", escape + b"."
    return re.compile(plain + b"(?:" + pair + plain + b")*+", re.DOTALL)
