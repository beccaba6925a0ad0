"""Buckets and ranges of record numbers, for looking again only where something is wrong.

Imports SQLAlchemy only.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

MOST_BUCKETS = 10_000
"""Of one file: the numbers of so many travel in a tenth of a second."""

SMALLEST_BUCKET = 100
RANGES_PER_QUERY = 100

Range = tuple[int, int]
"""A first and a last record number, both included."""


def records_per_bucket(last_record: int | None) -> int:
    """The size of the buckets of a file whose last record has that number."""
    return max(SMALLEST_BUCKET, (last_record or 0) // MOST_BUCKETS + 1)


def bucket_start(record: ColumnElement[int], size: int) -> ColumnElement[int]:
    """The first number of a record's bucket.

    Not FLOOR(record / size): MySQL rounds that quotient to four digits first.
    """
    return record - record % size


def ranges_of(buckets: Iterable[int], size: int) -> list[Range]:
    """The records of these buckets (record // size); neighbouring buckets are one range."""
    ranges: list[Range] = []
    for bucket in sorted(set(buckets)):
        first, last = bucket * size, (bucket + 1) * size - 1
        if ranges and ranges[-1][1] == first - 1:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def chunks(ranges: Sequence[Range]) -> Iterator[Sequence[Range]]:
    """The ranges, so many at a time as go well into one query."""
    for start in range(0, len(ranges), RANGES_PER_QUERY):
        yield ranges[start : start + RANGES_PER_QUERY]


def within(record: ColumnElement[Any], ranges: Sequence[Range]) -> ColumnElement[bool]:
    """The condition that a record's number is in one of the ranges."""
    return or_(*(record.between(first, last) for first, last in ranges))
