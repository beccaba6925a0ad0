"""Records that are physical lines (no line ends inside fields); imports numpy and core.

LF, CRLF and a lone CR end a line. Quotes are judged for all lines at once: in a line that uses
quotes only around whole fields, the first, third, ... quote opens a field and the others close
one, and each can be told right by the byte beside it. The few lines where this does not hold go
to the exact reader.
"""

import re

import numpy as np

from admw_assets.engines.files.batch import (
    CARRIAGE_RETURN,
    LINE_FEED,
    Batch,
    Bytes,
    Positions,
    followers_of,
    positions_of,
    structural_quotes,
)
from admw_assets.engines.files.grammar import Grammar, RecordReader

_LINE_END = re.compile(b"\r\n|\r|\n")
_NONE = np.empty(0, dtype=np.int64)


class LineRecords:
    """Finds records that are lines; with `blank_is_record` an empty line is one as well."""

    def __init__(self, grammar: Grammar, *, blank_is_record: bool) -> None:
        self._grammar = grammar
        self._blank_is_record = blank_is_record
        self._reader = RecordReader(grammar, b"")
        self._beside_quote = followers_of(grammar, b"\r\n")

    def many(self, window: bytes, final: bool) -> Batch:
        """All whole lines of the window."""
        data = np.frombuffer(window, dtype=np.uint8)
        ends, nexts = _lines(data, has_returns=b"\r" in window, final=final)
        if not ends.size:
            return Batch(ends, 0)
        starts = np.concatenate(([0], nexts[:-1]))
        suspects = self._suspects(data[: nexts[-1]], nexts)
        spans = zip(suspects, starts[suspects].tolist(), ends[suspects].tolist(), strict=True)
        malformed = [
            int(line)
            for line, start, end in spans
            if self._reader.read(window[start:end]).malformed
        ]
        consumed = int(nexts[-1])
        blank = starts == ends
        if self._blank_is_record or not blank.any():
            return Batch(starts, consumed, 0, tuple(malformed))
        blanks_before = np.cumsum(blank)
        ordinals = tuple(line - int(blanks_before[line]) for line in malformed)
        return Batch(starts[~blank], consumed, int(blanks_before[-1]), ordinals)

    def first(self, window: bytes, final: bool) -> Batch:
        """The first line alone."""
        found = _LINE_END.search(window)
        is_open = found is None or (found[0] == b"\r" and found.end() == len(window))
        if not window or (is_open and not final):
            return Batch(_NONE, 0)
        end, consumed = (found.start(), found.end()) if found else (len(window), len(window))
        if end == 0 and not self._blank_is_record:
            return Batch(_NONE, consumed, 1)
        malformed = self._reader.read(window[:end]).malformed
        return Batch(np.zeros(1, dtype=np.int64), consumed, 0, (0,) if malformed else ())

    def _suspects(self, data: Bytes, nexts: Positions) -> Positions:
        """Lines whose quotes are not plainly right; `nexts` is where the next ones start."""
        quotes = structural_quotes(data, self._grammar)
        if not quotes.size:
            return _NONE
        per_line = np.diff(np.searchsorted(quotes, nexts), prepend=0)
        uneven = per_line % 2 == 1
        if uneven.any():
            quotes = quotes[~np.repeat(uneven, per_line)]
        opening, closing = quotes[0::2], quotes[1::2]
        before = self._beside_quote[data[opening - 1]]
        before |= opening == 0
        after = self._beside_quote[np.take(data, closing + 1, mode="clip")]
        after |= closing == data.size - 1
        misplaced = np.concatenate((opening[~before], closing[~after]))
        if misplaced.size:
            uneven[np.searchsorted(nexts, misplaced, side="right")] = True
        return np.flatnonzero(uneven)


def _lines(data: Bytes, *, has_returns: bool, final: bool) -> tuple[Positions, Positions]:
    """Where lines end, and where the next ones start.

    A CR at the very end of a window that is not the last is left: an LF may follow.
    """
    if has_returns:
        ends, nexts = _lines_with_returns(data, final)
    else:
        ends = positions_of(data, LINE_FEED)
        nexts = ends + 1
    rest = int(nexts[-1]) if nexts.size else 0
    if final and rest < data.size:
        ends, nexts = np.append(ends, data.size), np.append(nexts, data.size)
    return ends, nexts


def _lines_with_returns(data: Bytes, final: bool) -> tuple[Positions, Positions]:
    marks = np.flatnonzero((data == LINE_FEED) | (data == CARRIAGE_RETURN))
    is_return = data[marks] == CARRIAGE_RETURN
    follows_return = np.zeros(marks.size, dtype=np.bool_)
    follows_return[1:] = ~is_return[1:] & is_return[:-1] & (np.diff(marks) == 1)
    paired = np.zeros(marks.size, dtype=np.bool_)
    paired[:-1] = follows_return[1:]
    ends = marks[~follows_return]
    nexts = ends + 1 + paired[~follows_return]
    if not final and ends.size and ends[-1] == data.size - 1 and is_return[-1]:
        ends, nexts = ends[:-1], nexts[:-1]
    return ends, nexts
