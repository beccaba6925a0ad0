"""Differing rows as reports show them: both sides, masked, cut, and diagnosed; imports core only.

Rows come a page at a time and leave as little behind as a report can use.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from admw_assets.core.canonical_text import readable_text
from admw_assets.core.diagnosis import (
    ChangedRow,
    Diagnosis,
    Explanations,
    Tally,
    explain,
    reason,
)
from admw_assets.core.masking import Masking, Value, Values
from admw_assets.core.ports import RowPair
from admw_assets.core.reconciliation import ComparedRow, Difference, DifferenceKind
from admw_assets.core.schema import Table

LONGEST_VALUE = 200
"""Characters of a value that a report shows."""
_BEFORE_DIFFERENCE = 40


@dataclass(frozen=True, slots=True)
class Examined:
    """Differences as they may be shown, what explains them, and of how many rows that was said.

    `unaltered` counts changed rows whose values agree on both sides: only their hash differs.
    """

    differences: tuple[Difference, ...]
    diagnoses: tuple[Diagnosis, ...]
    diagnosed: int
    unaltered: int


class SideBySide:
    """Collects the differing rows of one table for one report."""

    def __init__(self, table: Table, masking: Masking) -> None:
        self._table, self._masking = table, masking
        self._types = {column.name: column.type for column in table.loaded_columns}
        self._key = tuple(table.column(name).name for name in table.primary_key)
        self._tally = Tally()
        self._rows: list[tuple[Difference, Mapping[str, Explanations]]] = []
        self._diagnosed = self._unaltered = 0

    def unexplained(self, pair: RowPair) -> bool:
        """True where a value differs that nothing but its neighbours could explain."""
        changed = self._changed(pair, ())
        return changed is not None and not all(explain(changed).values())

    def add(
        self,
        kind: DifferenceKind,
        pair: RowPair,
        key: Mapping[str, str] | None = None,
        neighbours: tuple[Values, ...] = (),
    ) -> None:
        """Take in one row; `key` names it where its values do not."""
        pair = self._readable(pair)
        changed = self._changed(pair, neighbours) if kind is DifferenceKind.CHANGED else None
        explained = explain(changed) if changed else {}
        shown = self._shown(pair, frozenset(explained))
        if changed:
            self._diagnosed += 1
            self._unaltered += not explained
            self._tally.add(
                explained,
                {
                    c: ((shown.delivered or {}).get(c), (shown.found or {}).get(c))
                    for c in explained
                },
            )
        difference = Difference(
            kind,
            self._named(shown) or dict(key or {}),
            pair.record,
            pair.row,
            tuple(explained),
            shown.delivered,
            shown.found,
        )
        self._rows.append((difference, explained))

    def passed(self, pair: RowPair) -> ComparedRow | None:
        """A row that is the same on both sides, as it may be shown; None where it is not."""
        if pair.delivered is None or pair.delivered != pair.found:
            return None
        shown = self._shown(self._readable(pair), frozenset())
        return ComparedRow(pair.record, pair.row, shown.delivered or {}, shown.found or {})

    def examined(self) -> Examined:
        """Everything that was taken in, in that order."""
        diagnoses = self._tally.diagnoses()
        by_column = {diagnosis.column: diagnosis for diagnosis in diagnoses}
        differences = tuple(
            replace(
                difference,
                reasons={
                    column: why
                    for column, explanations in explained.items()
                    if (why := reason(explanations, by_column[column]))
                },
            )
            for difference, explained in self._rows
        )
        return Examined(differences, diagnoses, self._diagnosed, self._unaltered)

    def _changed(self, pair: RowPair, neighbours: tuple[Values, ...]) -> ChangedRow | None:
        if pair.delivered is None or pair.found is None:
            return None
        return ChangedRow(pair.record, pair.delivered, pair.found, neighbours)

    def _readable(self, pair: RowPair) -> RowPair:
        return replace(pair, delivered=self._texts(pair.delivered), found=self._texts(pair.found))

    def _texts(self, values: Values | None) -> Values | None:
        if values is None:
            return None
        return {c: readable_text(self._types[c], value) for c, value in values.items()}

    def _shown(self, pair: RowPair, differing: frozenset[str]) -> RowPair:
        """Masked and cut, long values around the place where they begin to differ."""
        delivered, found = self._masking.rows(pair.delivered, pair.found)
        left, right = delivered or {}, found or {}
        starts = {c: _window_start(left.get(c), right.get(c)) for c in differing}

        def cut(values: Values | None) -> Values | None:
            if values is None:
                return None
            return {column: _cut(value, starts.get(column, 0)) for column, value in values.items()}

        return replace(pair, delivered=cut(delivered), found=cut(found))

    def _named(self, shown: RowPair) -> dict[str, str]:
        values = shown.delivered or shown.found or {}
        return {
            name: "NULL" if (value := values[name]) is None else value
            for name in self._key
            if name in values
        }


def _window_start(delivered: Value, found: Value) -> int:
    """Where to begin showing two texts so that their difference is seen."""
    if delivered is None or found is None:
        return 0
    shortest = min(len(delivered), len(found))
    same = next((i for i in range(shortest) if delivered[i] != found[i]), shortest)
    return max(0, same - _BEFORE_DIFFERENCE) if same > LONGEST_VALUE - _BEFORE_DIFFERENCE else 0


def _cut(value: Value, start: int) -> Value:
    if value is None or (not start and len(value) <= LONGEST_VALUE):
        return value
    part = value[start : start + LONGEST_VALUE]
    after = "…" if start + LONGEST_VALUE < len(value) else ""
    return f"{'…' if start else ''}{part}{after}"
