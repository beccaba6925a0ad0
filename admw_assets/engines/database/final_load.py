"""The final stage's load: rows of a file from the preliminary to the final table.

Set-based, in one transaction with rejects and ledger. Imports core and SQLAlchemy.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import insert, literal, select, update

from admw_assets.core.configuration import OnConflict
from admw_assets.core.errors import DataFileError, LoadError, RejectLimitExceeded
from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, TableSettings
from admw_assets.core.ports import LoadOutcome, OriginalRecords, RawRecord
from admw_assets.core.schema import ForeignKey, Schema, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database import ledger, rejects
from admw_assets.engines.database.conflicts import (
    Search,
    reject_existing_keys,
    reject_orphans,
)
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.deferred_keys import circular_foreign_keys, is_self_reference
from admw_assets.engines.database.dialect import Dialect
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.own_tables import REJECTS
from admw_assets.engines.database.table_definitions import (
    REJECTED,
    STATUS_COLUMN,
    final_of,
    preliminary_table,
)

_SAMPLES = 3


def load_final(
    database: Database,
    schema: Schema,
    file: str,
    table: Table,
    settings: TableSettings,
    run_id: str,
    limit: int | None,
    original: OriginalRecords,
) -> LoadOutcome:
    """Move the rows of one (file, table) once; see core.ports.TableStore.load_final.

    A table in a circle of tables is loaded in a session that checks no foreign keys, like one that
    refers to itself: InnoDB checks row by row, and a child may stand before its parent.
    """
    entry = Entry(file, table.name, Stage.FINAL)
    circular = circular_foreign_keys(schema, table)
    unordered = bool(circular) or any(is_self_reference(table, k) for k in table.foreign_keys)
    with database.writing(foreign_keys=not unordered) as connection:
        outcome = ledger.enter(connection, entry, run_id)
        if outcome is None:
            preliminary = preliminary_table(table, settings)
            search = Search(connection, preliminary, table, settings, entry, run_id)
            outcome = _load(search, database.dialect, circular, limit, original)
    if isinstance(outcome, RejectLimitExceeded):
        raise outcome  # after the commit: the rejects stay
    return outcome


def _load(
    search: Search,
    dialect: Dialect,
    circular: Mapping[ForeignKey, Table],
    limit: int | None,
    original: OriginalRecords,
) -> LoadOutcome | RejectLimitExceeded:
    connection, entry = search.connection, search.entry
    before = ledger.find(connection, Entry(entry.file, entry.table, Stage.PRELIMINARY))
    if before is None:
        raise LoadError(
            f"{entry.file!r} is not in the preliminary table of {entry.table!r}.",
            next_step="Run the preliminary stage first.",
            file=entry.file,
            table=entry.table,
        )
    rejects.forget(connection, entry)  # of an attempt that exceeded the limit
    existing = reject_existing_keys(search)
    if existing and search.settings.on_existing_key is OnConflict.FAIL:
        raise refusal(search, rejects.EXISTING_KEY, existing)
    orphans = reject_orphans(search, circular)
    if orphans and search.settings.on_orphan is OnConflict.FAIL:
        raise refusal(search, rejects.ORPHAN, orphans)
    rejected = existing + orphans
    if rejected:
        exceeded = limit is not None and rejected > limit
        rejects.complete(
            connection,
            entry,
            _forgiving(original),
            (lambda _: None) if exceeded else (lambda numbers: _mark(search, numbers)),
        )
        if limit is not None and rejected > limit:
            ledger.forget(connection, entry)
            return rejects.limit_exceeded(connection, entry, rejected, limit)
    outcome = LoadOutcome(before.loaded - rejected, rejected)
    move(search, dialect, outcome.loaded)
    ledger.settle(connection, entry, outcome)
    return outcome


def move(search: Search, dialect: Dialect, expected: int) -> None:
    """INSERT ... SELECT; raises LoadError on a warning or another number of rows."""
    connection, preliminary, table = search.connection, search.preliminary, search.table
    names = [column.name for column in table.loaded_columns]
    source = select(*(search.column(name) for name in names), literal(search.entry.file)).where(
        preliminary.c[ORIGIN_COLUMN] == search.entry.file,
        preliminary.c[STATUS_COLUMN] == search.status,
    )
    statement = insert(final_of(table)).from_select([*names, ORIGIN_COLUMN], source)
    moved = connection.execute(statement).rowcount
    warnings = dialect.warnings(connection)
    if warnings:
        raise LoadError(
            f"The server warned while {search.entry.file!r} was moved into {table.name!r}:"
            f" {'; '.join(warnings)}.",
            next_step="Nothing was kept. Compare the columns of both tables with schema.sql.",
            file=search.entry.file,
            table=table.name,
            warnings=warnings,
        )
    if moved != expected:
        raise LoadError(
            f"{moved} rows of {search.entry.file!r} went into {table.name!r}, the preliminary"
            f" stage had brought {expected}; nothing was kept.",
            next_step="Rows were added to or taken from the preliminary table: start this file"
            " anew with --restart.",
            file=search.entry.file,
            table=table.name,
            found=moved,
            expected=expected,
        )


def _mark(search: Search, numbers: list[int]) -> None:
    preliminary = search.preliminary
    rules = (rejects.EXISTING_KEY, rejects.ORPHAN)
    search.connection.execute(
        update(preliminary)
        .where(
            preliminary.c[ORIGIN_COLUMN] == search.entry.file,
            preliminary.c[RECORD_COLUMN].in_(numbers),
            rejects.is_rejected(search.entry, preliminary, rules),
        )
        .values({STATUS_COLUMN: REJECTED})
    )


def refusal(search: Search, rule: str, found: int) -> LoadError:
    """The error for rows of that rule where migration.yaml says `fail`."""
    entry = search.entry
    query = (
        select(REJECTS.c.record_number, REJECTS.c.message)
        .where(entry.matches(REJECTS), rejects.is_open(), REJECTS.c.rule_name == rule)
        .order_by(REJECTS.c.record_number)
        .limit(_SAMPLES)
    )
    samples = [
        f"record {record}: {message}" for record, message in search.connection.execute(query)
    ]
    return LoadError(
        f"{found} rows of {entry.file!r} cannot go into table {entry.table!r} ({rule}); nothing was"
        f" loaded. First: {' '.join(samples)}",
        next_step="Load what is missing first or correct the file; or let migration.yaml say"
        " `reject` for such rows.",
        file=entry.file,
        table=entry.table,
        rule=rule,
        found=found,
    )


def _forgiving(original: OriginalRecords) -> OriginalRecords:
    """The same, giving no records where the file cannot be read any more."""

    def records(numbers: Iterable[int]) -> Iterator[RawRecord]:
        try:
            yield from original(numbers)
        except DataFileError:
            return

    return records
