"""What a dry run finds out, as values; imports core only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from admw_assets.core.step import Counts, Stage, Status


@dataclass(frozen=True, slots=True)
class SettingFinding:
    """A setting of migration.yaml held against a file.

    `line` is what to write into migration.yaml (or transforms.py, as it says). `is_wrong`: the
    file contradicts the setting; otherwise it is only worth a look.
    """

    file: str
    setting: str
    configured: str
    found: str
    is_wrong: bool
    message: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class PredictedReject:
    """A record, or a row made of it, that would not be loaded."""

    file: str
    table: str
    stage: Stage
    record: int
    row: int
    rule: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a real run would take: seconds of both stages, bytes in the database.

    `measured_seconds` is what reading and transforming took in this run.
    """

    measured_seconds: float
    rows_per_second: float
    seconds: float
    preliminary_bytes: int
    final_bytes: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """What both stages of one (file, table) would come to.

    `rejects` counts by (stage, rule, column). `stage` is the one that would fail, or be held back,
    where `status` is not COMPLETED. `unchecked` names foreign keys whose parents no file brings.
    """

    file: str
    table: str
    status: Status
    stage: Stage
    counts: Counts
    message: str = ""
    rejects: Mapping[tuple[Stage, str, str], int] = field(
        default_factory=dict[tuple[Stage, str, str], int]
    )
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    unchecked: tuple[str, ...] = ()
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """Everything that a dry run came to; `compared_as` says how texts in keys were compared."""

    predictions: tuple[Prediction, ...]
    rejects: tuple[PredictedReject, ...]
    settings: tuple[SettingFinding, ...]
    compared_as: str
    seconds: float = 0.0

    @property
    def fails(self) -> bool:
        """True where a stage would fail or a setting is wrong."""
        return any(p.status is not Status.COMPLETED for p in self.predictions) or any(
            setting.is_wrong for setting in self.settings
        )
