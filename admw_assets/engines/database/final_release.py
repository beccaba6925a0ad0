"""Rows that the final table takes later than the rest of their file; imports core, SQLAlchemy.

They wait since a replay brought them, or the final stage has rejected them (orphans, taken keys)
and the reason may be gone. Set-based, in one transaction with rejects and ledger.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, func, select, update

from admw_assets.core.configuration import OnConflict
from admw_assets.core.errors import RejectLimitExceeded
from admw_assets.core.migration import ORIGIN_COLUMN, TableSettings
from admw_assets.core.ports import LoadOutcome, OriginalRecords, ReleaseOutcome
from admw_assets.core.schema import ForeignKey, Schema, Table
from admw_assets.core.step import Stage
from admw_assets.engines.database import ledger, reject_history, rejects
from admw_assets.engines.database.conflicts import (
    Search,
    reject_existing_keys,
    reject_orphans,
)
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.deferred_keys import circular_foreign_keys, is_self_reference
from admw_assets.engines.database.dialect import Dialect
from admw_assets.engines.database.final_load import move, refusal
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.table_definitions import (
    LOADED,
    REJECTED,
    STATUS_COLUMN,
    WAITING,
    preliminary_table,
)

_RULES = (rejects.EXISTING_KEY, rejects.ORPHAN)


def release_final(
    database: Database,
    schema: Schema,
    file: str,
    table: Table,
    settings: TableSettings,
    run_id: str,
    limit: int | None,
    original: OriginalRecords,
) -> ReleaseOutcome | None:
    """Move what may be moved now; see core.ports.TableStore.release_final."""
    entry = Entry(file, table.name, Stage.FINAL)
    circular = circular_foreign_keys(schema, table)
    unordered = bool(circular) or any(is_self_reference(table, k) for k in table.foreign_keys)
    with database.writing(foreign_keys=not unordered) as connection:
        before = ledger.lock(connection, entry)
        if before is None:
            return None
        preliminary = preliminary_table(table, settings)
        search = Search(connection, preliminary, table, settings, entry, run_id, WAITING)
        rejected = _search_again(search, circular, original)
        if limit is not None and rejected > limit:
            raise _limit_exceeded(entry, rejected, limit)
        moved = _release(search, database.dialect)
        outcome = LoadOutcome(before.loaded + moved, rejected)
        ledger.settle(connection, entry, outcome)
    return ReleaseOutcome(moved, outcome.loaded, outcome.rejected)


def _search_again(
    search: Search, circular: Mapping[ForeignKey, Table], original: OriginalRecords
) -> int:
    """Examine what waits and what was rejected; the number of rejects that are open afterwards."""
    connection, entry = search.connection, search.entry
    reject_history.close_all(connection, entry, search.run_id)
    _change_status(search, REJECTED, WAITING)
    existing = reject_existing_keys(search)
    if existing and search.settings.on_existing_key is OnConflict.FAIL:
        raise refusal(search, rejects.EXISTING_KEY, existing)
    orphans = reject_orphans(search, circular)
    if orphans and search.settings.on_orphan is OnConflict.FAIL:
        raise refusal(search, rejects.ORPHAN, orphans)
    reject_history.reopen_found_again(connection, entry, search.run_id)
    rejects.complete(connection, entry, original, lambda numbers: None)
    reject_history.mark_rejected_again(connection, entry, search.run_id, list(Stage))
    return sum(rejects.count_by_rule(connection, entry).values())


def _release(search: Search, dialect: Dialect) -> int:
    """Move the rows that wait without a reject; returns their number."""
    rejected = rejects.is_rejected(search.entry, search.preliminary, _RULES)
    _change_status(search, WAITING, REJECTED, rejected)
    waiting = select(func.count()).select_from(search.preliminary).where(_of(search, WAITING))
    moved = search.connection.execute(waiting).scalar_one()
    move(search, dialect, moved)
    _change_status(search, WAITING, LOADED)
    return moved


def _change_status(search: Search, old: str, new: str, *more: ColumnElement[bool]) -> None:
    changed = update(search.preliminary).where(_of(search, old), *more)
    search.connection.execute(changed.values({STATUS_COLUMN: new}))


def _of(search: Search, status: str) -> ColumnElement[bool]:
    columns = search.preliminary.c
    return and_(columns[ORIGIN_COLUMN] == search.entry.file, columns[STATUS_COLUMN] == status)


def _limit_exceeded(entry: Entry, rejected: int, limit: int) -> RejectLimitExceeded:
    return RejectLimitExceeded(
        f"{entry.file!r} would have {rejected} rejects for table {entry.table!r} in the final"
        f" stage, {limit} are allowed beside the preliminary stage's; nothing was moved.",
        next_step="Load the rows that are missing in other tables first, or raise `rejects` in"
        " migration.yaml.",
        file=entry.file,
        table=entry.table,
        stage=entry.stage.value,
        allowed=limit,
        found=rejected,
    )
