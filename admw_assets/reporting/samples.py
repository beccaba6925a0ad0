"""Which rows the page shows, and what in them stands out; imports core."""

from collections import Counter
from dataclasses import dataclass

from admw_assets.core.masking import Value, Values
from admw_assets.core.reconciliation import Difference, DifferenceKind, ReconciliationReport

MOST_SAMPLES = 16
OF_A_KIND = 2
"""Rows that differ in the same columns for the same reasons."""
PASSED_SHOWN = 5
PASSED_COLUMNS = 8
_WHOLE_ROW_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a sample: both values, and what has probably happened."""

    column: str
    delivered: Value
    found: Value
    reason: str
    has_delivered: bool
    has_found: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A differing row as the page shows it."""

    kind: str
    name: str
    record: int | None
    cells: tuple[Cell, ...]
    more_columns: int


@dataclass(frozen=True, slots=True)
class Parts:
    """A value cut at what it has in common with the one beside it; `chip` stands for no text."""

    before: str
    changed: str
    after: str
    chip: str = ""


def difference_samples(report: ReconciliationReport) -> tuple[Sample, ...]:
    """Some rows of every kind of difference and for every reason, in the order of records."""
    seen: Counter[object] = Counter()
    first: list[list[int]] = [[] for _ in range(OF_A_KIND)]
    for place, difference in enumerate(report.differences):
        kind = (difference.kind, difference.columns, tuple(sorted(difference.reasons.items())))
        if seen[kind] < OF_A_KIND:
            first[seen[kind]].append(place)
            seen[kind] += 1
    chosen = [place for places in first for place in places][:MOST_SAMPLES]
    return tuple(_sample(report, report.differences[place]) for place in sorted(chosen))


def _sample(report: ReconciliationReport, difference: Difference) -> Sample:
    name = ", ".join(f"{column} {value}" for column, value in difference.key.items())
    columns = difference.columns
    if difference.kind is not DifferenceKind.CHANGED:
        shown = difference.delivered or difference.found or {}
        columns = tuple(c for c in report.columns if c in shown and c not in difference.key)
    cells = tuple(
        Cell(
            column,
            _value(difference.delivered, column),
            _value(difference.found, column),
            difference.reasons.get(column, ""),
            difference.delivered is not None,
            difference.found is not None,
        )
        for column in columns[:_WHOLE_ROW_COLUMNS]
    )
    more = max(0, len(columns) - _WHOLE_ROW_COLUMNS)
    return Sample(difference.kind.value, name, difference.record, cells, more)


def _value(values: Values | None, column: str) -> Value:
    return None if values is None else values.get(column)


def passed_rows(report: ReconciliationReport) -> tuple[tuple[int | None, dict[str, Value]], ...]:
    """Some rows that are the same on both sides: record and the first columns."""
    columns = report.columns[:PASSED_COLUMNS]
    return tuple(
        (row.record, {column: row.found.get(column) for column in columns})
        for row in report.passes[:PASSED_SHOWN]
    )


def value_parts(value: Value, other: Value = None) -> Parts:
    """A value for showing; spaces at an end are made visible where they are the difference."""
    if value is None:
        return Parts("", "", "", "NULL")
    if value == "":
        return Parts("", "", "", "empty")
    if other is None:
        return Parts("", value, "")
    start = _common(value, other)
    end = _common(value[start:][::-1], other[start:][::-1])
    changed = value[start : len(value) - end]
    return Parts(value[:start], _with_visible_ends(changed), value[len(value) - end :])


def _with_visible_ends(text: str) -> str:
    inner = text.strip()
    if not inner:
        return _visible(text)
    begin = text.index(inner)
    return _visible(text[:begin]) + inner + _visible(text[begin + len(inner) :])


def _visible(spaces: str) -> str:
    return "".join(_VISIBLE.get(character, character) for character in spaces)


_VISIBLE = {" ": "␣", "\t": "⇥", "\n": "␊", "\r": "␍"}


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    shortest = min(len(one), len(other))
    return next((i for i in range(shortest) if one[i] != other[i]), shortest)
