"""What the steps need from the outside, as Protocols; imports core only.

The engines implement these; `runtime` puts them together; the steps see nothing else.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from admw_assets.core.configuration import Compression, FileFormat
from admw_assets.core.manifest import Evidence, ManifestChain
from admw_assets.core.masking import Values
from admw_assets.core.migration import Migration, TableSettings
from admw_assets.core.reconciliation import (
    FinalComparison,
    ReconciliationReport,
    UnmetReferences,
)
from admw_assets.core.schema import Table
from admw_assets.core.staging_area import OneMachine, StagingArea
from admw_assets.core.step import Counts, Stage, Status, StepResult

# ---------------------------------------------------------------- files


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A data file made readable: plain UTF-8 text on this machine, and what the scan found.

    `sha256` and `size` (bytes) are of the file as it was delivered, `content_sha256` of what is
    inside its compression. `records` counts logical records without the header. `columns` are
    the column names in file order. `malformed` maps record numbers (from 1) to the rule that
    they break (`quote`, `encoding`): they must not be loaded, whatever a reader makes of them.
    `skip_lines` physical lines at the start are no records (the header). `has_bom`: the text
    begins with U+FEFF, which belongs to no field. `index` is a reference for `records_of`.
    `record_end`: the line end (LF, CRLF or CR) that separates records where quoted fields may hold
    line ends; empty where each physical line is a record, whichever way it ends.
    """

    name: str
    text: Path
    sha256: str
    content_sha256: str
    size: int
    records: int
    columns: tuple[str, ...]
    malformed: Mapping[int, str]
    skip_lines: int
    has_bom: bool
    index: Path
    record_end: str = ""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as it stands in the file: its number, where it begins (bytes), its bytes."""

    number: int
    offset: int
    data: bytes


class FileReader(Protocol):
    """Opens data files safely and knows where their records are."""

    def open(self, location: str, file_format: FileFormat) -> OpenedFile:
        """Unpack, check and scan; raises DataFileError with the reason."""
        ...

    def records_of(self, opened: OpenedFile, numbers: Iterable[int]) -> Iterator[RawRecord]:
        """The original bytes of these records (ascending numbers), without their line end."""
        ...

    def sha256(self, location: str) -> str | None:
        """SHA-256 hex of the delivered bytes; None where there is no such file (any more)."""
        ...

    def write_records(
        self, opened: OpenedFile, file_format: FileFormat, records: Iterable[bytes], target: Path
    ) -> None:
        """Write a data file like `opened`: its header, then these records as `records_of` gives
        them, in its encoding and with its line ends."""
        ...


# ---------------------------------------------------------------- transform


@dataclass(frozen=True, slots=True)
class TransformJob:
    """Everything a transformer needs for one (file, table); `folder` receives the staged parts."""

    file: OpenedFile
    file_format: FileFormat
    table: Table
    settings: TableSettings
    source_hash_columns: tuple[str, ...] | None
    transforms: Path | None  # transforms.py, where the table names a function in it
    folder: Path
    origin_records: tuple[int, ...] = ()
    """Of a replay: the number that each record has in its file of origin, in order. A record may
    then have an empty source hash: it was corrected, and CORRECTED stands for its hash."""
    staging: StagingArea = field(default_factory=OneMachine)


CORRECTED = "corrected"
"""The source hash of rows whose record a person has corrected."""


@dataclass(frozen=True, slots=True)
class StagedRows:
    """The staged parts of one (file, table) and what is known of them.

    A part is UTF-8 text, a line per row: record number, row number within the record (from 1),
    source hash, row hash, then the loaded columns in schema order, then, where the table keeps
    them, the file's extra columns as a JSON object; separated by tab; backslash,
    tab, LF, CR and NUL escaped with a backslash (`\\\\ \\t \\n \\r \\0`); NULL is `\\N`.
    A rejects file is JSON lines: record, row, rule, column, message.
    `checksum` is `core.canonical.HashSum` over the row hashes, as text. `replayed`: the numbers
    are those of the file after replays; there are no parts, the ledger knows the checksum.
    `dropped_files` are JSON lines: record, row, reason.
    In a dry run source hashes are NULL and row hashes empty, and of the columns there are only
    those of keys; `value_bytes` is then how long all values are together, in UTF-8.
    """

    folder: str
    parts: tuple[str, ...]
    rejects: tuple[str, ...]
    rows: int
    records_read: int  # records that the transformer's own reader saw
    expected: int
    rejected: int
    dropped: Mapping[str, int]  # by reason
    checksum: str
    replayed: bool = False
    dropped_files: tuple[str, ...] = ()
    value_bytes: int = 0


class Transformer(Protocol):
    """Reads, transforms, validates, hashes and stages the rows of one (file, table)."""

    def transform(self, job: TransformJob) -> StagedRows:
        """Raises TransformError or DataFileError."""
        ...


# ---------------------------------------------------------------- database

OriginalRecords = Callable[[Iterable[int]], Iterator[RawRecord]]


class RejectStatus(StrEnum):
    """What became of a reject; all but open ones are history."""

    OPEN = "open"
    RESOLVED = "resolved"  # by a replay
    REJECTED_AGAIN = "rejected_again"  # replayed, and another reject took this one's place


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, or a row made of it, that may not be loaded; `text` is its original bytes.

    `replayed_text` is the record as a replay brought it, `resolved_by` the run of that replay.
    """

    file: str
    table: str
    stage: Stage
    record: int
    row: int
    rule: str
    column: str
    message: str
    text: bytes
    offset: int
    run_id: str
    status: RejectStatus = RejectStatus.OPEN
    resolved_by: str = ""
    replayed_text: bytes | None = None


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """Rows that one load brought, and rejects (all of the stage), as the ledger keeps them."""

    loaded: int
    rejected: int


