"""Steps as values: what is asked (StepRequest), what came of it (StepResult); imports pydantic.

A request and a result are JSON-able: they cross op edges in Dagster, states in Step Functions
and rows of the tracker, and are the same thing in all three.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum

from pydantic import TypeAdapter


class Stage(StrEnum):
    """The two stages of a (file, table)."""

    PRELIMINARY = "preliminary"
    FINAL = "final"


class StepKind(StrEnum):
    """The steps; which stage has which is STAGE_STEPS."""

    TRANSFORM = "transform"
    LOAD = "load"
    RECONCILE = "reconcile"
    ARCHIVE = "archive"


class Status(StrEnum):
    """Where a stage, or a step, of a (file, table) stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"  # not started: a stage that it needs has failed


STAGE_STEPS: Mapping[Stage, tuple[StepKind, ...]] = {
    Stage.PRELIMINARY: (StepKind.TRANSFORM, StepKind.LOAD, StepKind.RECONCILE),
    Stage.FINAL: (StepKind.LOAD, StepKind.RECONCILE, StepKind.ARCHIVE),
}


@dataclass(frozen=True, slots=True)
class StepRequest:
    """One step of one stage for one (file, table).

    `location` is the data file's path or URI, `run_id` names the attempt.
    """

    location: str
    table: str
    stage: Stage
    step: StepKind
    run_id: str

    @property
    def file(self) -> str:
        """The data file's name, under which everything is kept."""
        return self.location.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows and records of one (file, table); None where the step does not know.

    `records`: logical records of the file, counted by the scanner. `expected`: rows the
    transform makes of them. Conservation: expected = loaded + rejected + dropped.
    In the final stage `loaded` counts final rows and `rejected` the rejects of both stages, so that
    the equation reaches from the file to the final table.
    """

    records: int | None = None
    expected: int | None = None
    loaded: int | None = None
    rejected: int | None = None
    dropped: int | None = None
    mismatched: int | None = None

    def merged(self, newer: "Counts") -> "Counts":
        """These counts with every number that `newer` knows put over them."""
        known = {f.name: getattr(newer, f.name) for f in fields(newer)}
        return Counts(**(asdict(self) | {k: v for k, v in known.items() if v is not None}))

    @property
    def conserved(self) -> bool:
        """True where the equation of conservation holds."""
        parts = (self.loaded, self.rejected, self.dropped)
        return self.expected is not None and self.expected == sum(p or 0 for p in parts)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict on one promise; `name` is one of reconciliation.CHECKS.

    `warns`: the promise is kept, but something waits for a person (rejects, rows without parents).
    """

    name: str
    passed: bool
    message: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did: counts, seconds of wall clock, references to what it left behind.

    `staged` is the folder of staged parts (transform), `report` the folder of the stage's report
    (reconcile), `archive` the archive (archive). `skipped` says that an earlier attempt had
    already done it.
    """

    file: str
    table: str
    stage: Stage
    step: StepKind
    run_id: str
    counts: Counts = Counts()
    seconds: float = 0.0
    staged: str | None = None
    report: str | None = None
    archive: str | None = None
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    file_sha256: str = ""
    skipped: bool = False

    def to_json(self) -> dict[str, object]:
        """A JSON-able dict that `from_json` takes back."""
        return TypeAdapter(StepResult).dump_python(self, mode="json")

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "StepResult":
        """Rebuild a result from `to_json`; unknown keys of newer versions are ignored."""
        return TypeAdapter(cls).validate_python(data)


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What a run of one stage came to; `skipped`: it had been completed before."""

    file: str
    table: str
    stage: Stage
    status: Status
    counts: Counts = Counts()
    seconds: float = 0.0
    message: str = ""
    report: str | None = None
    archive: str | None = None
    skipped: bool = False
    checks: tuple[CheckResult, ...] = field(default=())
