"""The port TableStore on a database: each method hands on to its module; imports core only."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from admw_assets.core.masking import Values
from admw_assets.core.migration import Migration, TableSettings
from admw_assets.core.ports import (
    LoadOutcome,
    OriginalRecords,
    PreliminaryBuckets,
    PreliminaryLoad,
    RawRecord,
    Reject,
    ReleaseOutcome,
    Replay,
    ReplayedPreliminary,
    ReplayLoad,
    RowMark,
    RowPair,
)
from admw_assets.core.reconciliation import FinalComparison, UnmetReferences
from admw_assets.core.schema import Schema, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database import (
    comparison,
    creation,
    deferred_keys,
    final_load,
    final_release,
    preliminary_buckets,
    preliminary_load,
    reject_history,
    rejects,
    replay_ledger,
    replay_load,
    row_values,
    sample,
)
from admw_assets.engines.database import undo as undoing
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.ledger import Entry


@dataclass(frozen=True, slots=True)
class DatabaseTableStore:
    """Preliminary and final tables of one schema, ledger and rejects in one database."""

    database: Database
    schema: Schema

    def initialize(self, migration: Migration) -> list[str]:
        """Create what is missing; returns a sentence per thing that was made."""
        return creation.initialize(self.database, migration)

    def load_preliminary(self, load: PreliminaryLoad) -> LoadOutcome:
        """Load staged parts, reject duplicate keys, write rejects and ledger: one transaction."""
        return preliminary_load.load_preliminary(self.database, load)

    def preliminary_buckets(
        self, file: str, table: Table, settings: TableSettings
    ) -> PreliminaryBuckets:
        """Rows, stored hashes and altered rows of a file in buckets of records: one pass."""
        return preliminary_buckets.buckets(self.database, file, table, settings)

    def preliminary_marks(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        size: int,
        buckets: Sequence[int],
        altered_only: bool,
    ) -> list[RowMark]:
        """The rows of these buckets of records, or the altered ones of them."""
        return preliminary_buckets.marks(
            self.database, file, table, settings, size, buckets, altered_only
        )

    def preliminary_values(
        self, file: str, table: Table, settings: TableSettings, rows: Collection[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Values]:
        """The raw canonical texts of these rows."""
        return row_values.preliminary_values(self.database, file, table, settings, rows)

    def final_pairs(
        self, file: str, table: Table, settings: TableSettings, rows: Collection[tuple[int, int]]
    ) -> list[RowPair]:
        """These preliminary rows and the final rows with their keys, raw texts."""
        return row_values.final_pairs(self.database, file, table, settings, rows)

    def load_final(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        run_id: str,
        limit: int | None,
        original: OriginalRecords,
    ) -> LoadOutcome:
        """Move the rows of a file: set-based, one transaction with rejects and ledger."""
        return final_load.load_final(
            self.database, self.schema, file, table, settings, run_id, limit, original
        )

    def unmet_references(self, table: Table, settings: TableSettings) -> list[UnmetReferences]:
        """The rows of final tables without parents, for keys that close a circle of tables."""
        return deferred_keys.unmet_references(self.database, self.schema, table, settings)

    def compare_final(
        self, file: str, table: Table, settings: TableSettings, limit: int
    ) -> FinalComparison:
        """Preliminary rows against final rows of a file, hashes by the server."""
        return comparison.compare_final(self.database, file, table, settings, limit)

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
        return rejects.stream(self.database, file, table, stage, rule, history, limit)

    def count_rejects(self, file: str, table: str, stage: Stage) -> Mapping[str, int]:
        """How many rejects are open, by rule, the most frequent first."""
        with self.database.reading() as connection:
            return rejects.count_by_rule(connection, Entry(file, table, stage))

    def open_rejects(self) -> Mapping[str, Mapping[str, int]]:
        """How many rejects are open, by table and rule, over all files and both stages."""
        with self.database.reading() as connection:
            return rejects.count_by_table(connection)

    def rejected_by(self, stage: Stage) -> list[tuple[str, str]]:
        """The (file, table) pairs of which the stage has, or has had, rejects."""
        with self.database.reading() as connection:
            return rejects.entries_of(connection, stage)

    def current_records(self, file: str, numbers: Sequence[int]) -> list[RawRecord]:
        """Records with rejects (ascending numbers) as they came last: replayed, or in the file."""
        with self.database.reading() as connection:
            return list(reject_history.current_texts(connection, file, numbers))

    def load_replay(self, load: ReplayLoad) -> LoadOutcome:
        """Put corrected records in the place of their rejects; the stage's numbers afterwards."""
        return replay_load.load_replay(self.database, load)

    def replays(self, file: str) -> list[Replay]:
        """The replays of a file, oldest first."""
        with self.database.reading() as connection:
            return replay_ledger.replays(connection, file)

    def finish_replay(self, file: str, sha256: str) -> None:
        """Note that both stages of all tables were reconciled after the replay."""
        with self.database.writing() as connection:
            replay_ledger.finish(connection, file, sha256)

    def marks_of(
        self, file: str, table: Table, settings: TableSettings, records: Sequence[int]
    ) -> list[RowMark]:
        """The preliminary rows of these records."""
        return replay_load.marks_of(self.database, file, table, settings, records)

    def replayed_preliminary(
        self, file: str, table: Table, settings: TableSettings
    ) -> ReplayedPreliminary:
        """The preliminary rows of a file that was replayed, against the ledger."""
        return replay_load.summarize(self.database, file, table, settings)

    def release_final(
        self,
        file: str,
        table: Table,
        settings: TableSettings,
        run_id: str,
        limit: int | None,
        original: OriginalRecords,
    ) -> ReleaseOutcome | None:
        """Move rows that wait, and rejects of the final stage whose reason is gone."""
        return final_release.release_final(
            self.database, self.schema, file, table, settings, run_id, limit, original
        )

    def sample(
        self, file: str, table: Table, settings: TableSettings, stage: Stage, limit: int
    ) -> list[dict[str, str]]:
        """The first rows of a file as canonical texts, PII columns masked."""
        return sample.first_rows(self.database, file, table, settings, stage, limit)

    def undo(self, file: str, table: Table, settings: TableSettings, stage: Stage) -> None:
        """Take back one stage of one (file, table): rows, rejects, ledger; one transaction."""
        undoing.undo(self.database, self.schema, file, table, settings, stage)
