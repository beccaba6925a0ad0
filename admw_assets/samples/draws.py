"""Reproducible draws: what stands in row i is a function of the seed, the column and i alone.

So files come out the same whatever the batch size or the version of numpy, any row can be
computed again without the ones before it, and a child knows its parent's values. Imports numpy.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Texts: TypeAlias = list[str | None]
"""One column of a batch; None is NULL."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws for the rows `index` (from 0) of one kind of file."""

    seed: int
    entity: str
    index: Integers

    def of(self, entity: str, index: Integers) -> "Draws":
        """The draws for rows of another kind of file, of the same seed."""
        return Draws(self.seed, entity, index)

    def bits(self, column: str) -> npt.NDArray[np.uint64]:
        """64 bits for every row, different for every row.

        The mixing steps are those of SplitMix64 (Steele, Lea, Flood: Fast Splittable
        Pseudorandom Number Generators, 2014).
        """
        name = f"{self.seed}/{self.entity}/{column}".encode()
        salt = np.uint64(int.from_bytes(hashlib.sha256(name).digest()[:8]))
        z = self.index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + salt
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def numbers(self, column: str, low: int, high: int) -> Integers:
        """Integers from low to high, both included."""
        span = np.uint64(high - low + 1)
        return ((self.bits(column) >> np.uint64(1)) % span).astype(np.int64) + low

    def rarely(self, column: str, one_in: int) -> Flags:
        """True for about one row in so many."""
        return self.numbers(f"{column}?", 1, one_in) == 1

    def chosen(self, column: str, pool: Sequence[str | None]) -> Texts:
        """One of the texts for every row."""
        return picked(pool, self.numbers(column, 0, len(pool) - 1))


def picked(pool: Sequence[str | None], places: Integers) -> Texts:
    """The texts at these places (from 0) of the pool."""
    return np.array(pool, dtype=object)[places].tolist()


def blanked(texts: Texts, blank: Flags) -> Texts:
    """The texts with NULL where `blank` is true."""
    return [None if no else text for text, no in zip(texts, blank.tolist(), strict=True)]


def integers(values: Integers) -> Texts:
    """Plain digits."""
    return list(map(str, values.tolist()))


def decimals(values: Integers, scale: int) -> Texts:
    """Values in units of the last decimal: 1234 with scale 2 is `12.34`."""
    one = 10**scale
    return [
        f"{'-' if value < 0 else ''}{abs(value) // one}.{abs(value) % one:0{scale}d}"
        for value in values.tolist()
    ]


def dates(days: Integers) -> Texts:
    """Days since 1970-01-01 as `YYYY-MM-DD`."""
    return np.datetime_as_string(days.astype("datetime64[D]")).tolist()


def instants(milliseconds: Integers, east: Flags, unit: Literal["s", "ms"] = "s") -> Texts:
    """ISO 8601 instants: milliseconds since 1970 in UTC (`Z`), or at `+02:00` where `east`.

    `unit` is numpy's: `s` for whole seconds, `ms` for three decimals.
    """
    shown = (milliseconds + np.where(east, 7_200_000, 0)).astype("datetime64[ms]")
    texts = np.datetime_as_string(shown, unit=unit).tolist()
    zones = np.where(east, "+02:00", "Z").tolist()
    return [text + zone for text, zone in zip(texts, zones, strict=True)]
