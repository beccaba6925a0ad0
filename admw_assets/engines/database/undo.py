"""Taking back one stage of one (file, table); imports core and SQLAlchemy."""

from sqlalchemy import Connection, and_, delete, literal, or_, select, update

from admw_assets.core.errors import LoadError
from admw_assets.core.migration import ORIGIN_COLUMN, TableSettings
from admw_assets.core.schema import ForeignKey, Schema, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database import ledger, rejects, replay_ledger
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.deferred_keys import circular_foreign_keys, is_self_reference
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.table_definitions import (
    LOADED,
    REJECTED,
    STATUS_COLUMN,
    WAITING,
    final_table,
    preliminary_table,
)


def undo(
    database: Database,
    schema: Schema,
    file: str,
    table: Table,
    settings: TableSettings,
    stage: Stage,
) -> None:
    """Remove rows, rejects and ledger entry of one stage; see core.ports.TableStore.undo."""
    entry = Entry(file, table.name, stage)
    if stage is Stage.PRELIMINARY:
        _undo_preliminary(database, entry, table, settings)
    else:
        _undo_final(database, schema, entry, table, settings)


def _undo_preliminary(
    database: Database, entry: Entry, table: Table, settings: TableSettings
) -> None:
    preliminary = preliminary_table(table, settings)
    with database.writing() as connection:
        if ledger.find(connection, Entry(entry.file, entry.table, Stage.FINAL)) is not None:
            raise LoadError(
                f"The rows of {entry.file!r} stand in the final table {entry.table!r}.",
                next_step="Undo the final stage of the file first.",
                file=entry.file,
                table=entry.table,
            )
        ledger.forget(connection, entry)
        connection.execute(delete(preliminary).where(preliminary.c[ORIGIN_COLUMN] == entry.file))
        rejects.forget(connection, entry)
        replay_ledger.forget(connection, entry.file, entry.table)


def _undo_final(
    database: Database, schema: Schema, entry: Entry, table: Table, settings: TableSettings
) -> None:
    final = final_table(table.name, ())
    preliminary = preliminary_table(table, settings)
    referring = _referring(schema, table)
    # Tables in a circle can only be undone one before the other, so these are not looked up.
    circular = {key for child, key in referring if key in circular_foreign_keys(schema, child)}
    # The server would refuse to delete a row before the row of the same table that refers to it.
    # All other references are looked up, so no ON DELETE CASCADE ever removes a row in silence.
    own = any(is_self_reference(child, key) for child, key in referring)
    with database.writing(foreign_keys=not (circular or own)) as connection:
        for child, key in referring:
            if key not in circular:
                _refuse_children(connection, entry, child, key)
        ledger.forget(connection, entry)
        connection.execute(delete(final).where(final.c[ORIGIN_COLUMN] == entry.file))
        connection.execute(
            update(preliminary)
            .where(
                preliminary.c[ORIGIN_COLUMN] == entry.file,
                preliminary.c[STATUS_COLUMN].in_([REJECTED, WAITING]),
            )
            .values({STATUS_COLUMN: LOADED})
        )
        rejects.forget(connection, entry)


def _referring(schema: Schema, table: Table) -> list[tuple[Table, ForeignKey]]:
    """The foreign keys that point to the table, with the tables that have them."""
    return [
        (child, key)
        for child in schema.tables.values()
        for key in child.foreign_keys
        if key.parent.casefold() == table.name.casefold()
    ]


def _refuse_children(connection: Connection, entry: Entry, child: Table, key: ForeignKey) -> None:
    """Raise LoadError where a row of `child` that stays refers to a row of the entry."""
    parents = final_table(entry.table, key.parent_columns).alias("parent")
    children = final_table(child.name, key.columns).alias("child")
    refers = and_(
        *(
            children.c[own] == parents.c[other]
            for own, other in zip(key.columns, key.parent_columns, strict=True)
        )
    )
    stays = literal(True)
    if is_self_reference(child, key):
        origin = children.c[ORIGIN_COLUMN]
        stays = or_(origin.is_(None), origin != entry.file)
    query = (
        select(children.c[ORIGIN_COLUMN])
        .select_from(parents.join(children, refers))
        .where(parents.c[ORIGIN_COLUMN] == entry.file, stays)
        .limit(1)
    )
    found = connection.execute(query).first()
    if found is not None:
        origin = f"file {found[0]!r}" if found[0] else "rows that no file brought"
        raise LoadError(
            f"Rows of table {child.name!r} ({origin}) refer to rows that {entry.file!r} brought to"
            f" {entry.table!r}.",
            next_step=f"Undo the final stage of {child.name!r} first.",
            file=entry.file,
            table=entry.table,
            child=child.name,
        )
