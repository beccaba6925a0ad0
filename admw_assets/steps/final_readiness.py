"""Which final stages may start, from what the tracker knows; imports core only."""

from collections import defaultdict
from collections.abc import Iterable

from admw_assets.core.migration import Migration
from admw_assets.core.ports import StageState
from admw_assets.core.step import Stage, Status

FileTable = tuple[str, str]
"""A data file's name and a table that it feeds."""

_DUE = (None, Status.BLOCKED)


def ready_for_final(
    migration: Migration,
    states: Iterable[StageState],
    *,
    parents_needed: bool = True,
    failed_before: str = "",
) -> list[FileTable]:
    """The (file, table) pairs whose final stage may start by itself, parents before children.

    The preliminary stage has completed and the final one was never started, or was held back; a
    failed one waits for a person, unless it failed before `failed_before` (UTC ISO text). Of every
    table that the table refers to, directly or not, no file is on the way, and with
    `parents_needed` at least one has come: rows that come before their parents are orphans.
    Tables of one circle do not wait for each other.
    """
    known = {(s.file, s.table.casefold(), s.stage): s for s in states}
    pairs = {(file, table) for file, table, _ in known}
    finals = {pair: known.get((*pair, Stage.FINAL)) for pair in pairs}
    is_final: dict[str, list[bool]] = defaultdict(list)
    for (_, table), state in finals.items():
        is_final[table].append(state is not None and state.status is Status.COMPLETED)
    parents = _awaited(migration)

    def is_due(pair: FileTable) -> bool:
        preliminary, final = known.get((*pair, Stage.PRELIMINARY)), finals[pair]
        if preliminary is None or preliminary.status is not Status.COMPLETED:
            return False
        if final is not None and final.status is Status.FAILED:
            return final.updated_at < failed_before
        return (final.status if final else None) in _DUE

    def may_go(table: str) -> bool:
        waits = (is_final[parent] for parent in parents[table])
        return all(all(files) and (files or not parents_needed) for files in waits)

    wave_of = {t.casefold(): n for n, wave in enumerate(migration.waves) for t in wave}
    ready = [pair for pair in pairs if pair[1] in wave_of and is_due(pair) and may_go(pair[1])]
    ordered = sorted(ready, key=lambda pair: (wave_of[pair[1]], pair))
    return [(file, migration.table(table).name) for file, table in ordered]


def ancestors(migration: Migration, table: str) -> frozenset[str]:
    """All tables (schema's spelling) that a table refers to, directly or not, but itself."""
    own = migration.table(table).name
    found: set[str] = set()
    waiting = [own]
    while waiting:
        for key in migration.table(waiting.pop()).foreign_keys:
            parent = migration.table(key.parent).name
            if parent not in found and parent != own:
                found.add(parent)
                waiting.append(parent)
    return frozenset(found)


def _awaited(migration: Migration) -> dict[str, frozenset[str]]:
    """The tables that each waits for: its ancestors, less those that it is an ancestor of."""
    above = {table: ancestors(migration, table) for wave in migration.waves for table in wave}
    return {
        table.casefold(): frozenset(
            parent.casefold() for parent in parents if table not in above[parent]
        )
        for table, parents in above.items()
    }
