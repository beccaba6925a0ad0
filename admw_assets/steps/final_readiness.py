"""Which final stages may start, from what the tracker knows; imports core only."""

from collections import defaultdict
from collections.abc import Iterable

from admw_assets.core.migration import Migration
from admw_assets.core.ports import StageState
from admw_assets.core.step import Stage, Status

FileTable = tuple[str, str]
"""A data file's name and a table that it feeds."""


def ready_for_final(migration: Migration, states: Iterable[StageState]) -> list[FileTable]:
    """The (file, table) pairs whose final stage may start by itself, parents before children.

    The preliminary stage has completed and the final one was never started, or was held back; a
    failed one waits for a person. Every table that the table refers to, directly or not, has at
    least one final file and none on the way: rows that come before their parents are orphans.
    Tables of one circle do not wait for each other.
    """
    known = {(s.file, s.table.casefold(), s.stage): s.status for s in states}
    pairs = {(file, table) for file, table, _ in known}
    files_of: dict[str, list[bool]] = defaultdict(list)
    for file, table in pairs:
        files_of[table].append(known.get((file, table, Stage.FINAL)) is Status.COMPLETED)
    parents = _awaited(migration)
    wave_of = {t.casefold(): n for n, wave in enumerate(migration.waves) for t in wave}
    ready = [
        (file, table)
        for file, table in pairs
        if table in wave_of
        and known.get((file, table, Stage.PRELIMINARY)) is Status.COMPLETED
        and known.get((file, table, Stage.FINAL)) in (None, Status.BLOCKED)
        and all(files_of[parent] and all(files_of[parent]) for parent in parents[table])
    ]
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
