"""What explains most of a column's differences, in a sentence; pure, imports core's patterns only.

Every pattern is asked about every changed value. Then the explanation that covers most values of a
column is taken, then the one that covers most of the rest, and so on: a clock that was changed in
summer leaves two shifts. What no frequent explanation covers is shown as it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from admw_assets.core.difference_patterns import (
    Pattern,
    cut_decimals,
    day_and_month,
    decimal_point,
    letter_case,
    lost_accents,
    mojibake,
    normal_form,
    replaced_characters,
    rounding,
    scale,
    sign,
    single_precision,
    time_of_day_lost,
    time_shift,
    truncation,
    white_space,
)

Value = str | None
Pair = tuple[Value, Value]
Explanation = tuple[str, str]
"""A pattern and its detail, as ("the text is cut", "at 20 characters")."""

Explanations = frozenset[Explanation]

SAMPLES = 5
"""How many pairs a diagnosis shows of what it does not explain."""
SMALLEST_SHARE = 0.05
"""An explanation of fewer of a column's differences is a coincidence."""

_EXAMPLES = 2
_GROUPS_WITH_SAMPLES = 1_000
_FEW = 3
_NEIGHBOURS = 5

SWAPPED = "the value is swapped"
NULL_AND_EMPTY = "NULL and the empty text are exchanged"
LOST = "the value is lost"
FILLED = "a value stands where NULL was"
NEIGHBOUR = "the value is that of the neighbouring record"

PATTERNS: Mapping[str, Pattern] = {
    "the time of day is lost": time_of_day_lost,
    "day and month are swapped": day_and_month,
    "the time is shifted": time_shift,
    "the sign is turned": sign,
    "the number is the same, written with another scale": scale,
    "the number is rounded": rounding,
    "decimals are cut off": cut_decimals,
    "the number has single precision only": single_precision,
    "the decimal point is moved": decimal_point,
    "white space is": white_space,
    "only the letter case differs": letter_case,
    "characters are replaced": replaced_characters,
    "accents are lost": lost_accents,
    "the same characters are encoded differently": normal_form,
    "the encoding is damaged": mojibake,
    "the text is cut": truncation,
}
_ORDER = [NULL_AND_EMPTY, LOST, FILLED, SWAPPED, *PATTERNS, NEIGHBOUR]
"""Among explanations of equally many values the first one wins."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row whose values differ; texts by column, as delivered and as found.

    `neighbours` are the delivered values of the records right before and after, where known.
    """

    record: int | None
    delivered: Mapping[str, Value]
    found: Mapping[str, Value]
    neighbours: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern, how many differences it explains, and examples (delivered, found)."""

    pattern: str
    explained: int
    examples: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One column: how many values differ, what explains them, samples of the rest.

    `findings` come with the most frequent first, and none covers what an earlier one does.
    """

    column: str
    differing: int
    findings: tuple[Finding, ...] = ()
    samples: tuple[Pair, ...] = ()

    @property
    def pattern(self) -> str:
        """What explains most of the differences; empty where nothing does."""
        return self.findings[0].pattern if self.findings else ""

    @property
    def explained(self) -> int:
        """How many differences that pattern explains."""
        return self.findings[0].explained if self.findings else 0

    @property
    def share(self) -> float:
        """The part of the differences that it explains, 0 to 1."""
        return self.explained / self.differing if self.differing else 0.0

    @property
    def unexplained(self) -> int:
        """Differences that no finding covers."""
        return self.differing - sum(finding.explained for finding in self.findings)

    @property
    def sentence(self) -> str:
        """The diagnosis as people read it."""
        one = self.differing == 1
        many = f"{self.differing:,} value{'' if one else 's'} of {self.column}"
        if not self.findings:
            return f"{many} differ{'s' if one else ''} without a common pattern."
        if one:
            return f"{many} differs: {self.pattern}."
        shares = [
            f"{percentage(f.explained, self.differing)}{' of them' if not place else ''}: "
            f"{f.pattern}"
            for place, f in enumerate(self.findings)
        ]
        if self.explained == self.differing:
            shares = [f"all of them: {self.pattern}"]
        rest = self.unexplained
        if rest:
            shares.append(f"{rest:,} differ{'s' if rest == 1 else ''} otherwise")
        return f"{many} differ, {'; '.join(shares)}."


def percentage(part: int, whole: int) -> str:
    """A share in whole percent; 100% and 0% only where that is exact."""
    if part in (0, whole):
        return "100%" if part else "0%"
    return f"{min(max(round(100 * part / whole), 1), 99)}%"


def differing_columns(row: ChangedRow) -> tuple[str, ...]:
    """The columns whose values differ, in the order of the delivered ones."""
    return tuple(c for c, value in row.delivered.items() if value != row.found.get(c))


def explain(row: ChangedRow) -> dict[str, Explanations]:
    """Everything that would explain the values of a row, by differing column."""
    return {column: _explanations(column, row) for column in differing_columns(row)}