@dataclass(frozen=True, slots=True)
class PreliminaryLoad:
    """One (file, table) to be loaded in one transaction with its ledger entry.

    `rejects` are those of the transform; `limit` is the number of rejects allowed (None: any);
    `original` fetches the original bytes of records (ascending numbers) for rejects that the load
    itself finds.
    """

    file: str
    table: Table
    settings: TableSettings
    run_id: str
    staged: StagedRows
    rejects: Iterable[Reject]
    limit: int | None
    original: OriginalRecords


@dataclass(frozen=True, slots=True)
class RowMark:
    """A row of a preliminary table: where it comes from and its stored hash.

    `altered`: the hash that the server computes of the row is another.
    """

    record: int
    row: int
    row_hash: str
    altered: bool = False


@dataclass(frozen=True, slots=True)
class BucketSums:
    """The rows of some records: how many, HashSum text of their stored hashes, altered ones."""

    rows: int
    checksum: str
    altered: int


@dataclass(frozen=True, slots=True)
class PreliminaryBuckets:
    """What stands in a preliminary table for one file, by record number // `size`."""

    size: int
    sums: Mapping[int, BucketSums]


@dataclass(frozen=True, slots=True)
class RowPair:
    """One row on both sides, raw canonical texts by column; None: there is no such row."""

    record: int | None
    row: int | None
    delivered: Values | None
    found: Values | None


