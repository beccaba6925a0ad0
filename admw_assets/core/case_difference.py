"""Where what the pipeline gives is not what a golden case expects; pure, imports core only."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from admw_assets.core.golden_case import CaseContent
from admw_assets.core.masking import Value, Values
from admw_assets.core.schema import Table

Pair = tuple[Values | None, Values | None]
Places = Mapping[tuple[int, int], str]


class CaseDifferenceKind(StrEnum):
    """What is not as expected."""

    VALUE = "value"
    MISSING_ROW = "missing row"
    EXTRA_ROW = "extra row"
    ORDER = "order"
    REJECT = "reject"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """One thing that is not as expected; `row` names it by its key, its place or its record.

    `expected` and `got` are None for NULL (a value) and for nothing (anything else).
    """

    kind: CaseDifferenceKind
    row: str
    column: str = ""
    expected: Value = None
    got: Value = None


def compare_case(
    expected: CaseContent, got: CaseContent, table: Table
) -> tuple[CaseDifference, ...]:
    """Everything that differs: rows first, then rejects, then dropped rows."""
    return (
        *_rows(expected.rows, got.rows, table),
        *_places(
            CaseDifferenceKind.REJECT,
            {(r.record, r.row): f"{r.rule} {r.column}".rstrip() for r in expected.rejects},
            {(r.record, r.row): f"{r.rule} {r.column}".rstrip() for r in got.rejects},
        ),
        *_places(
            CaseDifferenceKind.DROPPED,
            {(d.record, d.row): d.reason for d in expected.dropped},
            {(d.record, d.row): d.reason for d in got.dropped},
        ),
    )


def _rows(
    expected: Sequence[Values], got: Sequence[Values], table: Table
) -> Iterator[CaseDifference]:
    key = tuple(table.column(name).name for name in table.primary_key)
    if not (key and _is_unique(expected, key) and _is_unique(got, key)):
        for number, pair in enumerate(_in_sequence(expected, got), 1):
            yield from _pair(f"row {number}", pair)
        return
    wanted = {_key(row, key): row for row in expected}
    there = {_key(row, key): row for row in got}
    for one in [*wanted, *(other for other in there if other not in wanted)]:
        named = zip(key, map(_shown, one), strict=True)
        name = ", ".join(f"{column}={value}" for column, value in named)
        yield from _pair(name, (wanted.get(one), there.get(one)))
    before = [one for one in wanted if one in there]
    after = [one for one in there if one in wanted]
    if before != after:
        first = next(i for i, one in enumerate(before) if one != after[i])
        yield CaseDifference(
            CaseDifferenceKind.ORDER,
            f"row {first + 1}",
            ", ".join(key),
            ", ".join(map(_shown, before[first])),
            ", ".join(map(_shown, after[first])),
        )


def _pair(name: str, pair: Pair) -> Iterator[CaseDifference]:
    expected, got = pair
    if expected is None or got is None:
        kind = CaseDifferenceKind.EXTRA_ROW if expected is None else CaseDifferenceKind.MISSING_ROW
        texts = [None if row is None else _row(row) for row in pair]
        yield CaseDifference(kind, name, "", *texts)
        return
    for column, value in expected.items():
        if value != got[column]:
            yield CaseDifference(CaseDifferenceKind.VALUE, name, column, value, got[column])


def _in_sequence(expected: Sequence[Values], got: Sequence[Values]) -> Iterator[Pair]:
    """Pairs of rows that have no key to tell them by: the same rows stand beside each other."""
    left, right = [tuple(row.items()) for row in expected], [tuple(row.items()) for row in got]
    for _, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for i in range(max(b - a, d - c)):
            yield (
                expected[a + i] if a + i < b else None,
                got[c + i] if c + i < d else None,
            )


def _places(kind: CaseDifferenceKind, expected: Places, got: Places) -> Iterator[CaseDifference]:
    for record, row in sorted(expected.keys() | got.keys()):
        wanted, there = expected.get((record, row)), got.get((record, row))
        if wanted != there:
            name = f"record {record}" + (f", row {row}" if row != 1 else "")
            yield CaseDifference(kind, name, "", wanted, there)


def _is_unique(rows: Sequence[Values], key: Sequence[str]) -> bool:
    return max(Counter(_key(row, key) for row in rows).values(), default=1) == 1


def _key(row: Values, key: Sequence[str]) -> tuple[Value, ...]:
    return tuple(row[name] for name in key)


def _row(row: Values) -> str:
    return ", ".join(_shown(value) for value in row.values())


def _shown(value: Value) -> str:
    return "NULL" if value is None else value
