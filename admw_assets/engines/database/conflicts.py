"""Rows that the final table cannot take: keys that stand there already, and orphans.

Set-based: each search is one statement that writes its rejects. Imports core and SQLAlchemy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy import Table as SqlTable

from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.schema import ForeignKey, Table
from admw_assets.engines.database import rejects
from admw_assets.engines.database.canonical import canonical_for
from admw_assets.engines.database.deferred_keys import (
    coming_keys,
    has_begun,
    is_self_reference,
)
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.table_definitions import (
    LOADED,
    STATUS_COLUMN,
    final_of,
    final_table,
    preliminary_column,
)

_RULES = (rejects.EXISTING_KEY, rejects.ORPHAN)
_VALUE_SHOWN = 50  # characters of a missing key


@dataclass(frozen=True, slots=True)
class Search:
    """One file's rows of one status in the preliminary table, looked through in a transaction."""

    connection: Connection
    preliminary: SqlTable
    table: Table
    settings: TableSettings
    entry: Entry
    run_id: str
    status: str = LOADED

    def column(self, name: str) -> ColumnElement[Any]:
        """The preliminary column of a final column's name, in any case."""
        return self.preliminary.c[preliminary_column(self.settings, self.table.column(name))]

    def mine(self) -> ColumnElement[bool]:
        """The condition that a row is of this file and not rejected so far."""
        return self.alive(self.preliminary)

    def alive(self, rows: FromClause) -> ColumnElement[bool]:
        """The same for the preliminary table under an alias."""
        conditions = [
            rows.c[ORIGIN_COLUMN] == self.entry.file,
            rows.c[STATUS_COLUMN] == self.status,
        ]
        if rejects.count_by_rule(self.connection, self.entry):  # else a look-up a row for nothing
            conditions.append(~rejects.is_rejected(self.entry, rows, _RULES))
        return and_(*conditions)

    def rows(self, message: ColumnElement[str]) -> Select:
        """Record, row and message of preliminary rows, to be narrowed down."""
        record, row = self.preliminary.c[RECORD_COLUMN], self.preliminary.c[ROW_COLUMN]
        return select(record, row, message.label("message")).where(self.mine())

    def keep(self, rule: str, columns: tuple[str, ...], found: Select) -> int:
        """Write the rejects that a query finds; returns their number."""
        return rejects.keep_found(
            self.connection, self.entry, self.run_id, rule, ", ".join(columns), found
        )


def reject_existing_keys(search: Search) -> int:
    """Reject rows whose primary or unique key the final table has already."""
    final = final_of(search.table)
    if search.connection.execute(select(literal(1)).select_from(final).limit(1)).first() is None:
        return 0
    found = 0
    for key in search.table.loaded_keys:
        same = and_(*(search.column(name) == final.c[name] for name in key))
        named = f"The key ({', '.join(key)})"
        message = case(
            (
                final.c[ORIGIN_COLUMN].is_(None),
                literal(f"{named} stood in the table before any file was loaded."),
            ),
            else_=literal(f"{named} was brought by ").concat(final.c[ORIGIN_COLUMN]).concat("."),
        )
        query = search.rows(message).join_from(search.preliminary, final, same)
        found += search.keep(rejects.EXISTING_KEY, key, query)
    return found


def reject_orphans(search: Search, circular: Mapping[ForeignKey, Table]) -> int:
    """Reject rows whose parents are missing; `circular` are deferred_keys.circular_foreign_keys.

    Parents must stand in their final table; those in a circle of tables may also stand in their
    preliminary table, those of a reference to the same table among the rows of this file or, as
    preliminary rows, of another. `unmet_references` watches over rows that were moved before their
    parents. A row whose parent is rejected is an orphan itself, so references to the same table
    are searched until nothing more is found.
    """
    own = [key for key in search.table.foreign_keys if is_self_reference(search.table, key)]
    found = 0
    for key in search.table.foreign_keys:
        parent = circular.get(key)
        if parent is not None and has_begun(search.connection, parent):
            coming = coming_keys(parent, search.settings, key.parent_columns)
            found += _reject_orphans_of(search, key, coming)
        elif parent is None and key not in own:
            found += _reject_orphans_of(search, key)
    while own:
        more = 0
        for key in own:
            mine = _surviving_keys(search, key.parent_columns)
            others = coming_keys(
                search.table, search.settings, key.parent_columns, search.entry.file
            )
            more += _reject_orphans_of(search, key, mine, others)
        found += more
        if not more:
            break
    return found


def _reject_orphans_of(search: Search, key: ForeignKey, *others: Subquery) -> int:
    """Reject rows whose parents are neither in the final table nor among the `others`."""
    columns = [search.column(name) for name in key.columns]
    parent = final_table(key.parent, key.parent_columns).alias("parent")
    has_parent = exists().where(_pairwise(columns, [parent.c[n] for n in key.parent_columns]))
    query = search.rows(_orphan_message(search, key)).where(
        *(column.is_not(None) for column in columns), ~has_parent.correlate(search.preliminary)
    )
    joined: FromClause = search.preliminary
    for keys in others:
        joined = joined.outerjoin(keys, _pairwise(columns, list(keys.c)))
        query = query.where(next(iter(keys.c)).is_(None))
    query = query.select_from(joined)
    return search.keep(rejects.ORPHAN, key.columns, query)


def _surviving_keys(search: Search, names: tuple[str, ...]) -> Subquery:
    """The distinct keys of this file's rows that are not rejected, as a derived table.

    Derived, because both servers then give it an index; a correlated EXISTS would read the
    whole file for every row.
    """
    survivors = search.preliminary.alias("survivor")
    columns = [
        survivors.c[preliminary_column(search.settings, search.table.column(name))]
        for name in names
    ]
    present = (column.is_not(None) for column in columns)
    return select(*columns).where(search.alive(survivors), *present).distinct().subquery("own")


def _orphan_message(search: Search, key: ForeignKey) -> ColumnElement[str]:
    """Names the parent table and the value that it lacks, PII masked."""
    canonical = canonical_for(search.connection.dialect.name)
    message: ColumnElement[str] = literal(
        f"Table {key.parent} has no row with ({', '.join(key.parent_columns)}) = ("
    )
    for place, name in enumerate(key.columns):
        column = search.table.column(name)
        value: ColumnElement[str] = literal("***")
        if column.name not in search.settings.pii:
            text = canonical.canonical_sql(column, search.column(name))
            value = func.substr(text, 1, _VALUE_SHOWN)
        message = message.concat(literal(", ")).concat(value) if place else message.concat(value)
    return message.concat(literal(")."))


def _pairwise(
    left: Sequence[ColumnElement[Any]], right: Sequence[ColumnElement[Any]]
) -> ColumnElement[bool]:
    return and_(*(a == b for a, b in zip(left, right, strict=True)))
