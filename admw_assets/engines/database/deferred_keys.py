"""Foreign keys whose rows may be moved before their parents; imports core and SQLAlchemy.

They close a circle of tables, or refer to their own table, whose rows may come in several files.
A parent counts as coming as long as it stands in its preliminary table and is not rejected; while
no row of the parent's table has arrived at all, nothing can be told yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy import Table as SqlTable

from admw_assets.core.load_order import deferred_foreign_keys
from admw_assets.core.migration import ORIGIN_COLUMN, TableSettings
from admw_assets.core.preliminary_names import prefixed
from admw_assets.core.reconciliation import UnmetReferences
from admw_assets.core.schema import ForeignKey, Schema, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.own_tables import LEDGER
from admw_assets.engines.database.table_definitions import (
    LOADED,
    STATUS_COLUMN,
    WAITING,
    RawType,
    final_table,
)


def circular_foreign_keys(schema: Schema, table: Table) -> Mapping[ForeignKey, Table]:
    """The table's foreign keys that close a circle of several tables, with their parents."""
    return {
        key: schema.table(key.parent)
        for name, key in deferred_foreign_keys(schema)
        if name == table.name and not is_self_reference(table, key)
    }


def is_self_reference(table: Table, key: ForeignKey) -> bool:
    """True where a foreign key points to its own table."""
    return key.parent.casefold() == table.name.casefold()


def unmet_references(
    database: Database, schema: Schema, table: Table, settings: TableSettings
) -> list[UnmetReferences]:
    """The rows of final tables without parents, for the deferred keys from and to a table."""
    found: list[UnmetReferences] = []
    with database.reading() as connection:
        for child, key in _deferred_keys_around(schema, table):
            parent = schema.table(key.parent)
            found += _unmet(connection, child, key, parent, settings)
    return found


def has_begun(connection: Connection, parent: Table) -> bool:
    """True where a file has brought rows for the table, at least to its preliminary one."""
    query = select(literal(1)).where(
        LEDGER.c.table_name == parent.name, LEDGER.c.stage == Stage.PRELIMINARY.value
    )
    if connection.execute(query.limit(1)).first() is not None:
        return True
    final = final_table(parent.name, ())
    return connection.execute(select(literal(1)).select_from(final).limit(1)).first() is not None


def coming_keys(
    parent: Table, settings: TableSettings, names: Sequence[str], apart_from: str = ""
) -> Subquery:
    """The distinct keys of parents that stand in their preliminary table and are not rejected.

    `settings` are those of any table, for all of them share their prefixes; the rows of the file
    `apart_from` are left out. A derived table, because both servers then give it an index.
    """
    columns = [prefixed(settings.column_prefix, parent.column(name).name) for name in names]
    preliminary = SqlTable(
        prefixed(settings.table_prefix, parent.name),
        MetaData(),
        *(
            Column(name, RawType())
            for name in dict.fromkeys([*columns, STATUS_COLUMN, ORIGIN_COLUMN])
        ),
    )
    conditions: list[ColumnElement[bool]] = [preliminary.c[name].is_not(None) for name in columns]
    keys = select(*(preliminary.c[name] for name in columns))
    conditions.append(preliminary.c[STATUS_COLUMN].in_([LOADED, WAITING]))
    if apart_from:
        conditions.append(preliminary.c[ORIGIN_COLUMN] != apart_from)
    return keys.where(*conditions).distinct().subquery("coming")


def _deferred_keys_around(schema: Schema, table: Table) -> Iterator[tuple[Table, ForeignKey]]:
    for name, key in deferred_foreign_keys(schema):
        if table.name in (name, schema.table(key.parent).name):
            yield schema.table(name), key


def _unmet(
    connection: Connection, child: Table, key: ForeignKey, parent: Table, settings: TableSettings
) -> Iterator[UnmetReferences]:
    rows = final_table(child.name, key.columns).alias("child")
    there = final_table(parent.name, key.parent_columns).alias("parent")
    columns = [rows.c[name] for name in key.columns]
    coming = coming_keys(parent, settings, key.parent_columns)
    joined = rows.outerjoin(
        there, _pairwise(columns, [there.c[name] for name in key.parent_columns])
    ).outerjoin(coming, _pairwise(columns, list(coming.c)))
    waits = next(iter(coming.c)).is_not(None)
    query = (
        select(func.count(), func.coalesce(func.sum(case((waits, 1), else_=0)), 0))
        .select_from(joined)
        .where(
            rows.c[ORIGIN_COLUMN].is_not(None),
            *(column.is_not(None) for column in columns),
            there.c[key.parent_columns[0]].is_(None),
        )
    )
    unmet, waiting = (int(number) for number in connection.execute(query).one())
    if unmet:
        if not has_begun(connection, parent):
            waiting = unmet
        yield UnmetReferences(child.name, key.columns, parent.name, unmet - waiting, waiting)


def _pairwise(
    left: Sequence[ColumnElement[Any]], right: Sequence[ColumnElement[Any]]
) -> ColumnElement[bool]:
    return and_(*(a == b for a, b in zip(left, right, strict=True)))