@dataclass(frozen=True, slots=True)
class ReplayLoad:
    """Corrected records of one (file, table), to be loaded in one transaction with their entry.

    `sha256` (of the file of corrected records) identifies the replay. `records` are the numbers
    that these records have in the file of origin; `staged` holds the rows to add, `obsolete` the
    rows that the records made before and no longer make. `expected_change` and `dropped_change`
    (by reason) are what the replay changes in the table's equation. `limit` bounds the rejects
    that are open afterwards. `replayed` fetches the records' corrected bytes.
    """

    file: str
    table: Table
    settings: TableSettings
    run_id: str
    sha256: str
    records: tuple[int, ...]
    staged: StagedRows
    obsolete: tuple[RowMark, ...]
    rejects: Iterable[Reject]
    expected_change: int
    dropped_change: Mapping[str, int]
    limit: int | None
    replayed: OriginalRecords


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay of one (file, table) as the ledger keeps it."""

    file: str
    table: str
    sha256: str
    run_id: str
    expected_change: int
    dropped_change: Mapping[str, int]
    rows_added: int
    finished: bool


@dataclass(frozen=True, slots=True)
class ReplayedPreliminary:
    """A preliminary table after replays, computed by the server and held against the ledger.

    `delivered`: rows that the ledger says must be there. `agrees`: the stored row hashes add up to
    what the ledger says. `altered`: rows whose recomputed hash differs from the stored one.
    `corrected`: rows of corrected records.
    """

    rows: int
    delivered: int
    agrees: bool
    altered: int
    corrected: int


@dataclass(frozen=True, slots=True)
class ReleaseOutcome:
    """What a release came to: rows moved now; rows and rejects of the stage as they then are."""

    moved: int
    loaded: int
    rejected: int


class TableStore(Protocol):
    """Preliminary and final tables, ledger and rejects of the target database."""

    def initialize(self, migration: Migration) -> list[str]:
        """Create what is missing; returns a sentence per thing that was made."""
        ...

    def load_preliminary(self, load: PreliminaryLoad) -> LoadOutcome:
        """Load staged parts, reject duplicate keys, write rejects and ledger: one transaction.

        Where the ledger already has the (file, table), nothing is done and its numbers come back.
        Raises RejectLimitExceeded (rejects are then kept, rows are not) or LoadError.
        """
        ...

    def preliminary_buckets(
        self, file: str, table: Table, settings: TableSettings
    ) -> PreliminaryBuckets:
        """Rows, stored hashes and altered rows of a file in buckets of records: one pass."""
        ...

    def preliminary_marks(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        size: int,
        buckets: Sequence[int],
        altered_only: bool,
    ) -> list[RowMark]:
        """The rows of these buckets (record number // size), or the altered ones of them."""
        ...

    def preliminary_values(
        self, file: str, table: Table, settings: TableSettings, rows: Collection[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Values]:
        """The raw canonical texts of these rows (record, row), of those that are there."""
        ...

    def final_pairs(
        self, file: str, table: Table, settings: TableSettings, rows: Collection[tuple[int, int]]
    ) -> list[RowPair]:
        """These preliminary rows (record, row) and the final rows with their keys, raw texts.

        Nothing for tables without a key.
        """
        ...

    def load_final(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        run_id: str,
        limit: int | None,
        original: OriginalRecords,
    ) -> LoadOutcome:
        """Move the rows of a file: set-based, one transaction with rejects and ledger.

        Rows whose key another file has brought and orphans become rejects, or raise LoadError
        where the settings say so; more of them than `limit`: RejectLimitExceeded. The outcome's
        `rejected` counts the final stage's rejects only.
        """
        ...

    def unmet_references(self, table: Table, settings: TableSettings) -> list[UnmetReferences]:
        """The rows of final tables without parents, for the keys from and to the table that
        close a circle of tables or refer to their own: rows may be moved before their parents."""
        ...

    def compare_final(
        self, file: str, table: Table, settings: TableSettings, limit: int
    ) -> FinalComparison:
        """Preliminary rows against final rows of a file, on the key, hashes by the server.

        Keys of PII columns are masked; the values of extra rows (`found`) are raw and cut.
        """
        ...

    def rejects(
        self,
        file: str | None = None,
        table: str | None = None,
        stage: Stage | None = None,
        rule: str | None = None,
        history: bool = False,
        limit: int | None = None,
    ) -> Iterator[Reject]:
        """Open rejects in file, table, stage, record, row order; with `history` all there were."""
        ...

    def count_rejects(self, file: str, table: str, stage: Stage) -> Mapping[str, int]:
        """How many rejects are open, by rule."""
        ...

    def open_rejects(self) -> Mapping[str, Mapping[str, int]]:
        """How many rejects are open, by table and rule, over all files and both stages."""
        ...

    def rejected_by(self, stage: Stage) -> list[tuple[str, str]]:
        """The (file, table) pairs of which the stage has, or has had, rejects."""
        ...

    def current_records(self, file: str, numbers: Sequence[int]) -> list[RawRecord]:
        """Records with rejects (ascending numbers) as they came last: replayed, or in the file."""
        ...

    def load_replay(self, load: ReplayLoad) -> LoadOutcome:
        """Put corrected records in the place of their rejects; the stage's numbers afterwards.

        Where the ledger has the replay, nothing is done and its numbers come back. Raises
        RejectLimitExceeded or LoadError (a row that the final table has would have to change);
        nothing is then kept.
        """
        ...

    def replays(self, file: str) -> list[Replay]:
        """The replays of a file, oldest first."""
        ...

    def finish_replay(self, file: str, sha256: str) -> None:
        """Note that both stages of all tables were reconciled after the replay."""
        ...

    def marks_of(
        self, file: str, table: Table, settings: TableSettings, records: Sequence[int]
    ) -> list[RowMark]:
        """The preliminary rows of these records."""
        ...

    def replayed_preliminary(
        self, file: str, table: Table, settings: TableSettings
    ) -> ReplayedPreliminary:
        """The preliminary rows of a file that was replayed, against the ledger."""
        ...

    def release_final(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        run_id: str,
        limit: int | None,
        original: OriginalRecords,
    ) -> ReleaseOutcome | None:
        """Move preliminary rows that wait, and rejects of the final stage whose reason is gone.

        One transaction with rejects and ledger; None where the final stage was not loaded yet.
        Raises RejectLimitExceeded or LoadError like `load_final`; nothing is then kept.
        """
        ...

    def sample(
        self, file: str, table: Table, settings: TableSettings, stage: Stage, limit: int
    ) -> list[dict[str, str]]:
        """The first rows of a file as texts, PII columns masked."""
        ...

    def undo(self, file: str, table: Table, settings: TableSettings, stage: Stage) -> None:
        """Take back one stage of one (file, table): rows, rejects, ledger; one transaction.

        Raises LoadError where a final stage, or rows of other tables, still stand on it.
        """
        ...


# ---------------------------------------------------------------- tracker


@dataclass(frozen=True, slots=True)
class StageState:
    """The current state of one stage of one (file, table); times are UTC ISO texts."""

    file: str
    table: str
    stage: Stage
    status: Status
    step: str
    attempt: int
    counts: Counts = Counts()
    seconds: float = 0.0
    message: str = ""
    report: str | None = None
    archive: str | None = None
    file_sha256: str = ""
    run_id: str = ""
    started_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only log; `result` is set where a step ended well."""

    file: str
    table: str
    stage: Stage
    step: str
    status: str  # STARTED, COMPLETED, FAILED, RESTARTED
    attempt: int
    run_id: str
    at: str = ""
    seconds: float = 0.0
    rows: int | None = None
    message: str = ""
    result: StepResult | None = None


class Tracker(Protocol):
    """Current states and the append-only event log, kept in the target database."""

    def state(self, file: str, table: str, stage: Stage) -> StageState | None: ...

    def states(self) -> list[StageState]:
        """All states, by file, table and stage (preliminary first)."""
        ...

    def record(self, state: StageState, event: Event) -> None:
        """Put the state and append the event, in one transaction."""
        ...

    def results(self, file: str, table: str, stage: Stage) -> list[StepResult]:
        """What steps ended well since the stage was last restarted, oldest first."""
        ...

    def events(self, file: str | None = None) -> list[Event]: ...


# ---------------------------------------------------------------- archive, reports, alerts


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A tested archive; hashes are of the source file's bytes and of the archive's."""

    location: str
    manifest: str
    source_sha256: str
    archive_sha256: str
    source_size: int
    archive_size: int


class Archiver(Protocol):
    """Compresses, tests and removes source files."""

    def archive(
        self, location: str, compression: Compression, facts: Mapping[str, object]
    ) -> ArchivedFile:
        """Archive, read back, compare, write the manifest with `facts`, remove the source.

        Repeatable: where the source is gone and the archive is whole, that archive comes back.
        Raises ArchiveError; the source then stays.
        """
        ...

    def restore(self, location: str, target_folder: str | Path) -> Path:
        """Bring the source file of an archive back, byte for byte; the archive stays.

        Returns where it is on this machine. `target_folder` may be where data files arrive.
        """
        ...


class ReportWriter(Protocol):
    """Writes a stage's report, and reads it again."""

    def write(self, report: ReconciliationReport) -> str:
        """Returns the folder it was written to."""
        ...

    def read(self, location: str) -> ReconciliationReport | None:
        """The report that stands in such a folder; None where it is gone."""
        ...


class Notifier(Protocol):
    """Tells people: summaries and errors."""

    def notify(self, subject: str, text: str) -> None:
        """`subject` at most 100 characters, `text` at most 1,000."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """All that the steps work with."""

    migration: Migration
    files: FileReader
    transformer: Transformer
    tables: TableStore
    tracker: Tracker
    archiver: Archiver
    reports: ReportWriter
    notifier: Notifier
    chain: ManifestChain
    evidence: Evidence
    work: Path  # staged parts: work/<file>/<table>/
    staging: StagingArea = field(default_factory=OneMachine)
