"""The verdict as a value: checks, differences, the report of one stage; imports core only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from admw_assets.core.diagnosis import Diagnosis
from admw_assets.core.errors import TerminalError
from admw_assets.core.masking import Values
from admw_assets.core.step import CheckResult, Counts, Stage

CONSERVATION = "conservation"
SOURCE_HASH = "source_hash"
ROW_HASH = "row_hash"
REJECT_LIMIT = "reject_limit"
ORPHANS = "orphans"
CHECKS = (CONSERVATION, SOURCE_HASH, ROW_HASH, REJECT_LIMIT, ORPHANS)
"""The promises, one asset check each."""


class DifferenceKind(StrEnum):
    """What can be wrong with a row."""

    MISSING = "missing"  # was staged or preliminary, is not there
    EXTRA = "extra"  # is there, nobody brought it
    DOUBLED = "doubled"  # is there more often than it was brought
    CHANGED = "changed"  # is there with other values


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it must be, named by its key and by its record.

    `delivered` and `found` are the row's values on both sides, by column, as far as they are
    known; `reasons` says for a differing column what has probably happened to its value.
    """

    kind: DifferenceKind
    key: Mapping[str, str]
    record: int | None = None
    row: int | None = None
    columns: tuple[str, ...] = ()  # those whose values differ, where known
    delivered: Values | None = field(default=None, compare=False)
    found: Values | None = field(default=None, compare=False)
    reasons: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key.items())
        where = f" (record {self.record})" if self.record is not None else ""
        which = f": {', '.join(self.columns)}" if self.columns else ""
        return f"{self.kind} row {key or '?'}{where}{which}"


def first_of_each_kind(differences: Iterable[Difference], number: int) -> list[Difference]:
    """So many differences of every kind, so that no kind hides another."""
    seen: Counter[DifferenceKind] = Counter()
    first: list[Difference] = []
    for difference in differences:
        seen[difference.kind] += 1
        if seen[difference.kind] <= number:
            first.append(difference)
    return first


@dataclass(frozen=True, slots=True)
class UnmetReferences:
    """Final rows whose parents are not there, for a foreign key that closes a circle of tables.

    The parents of `waiting` rows may still come; those of `missing` rows will not.
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    missing: int
    waiting: int


@dataclass(frozen=True, slots=True)
class FinalComparison:
    """Preliminary rows against final rows of one file; `differences` is cut at the asked limit."""

    preliminary_rows: int
    final_rows: int
    counts: Mapping[DifferenceKind, int]
    differences: tuple[Difference, ...] = ()

    @property
    def mismatched(self) -> int:
        """Rows that are not as they must be."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A row that is the same on both sides, by column; for people to look at."""

    record: int | None
    row: int | None
    delivered: Values
    found: Values


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """One of the rejects, for people to look at; its text stays in the rejects store."""

    stage: Stage
    record: int
    row: int
    rule: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One run of one step: when it began (UTC, ISO 8601), how it ended, seconds of wall clock."""

    stage: str
    step: str
    status: str
    started_at: str
    seconds: float
    attempt: int
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier attempt of the stage that did not end well."""

    number: int
    run_id: str
    at: str
    step: str
    status: str
    message: str


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """All that a report says about one stage of one (file, table).

    Values in it are masked already: nothing has to be hidden by whoever renders it. `differences`
    are the first of `differences_by_kind`; `diagnosed` is how many changed rows the diagnoses are
    of; `notes` are sentences about differing rows as a whole. `columns` are the loaded columns in
    schema order, `key` those that name a row, `personal` those that are masked. `rejected` are the
    first open rejects of every rule. `drift`: sentences about columns of the file that are not as
    the migration is configured.
    """

    migration: str
    file: str
    file_sha256: str
    table: str
    stage: Stage
    run_id: str
    created_at: str
    counts: Counts
    checks: tuple[CheckResult, ...]
    rejects_by_rule: Mapping[str, int] = field(default_factory=dict[str, int])
    dropped_by_reason: Mapping[str, int] = field(default_factory=dict[str, int])
    differences: tuple[Difference, ...] = ()
    seconds_by_step: Mapping[str, float] = field(default_factory=dict[str, float])
    file_size: int | None = None
    code_version: str = ""
    migration_fingerprint: str = ""
    attempt: int = 1
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    differences_by_kind: Mapping[str, int] = field(default_factory=dict[str, int])
    diagnoses: tuple[Diagnosis, ...] = ()
    diagnosed: int = 0
    notes: tuple[str, ...] = ()
    passes: tuple[ComparedRow, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    rejected: tuple[RejectedRecord, ...] = ()
    drift: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """True where every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def held_back(self) -> int:
        """Sound rows that were not loaded, because too many others were rejected."""
        refused = any(c.name == REJECT_LIMIT and not c.passed for c in self.checks)
        if not refused or self.counts.loaded:
            return 0
        aside = (self.counts.rejected or 0) + (self.counts.dropped or 0)
        return max(0, (self.counts.expected or 0) - aside)

    @property
    def equation(self) -> str:
        """The equation of conservation with its numbers."""
        held = f" + {self.held_back:,} held back" if self.held_back else ""
        return equation(self.counts) + held

    @property
    def sentences(self) -> tuple[str, ...]:
        """What people should know first about differing rows: notes, then diagnoses."""
        return (*self.notes, *(diagnosis.sentence for diagnosis in self.diagnoses))


def equation(counts: Counts) -> str:
    """`8 expected = 5 loaded + 2 rejected + 1 dropped`."""
    return (
        f"{counts.expected or 0:,} expected = {counts.loaded or 0:,} loaded + "
        f"{counts.rejected or 0:,} rejected + {counts.dropped or 0:,} dropped"
    )


NAMED_IN_ERRORS = 100
"""Differences that travel with the error; the report has more of them."""


class ReconciliationFailed(TerminalError):
    """Something was lost, doubled or changed; the verdict comes with it.

    `location` is the folder of the report that was written, `sentences` is its diagnosis.
    """

    def __init__(self, report: ReconciliationReport, location: str) -> None:
        red = " ".join(check.message for check in report.checks if not check.passed)
        super().__init__(
            f"{report.stage}/{report.table} of {report.file} does not reconcile: {red}",
            next_step=f"Read the report in {location}, find out who touched the rows, then run "
            "the stage again with --restart.",
            file=report.file,
            table=report.table,
        )
        self.counts = report.counts
        self.checks = report.checks
        self.differences = report.differences[:NAMED_IN_ERRORS]
        self.sentences = report.sentences
        self.location = location
