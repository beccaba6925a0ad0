"""How the rows of a table get different keys and parents that exist; imports core.

A row is known by its place (from 0). A column of a key takes a digit of that place in a mixed
radix, so that the key is different for every row; a foreign key takes such a digit as the place of
its parent, or any place. What a row refers to is therefore known without the parent's file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from admw_assets.core.migration import Migration
from admw_assets.core.schema import ForeignKey, Table
from admw_assets.samples.serial_text import capacity


@dataclass(frozen=True, slots=True)
class Digit:
    """A digit of a row's place: `place // divisor % modulus`."""

    divisor: int
    modulus: int


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key in use; without a digit the parent is drawn, or NULL where that may be."""

    key: ForeignKey
    is_nullable: bool
    is_shared: bool = False  # other foreign keys use some of its columns
    digit: Digit | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """The plan of one table: `rows` sound ones, whose places begin at 0.

    `serials` are the columns that count, `always_null` those that only NULL keeps consistent.
    `is_cramped`: there are not keys enough for further rows, so none but the sound ones can get
    beyond the preliminary stage.
    """

    table: Table
    rows: int
    serials: Mapping[str, Digit]
    links: tuple[Link, ...]
    always_null: frozenset[str]
    is_cramped: bool

    def link_of(self, column: str) -> tuple[Link, int] | None:
        """The link that gives a column its value, and the column's position in it."""
        for link in self.links:
            if column in link.key.columns:
                return link, link.key.columns.index(column)
        return None

    def has_key(self, columns: Sequence[str], places: int) -> bool:
        """Whether these columns are different for so many places."""
        return any(
            digit.divisor == 1 and digit.modulus >= places
            for name, digit in self.serials.items()
            if name in columns
        )


def plan_rows(migration: Migration, rows: int, spare: Mapping[str, int]) -> dict[str, TablePlan]:
    """A plan for every table, with so many `rows` or as many as its keys allow.

    `spare` are the further rows, by table, that need keys of their own.
    """
    tables = migration.schema.tables
    counts = dict.fromkeys(tables, rows)
    while True:
        plans = {n: _plan(migration, t, counts, rows, spare[n]) for n, t in tables.items()}
        found = {name: plan.rows for name, plan in plans.items()}
        if found == counts:
            return plans
        counts = found


def _plan(
    migration: Migration, table: Table, counts: Mapping[str, int], rows: int, spare: int
) -> TablePlan:
    links, always_null = _links(migration, table)
    serials: dict[str, Digit] = {}
    needed = rows + spare
    cramped = False
    for key in table.loaded_keys:
        if always_null.intersection(key):
            continue
        linked = [link for link in links if set(link.key.columns) & set(key)]
        covered = {name for link in linked for name in link.key.columns}
        sizes: dict[str | Link, int] = {
            name: capacity(table.column(name).type) for name in key if name not in covered
        }
        sizes |= {link: counts[migration.table(link.key.parent).name] for link in linked}
        given = [serials[name] for name in key if name in serials]
        given += [link.digit for link in linked if link.digit]
        if any(digit.divisor == 1 and digit.modulus >= needed for digit in given):
            continue
        divisor = 1
        for part, size in sorted(sizes.items(), key=lambda item: -item[1]):
            if divisor >= needed:
                break
            if isinstance(part, Link):
                if part.digit is None:
                    links[links.index(part)] = replace(part, digit=Digit(divisor, size))
                    divisor *= size
            elif part not in serials:
                serials[part] = Digit(divisor, size)
                divisor *= size
        if divisor < needed:
            divisor = max([divisor, *(d.modulus for d in given if d.divisor == 1)])
            cramped = divisor - spare < 1
            rows = min(rows, divisor if cramped else divisor - spare)
            needed = rows + spare
    return TablePlan(table, rows, serials, tuple(links), frozenset(always_null), cramped)


def _links(migration: Migration, table: Table) -> tuple[list[Link], set[str]]:
    """The foreign keys that are filled, the longest first, and the columns that stay NULL.

    A key whose columns belong to longer ones is theirs already; one that shares some is NULL.
    """
    links: list[Link] = []
    always_null: set[str] = set()
    taken: set[str] = set()
    for key in sorted(table.foreign_keys, key=lambda k: -len(k.columns)):
        columns = [table.column(name) for name in key.columns]
        names = tuple(column.name for column in columns)
        own = [c for c in columns if c.name not in taken and c.name not in table.primary_key]
        free = [c.name for c in own if c.nullable]
        if taken.intersection(names):
            if taken.issuperset(names):
                links = [_shared(link, names) for link in links]
                continue
            if free:
                always_null.update(free[:1])
                links = [_shared(link, names) for link in links]
                continue
        parent = migration.table(key.parent)
        parents = tuple(parent.column(name).name for name in key.parent_columns)
        if parent.name == table.name and parents == names:
            continue  # every row is its own parent
        full = replace(key, columns=names, parent=parent.name, parent_columns=parents)
        links.append(Link(full, bool(free)))
        taken.update(names)
    return links, always_null


def _shared(link: Link, names: Sequence[str]) -> Link:
    return replace(link, is_shared=link.is_shared or bool(set(link.key.columns) & set(names)))
