"""What a record finder says of a window of bytes, and the index of quotes that finders share."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from admw_assets.engines.files.grammar import Grammar

Positions = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

LINE_FEED = 10
CARRIAGE_RETURN = 13


@dataclass(frozen=True, slots=True)
class Batch:
    """The whole records of a window: offsets where they start, bytes that they take up.

    `malformed` are ordinals (from 0) of records that break the quoting rules.
    """

    starts: Positions
    consumed: int
    blank_lines: int = 0
    malformed: tuple[int, ...] = ()


class RecordFinder(Protocol):
    """Finds records in a window that begins where a record begins.

    `final` says that the file ends with the window. Nothing consumed: the window is too short.
    """

    def many(self, window: bytes, final: bool) -> Batch:
        """All whole records of the window, by whole-array operations."""
        ...

    def first(self, window: bytes, final: bool) -> Batch:
        """The first record alone, in memory of about its size: for very long records."""
        ...


def positions_of(data: Bytes, byte: int) -> Positions:
    """Where a byte stands."""
    return np.flatnonzero(data == byte)


def structural_quotes(data: Bytes, grammar: Grammar) -> Positions:
    """Where quotes stand that can open or close a field: all that no escape character precedes.

    An escape character that is itself escaped counts for nothing, so what matters is whether the
    run of escape characters before the quote is odd.
    """
    if grammar.quote is None:
        return np.empty(0, dtype=np.int64)
    quotes = positions_of(data, grammar.quote[0])
    if grammar.escape is None or not quotes.size:
        return quotes
    escapes = positions_of(data, grammar.escape[0])
    if not escapes.size:
        return quotes
    begins_run = np.diff(escapes, prepend=escapes[0] - 2) != 1
    run_starts = np.maximum.accumulate(np.where(begins_run, escapes, 0))
    last = np.searchsorted(escapes, quotes) - 1  # the last escape before each quote
    touches = (last >= 0) & (escapes[last] == quotes - 1)
    run_lengths = np.where(touches, quotes - run_starts[last], 0)
    return quotes[run_lengths % 2 == 0]


def followers_of(grammar: Grammar, line_ends: bytes) -> Flags:
    """A table over all bytes: may it stand beside the outer side of a field's quote?

    A quote may, where quotes are doubled: `""` inside a field reads as one that closes and one
    that opens, which comes to the same.
    """
    allowed = np.zeros(256, dtype=np.bool_)
    doubled = grammar.quote if grammar.quote is not None and grammar.escape is None else b""
    allowed[list(grammar.delimiter + line_ends + doubled)] = True
    return allowed