def spoken(explanation: Explanation) -> str:
    """An explanation as a part of a sentence."""
    return " ".join(part for part in explanation if part)


def reason(explanations: Explanations, diagnosis: Diagnosis) -> str:
    """What to say of one value: the finding of its column that explains it, or nothing."""
    texts = {spoken(explanation) for explanation in explanations}
    return next((f.pattern for f in diagnosis.findings if f.pattern in texts), "")


def diagnose(rows: Iterable[ChangedRow]) -> tuple[Diagnosis, ...]:
    """A diagnosis for every column that differs in some row, most differences first."""
    tally = Tally()
    for row in rows:
        explained = explain(row)
        tally.add(explained, {c: (row.delivered[c], row.found.get(c)) for c in explained})
    return tally.diagnoses()


class Tally:
    """Counts explanations row by row, so that no row has to stay in memory."""

    def __init__(self) -> None:
        self._columns: dict[str, _ColumnTally] = {}

    def add(self, explained: Mapping[str, Explanations], pairs: Mapping[str, Pair]) -> None:
        """Count one row: what `explain` says of it, and its pairs as they may be shown."""
        for column, explanations in explained.items():
            self._columns.setdefault(column, _ColumnTally()).add(explanations, pairs[column])

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """A diagnosis for every column so far, most differences first."""
        found = [tally.diagnosis(column) for column, tally in self._columns.items()]
        return tuple(sorted(found, key=lambda diagnosis: (-diagnosis.differing, diagnosis.column)))


class _ColumnTally:
    """One column: values grouped by the set of explanations that they have."""

    def __init__(self) -> None:
        self._groups: Counter[Explanations] = Counter()
        self._pairs: dict[Explanations, list[Pair]] = {}

    def add(self, explanations: Explanations, pair: Pair) -> None:
        self._groups[explanations] += 1
        if explanations in self._pairs or len(self._pairs) < _GROUPS_WITH_SAMPLES:
            pairs = self._pairs.setdefault(explanations, [])
            if len(pairs) < SAMPLES and pair not in pairs:
                pairs.append(pair)

    def diagnosis(self, column: str) -> Diagnosis:
        differing = self._groups.total()
        groups = dict(self._groups)
        findings: list[Finding] = []
        while best := _most_frequent(groups, differing):
            covered = [group for group in groups if best in group]
            explained = sum(groups[group] for group in covered)
            examples = self._shown(covered, _EXAMPLES)
            findings.append(Finding(spoken(best), explained, examples))
            for group in covered:
                del groups[group]
        return Diagnosis(column, differing, tuple(findings), self._shown(groups, SAMPLES))

    def _shown(self, groups: Iterable[Explanations], limit: int) -> tuple[Pair, ...]:
        pairs = [pair for group in groups for pair in self._pairs.get(group, ())]
        return tuple(pairs[:limit])


def _most_frequent(groups: Mapping[Explanations, int], differing: int) -> Explanation | None:
    """What explains most values, where it is more than a coincidence."""
    votes: Counter[Explanation] = Counter()
    for group, rows in groups.items():
        votes.update(dict.fromkeys(group, rows))
    frequent = [one for one, rows in votes.items() if _is_frequent(one, rows, differing)]
    return min(frequent, key=lambda one: (-votes[one], _rank(one)), default=None)


def _is_frequent(explanation: Explanation, explained: int, differing: int) -> bool:
    if explanation[0] == NEIGHBOUR:  # where a column has few values, they are neighbours by chance
        return explained >= max(_NEIGHBOURS, differing / 2)
    return explained >= SMALLEST_SHARE * differing and (explained > 1 or differing <= _FEW)


def _rank(explanation: Explanation) -> tuple[int, str]:
    return _ORDER.index(explanation[0]), explanation[1]


def _explanations(column: str, row: ChangedRow) -> Explanations:
    delivered, found = row.delivered[column], row.found.get(column)
    explained: set[Explanation] = set()
    if delivered is None or found is None:
        explained.add(_about_null(delivered, found))
    else:
        for name, pattern in PATTERNS.items():
            explained.update((name, detail) for detail in pattern(delivered, found))
    explained.update((SWAPPED, f"with {twin}") for twin in _twins(column, row))
    if found is not None and any(found == n.get(column) for n in row.neighbours):
        explained.add((NEIGHBOUR, ""))
    return frozenset(explained)


def _about_null(delivered: Value, found: Value) -> Explanation:
    if delivered == "":
        return NULL_AND_EMPTY, "(the empty text became NULL)"
    if found == "":
        return NULL_AND_EMPTY, "(NULL became the empty text)"
    return (FILLED, "") if delivered is None else (LOST, "(NULL now)")


def _twins(column: str, row: ChangedRow) -> Sequence[str]:
    """The columns that have this one's value, and the other way round."""
    delivered, found = row.delivered[column], row.found.get(column)
    return [
        other
        for other, value in row.delivered.items()
        if other != column and value == found and row.found.get(other) == delivered
    ]
