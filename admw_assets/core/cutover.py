"""The whole migration on one page: per table what came of it, and what is still open; core only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from admw_assets.core.migration import Migration
from admw_assets.core.ports import StageState
from admw_assets.core.step import Stage, Status


class TableVerdict(StrEnum):
    """Where a table stands."""

    DONE = "done"  # every file that came is final, without rejects
    REJECTS = "rejects"  # every file is final, some records are rejected
    OPEN = "open"  # something is not final yet
    RED = "red"  # a check or a step has failed
    NO_FILES = "no files"


@dataclass(frozen=True, slots=True)
class RedCheck:
    """A stage that failed, and what it said."""

    file: str
    table: str
    stage: Stage
    message: str


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table over all its files; `final_files` have ended both stages.

    `expected` and `dropped` are rows of the preliminary stage, `loaded` rows of the final table,
    `rejects` open rejects of both stages by rule.
    """

    table: str
    wave: int
    files: int
    final_files: int
    records: int
    expected: int
    loaded: int
    dropped: int
    rejects: Mapping[str, int]
    verdict: TableVerdict

    @property
    def rejected(self) -> int:
        """Open rejects of both stages."""
        return sum(self.rejects.values())

    @property
    def accounted(self) -> bool:
        """True where every expected row is in the final table, rejected or dropped."""
        return self.expected == self.loaded + self.rejected + self.dropped


@dataclass(frozen=True, slots=True)
class CutoverReport:
    """What is signed before the old system is switched off.

    `chain_head` is the hash of the newest manifest, `chain_problems` what a verification found.
    """

    migration: str
    fingerprint: str
    code_version: str
    created_at: str
    tables: tuple[TableSummary, ...]
    red: tuple[RedCheck, ...]
    manifests: int
    chain_head: str
    chain_problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """True where nothing is red or open; rejects may be left."""
        good = (TableVerdict.DONE, TableVerdict.REJECTS, TableVerdict.NO_FILES)
        return not self.chain_problems and all(t.verdict in good for t in self.tables)

    @property
    def rejected(self) -> int:
        """Open rejects of all tables."""
        return sum(table.rejected for table in self.tables)


def summarize_tables(
    migration: Migration,
    states: Iterable[StageState],
    rejects: Mapping[str, Mapping[str, int]],
) -> tuple[TableSummary, ...]:
    """All tables of the migration in load order; `rejects`: open ones by table and rule."""
    by_table: dict[str, list[StageState]] = {}
    for state in states:
        by_table.setdefault(state.table, []).append(state)
    return tuple(
        _summary(table, number, by_table.get(table, []), rejects.get(table, {}))
        for number, wave in enumerate(migration.waves, start=1)
        for table in wave
    )


def red_checks(states: Iterable[StageState]) -> tuple[RedCheck, ...]:
    """All stages that failed."""
    return tuple(
        RedCheck(state.file, state.table, state.stage, state.message)
        for state in states
        if state.status is Status.FAILED
    )


def _summary(
    table: str, wave: int, states: Sequence[StageState], rejects: Mapping[str, int]
) -> TableSummary:
    first = [state for state in states if state.stage is Stage.PRELIMINARY]
    final = [state for state in states if state.stage is Stage.FINAL]
    ended = [state for state in final if state.status is Status.COMPLETED]
    return TableSummary(
        table=table,
        wave=wave,
        files=len(first),
        final_files=len(ended),
        records=sum(state.counts.records or 0 for state in first),
        expected=sum(state.counts.expected or 0 for state in first),
        loaded=sum(state.counts.loaded or 0 for state in final),
        dropped=sum(state.counts.dropped or 0 for state in first),
        rejects=rejects,
        verdict=_verdict(states, len(first) - len(ended), rejects),
    )


def _verdict(
    states: Sequence[StageState], unfinished: int, rejects: Mapping[str, int]
) -> TableVerdict:
    if not states:
        return TableVerdict.NO_FILES
    if any(state.status is Status.FAILED for state in states):
        return TableVerdict.RED
    if unfinished or any(state.status is not Status.COMPLETED for state in states):
        return TableVerdict.OPEN
    return TableVerdict.REJECTS if any(rejects.values()) else TableVerdict.DONE
