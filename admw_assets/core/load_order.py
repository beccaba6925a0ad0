"""The order in which tables can be loaded, from their foreign keys; imports core only."""

from admw_assets.core.schema import ForeignKey, Schema


def load_waves(schema: Schema) -> tuple[tuple[str, ...], ...]:
    """Tables in waves: each table after all its parents, those of one cycle together.

    Sorted within a wave, so that the answer depends on nothing but the foreign keys.
    """
    parents = _parents(schema)
    remaining = _groups(parents)
    waves: list[tuple[str, ...]] = []
    done: set[str] = set()
    while remaining:
        ready = [
            group for group in remaining if all(parents[table] <= done | group for table in group)
        ]
        wave = sorted(table for group in ready for table in group)
        waves.append(tuple(wave))
        done |= set(wave)
        remaining = [group for group in remaining if group not in ready]
    return tuple(waves)


def deferred_foreign_keys(schema: Schema) -> tuple[tuple[str, ForeignKey], ...]:
    """The foreign keys, with their tables, whose parent is loaded in the same wave as the child.

    These are the self references and the keys that close a cycle.
    """
    wave_of = {table: n for n, wave in enumerate(load_waves(schema)) for table in wave}
    return tuple(
        (table.name, key)
        for table in schema.tables.values()
        for key in table.foreign_keys
        if wave_of[table.name] == wave_of[key.parent]
    )


def _parents(schema: Schema) -> dict[str, frozenset[str]]:
    return {
        table.name: frozenset(key.parent for key in table.foreign_keys) - {table.name}
        for table in schema.tables.values()
    }


def _groups(parents: dict[str, frozenset[str]]) -> list[frozenset[str]]:
    """Tables that need each other, directly or not, in one group; every other alone."""
    above = {table: _ancestors(table, parents) for table in parents}
    groups = {
        table: frozenset({table} | {other for other in above[table] if table in above[other]})
        for table in parents
    }
    return sorted(set(groups.values()), key=sorted)


def _ancestors(table: str, parents: dict[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(parents[table])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(parents[name])
    return frozenset(found)
