"""Records whose quoted fields may hold line ends; imports numpy and core.

A line end is a record's end where an even number of quotes precedes it. That is true as long as
every quote stands around a whole field, which the byte beside it tells. At the first quote where
this fails the exact reader takes the one record, and the whole-array way goes on behind it.
"""

from collections.abc import Iterator

import numpy as np

from admw_assets.engines.files.batch import (
    CARRIAGE_RETURN,
    LINE_FEED,
    Batch,
    Bytes,
    Flags,
    Positions,
    followers_of,
    positions_of,
    structural_quotes,
)
from admw_assets.engines.files.grammar import Grammar, RecordReader

# Where misplaced quotes come thick, so many bytes behind one are read exactly as well: taking up
# the whole-array way again costs as much as some records.
_FEWEST_EXACT_BYTES = 256
_MOST_EXACT_BYTES = 1 << 16
_NONE = np.empty(0, dtype=np.int64)


class QuotedRecords:
    """Finds records by their quotes; `record_end` is LF, CRLF (or LF alone) or CR."""

    def __init__(self, grammar: Grammar, record_end: bytes) -> None:
        self._grammar = grammar
        self._record_end = record_end
        self._reader = RecordReader(grammar, record_end)
        self._beside_quote = followers_of(grammar, record_end[-1:])

    def many(self, window: bytes, final: bool) -> Batch:
        """All whole records of the window."""
        stretches = list(self._stretches(window, np.frombuffer(window, dtype=np.uint8), final))
        if not stretches:
            return Batch(_NONE, 0)
        malformed: list[int] = []
        count = 0
        for stretch in stretches:
            malformed += [count + ordinal for ordinal in stretch.malformed]
            count += stretch.starts.size
        return Batch(
            np.concatenate([stretch.starts for stretch in stretches]),
            stretches[-1].consumed,
            sum(stretch.blank_lines for stretch in stretches),
            tuple(malformed),
        )

    def first(self, window: bytes, final: bool) -> Batch:
        """The first record alone."""
        found = self._reader.read(window)
        if not found.complete and not (final and window):
            return Batch(_NONE, 0)
        if found.complete and found.end == 0:
            return Batch(_NONE, found.next_start, 1)
        return Batch(
            np.zeros(1, dtype=np.int64), found.next_start, 0, (0,) if found.malformed else ()
        )

    def _stretches(self, window: bytes, data: Bytes, final: bool) -> Iterator[Batch]:
        """Stretches of whole records, one behind the other; `consumed` counts from the window."""
        quotes = structural_quotes(data, self._grammar)
        misplaced = self._misplaced(data, quotes)
        line_ends = positions_of(data, self._record_end[-1])
        quotes_before = np.searchsorted(quotes, line_ends)
        position = exact_bytes = 0
        while position < data.size:
            next_quote = int(np.searchsorted(quotes, position))
            suspects = misplaced[next_quote % 2]
            suspect = int(np.searchsorted(suspects, next_quote))
            limit = int(quotes[suspects[suspect]]) if suspect < suspects.size else data.size
            inside = slice(*np.searchsorted(line_ends, (position, limit)))
            outside_quotes = (quotes_before[inside] - next_quote) % 2 == 0
            nexts = line_ends[inside][outside_quotes] + 1
            begin = position
            if nexts.size:
                position = int(nexts[-1])
                yield self._plain_stretch(data, np.concatenate(([begin], nexts[:-1])), position)
            if limit == data.size and (not final or position == data.size):
                return
            is_near = position - begin < max(exact_bytes, _FEWEST_EXACT_BYTES)
            exact_bytes = min(2 * exact_bytes, _MOST_EXACT_BYTES) if is_near else 0
            exact_bytes = max(exact_bytes, _FEWEST_EXACT_BYTES)
            stretch = self._exact_stretch(
                window, position, max(limit, position + exact_bytes), final
            )
            yield stretch
            if stretch.consumed == position:
                return
            position = stretch.consumed

    def _plain_stretch(self, data: Bytes, starts: Positions, end: int) -> Batch:
        records = self._without_blank_lines(data, starts, end)
        return Batch(records, end, starts.size - records.size)

    def _exact_stretch(self, window: bytes, position: int, limit: int, final: bool) -> Batch:
        """The records that begin up to `limit`, field by field."""
        starts: list[int] = []
        malformed: list[int] = []
        blank_lines = 0
        while position <= limit and position < len(window):
            found = self._reader.read(window, position)
            if not found.complete and not final:
                break
            if found.complete and found.end == position:
                blank_lines += 1
            else:
                if found.malformed:
                    malformed.append(len(starts))
                starts.append(position)
            position = found.next_start
        return Batch(np.array(starts, dtype=np.int64), position, blank_lines, tuple(malformed))

    def _misplaced(self, data: Bytes, quotes: Positions) -> tuple[Positions, Positions]:
        """Ordinals of quotes that are not plainly right, if even (odd) quotes open fields."""
        opens = self._beside_quote[data[quotes - 1]]
        opens |= quotes == 0
        closes = self._closes(data, quotes)
        is_even = np.arange(quotes.size) % 2 == 0
        return (
            np.flatnonzero(~np.where(is_even, opens, closes)),
            np.flatnonzero(~np.where(is_even, closes, opens)),
        )

    def _closes(self, data: Bytes, quotes: Positions) -> Flags:
        after = np.take(data, quotes + 1, mode="clip") if quotes.size else data[:0]
        closes = self._beside_quote[after]
        if self._record_end == b"\r\n":
            second = np.take(data, quotes + 2, mode="clip") if quotes.size else data[:0]
            closes |= (after == CARRIAGE_RETURN) & (second == LINE_FEED)
        closes &= quotes + 1 < data.size
        return closes

    def _without_blank_lines(self, data: Bytes, starts: Positions, end: int) -> Positions:
        lengths = np.diff(starts, append=end)
        shortest = int(lengths.min())
        if shortest > len(self._record_end):
            return starts
        last = data[starts + lengths - 1]
        blank = (lengths == 1) & (last == self._record_end[-1])
        if self._record_end == b"\r\n":
            blank |= (lengths == 2) & (data[starts] == CARRIAGE_RETURN) & (last == LINE_FEED)
        return starts[~blank]
