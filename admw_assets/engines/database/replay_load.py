"""Corrected records into the preliminary table, in the place of their rejects; core, SQLAlchemy.

One transaction holds the rows, what becomes of the rejects, and the entries of both ledgers.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select
from sqlalchemy import Table as SqlTable

from admw_assets.core.canonical import HashSum
from admw_assets.core.errors import LoadError, RejectLimitExceeded
from admw_assets.core.migration import ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN, TableSettings
from admw_assets.core.ports import (
    CORRECTED,
    LoadOutcome,
    ReplayedPreliminary,
    ReplayLoad,
    RowMark,
)
from admw_assets.core.schema import Table
from admw_assets.core.step import Stage
from admw_assets.engines.database import ledger, reject_history, rejects, replay_ledger
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.dialect import Dialect
from admw_assets.engines.database.duplicates import reject_duplicates
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.preliminary_load import count_rows, load_parts, wrong_count
from admw_assets.engines.database.row_hash import hash_sum, hash_sum_columns, row_hash
from admw_assets.engines.database.staged_rows import batches
from admw_assets.engines.database.table_definitions import (
    LOADED,
    ROW_HASH_COLUMN,
    SOURCE_HASH_COLUMN,
    STATUS_COLUMN,
    WAITING,
    preliminary_column,
    preliminary_table,
)

_BATCH = 500


def load_replay(database: Database, load: ReplayLoad) -> LoadOutcome:
    """Load one replay of one (file, table) once; see core.ports.TableStore.load_replay."""
    entry = Entry(load.file, load.table.name, Stage.PRELIMINARY)
    with database.writing() as connection:
        before = ledger.lock(connection, entry)
        if before is None:
            raise LoadError(
                f"{entry.file!r} is not in the preliminary table of {entry.table!r}.",
                next_step="Run the preliminary stage first.",
                file=entry.file,
                table=entry.table,
            )
        if replay_ledger.is_in(connection, load):
            return before
        return _load(connection, database.dialect, load, entry, before)


def _load(
    connection: Connection, dialect: Dialect, load: ReplayLoad, entry: Entry, before: LoadOutcome
) -> LoadOutcome:
    replay_ledger.claim(connection, load)
    preliminary = preliminary_table(load.table, load.settings)
    is_final = ledger.find(connection, Entry(load.file, load.table.name, Stage.FINAL)) is not None
    _remove(connection, preliminary, load, is_final)
    texts = load.replayed(load.records)
    reject_history.close(connection, entry, texts, load.run_id)
    rejects.keep(connection, load.rejects)
    load_parts(
        connection, dialect, load, preliminary, {STATUS_COLUMN: WAITING if is_final else LOADED}
    )
    duplicates = reject_duplicates(
        connection, preliminary, load.table, load.settings, entry, load.run_id, load.replayed
    )
    reject_history.mark_rejected_again(connection, entry, load.run_id, [Stage.PRELIMINARY])
    rejected = sum(rejects.count_by_rule(connection, entry).values())
    if load.limit is not None and rejected > load.limit:
        raise _limit_exceeded(load, rejected)
    added = HashSum.parse(load.staged.checksum) - duplicates
    removed = HashSum.of(mark.row_hash for mark in load.obsolete)
    expected = before.loaded + added.count - removed.count
    loaded = count_rows(connection, preliminary, load.file)
    if loaded != expected:
        raise wrong_count(load, loaded, expected)
    replay_ledger.settle(connection, load, added, removed)
    outcome = LoadOutcome(loaded, rejected)
    checksum = ledger.checksum(connection, entry) + added - removed
    ledger.settle(connection, entry, outcome, checksum)
    return outcome


def _remove(
    connection: Connection, preliminary: SqlTable, load: ReplayLoad, is_final: bool
) -> None:
    """Take out the rows that the records no longer make; none of them may be in the final table."""
    mine = and_(
        preliminary.c[ORIGIN_COLUMN] == load.file,
        preliminary.c[RECORD_COLUMN] == bindparam("number"),
        preliminary.c[ROW_COLUMN] == bindparam("place"),
    )
    for mark in load.obsolete:
        place = {"number": mark.record, "place": mark.row}
        status = connection.execute(select(preliminary.c[STATUS_COLUMN]).where(mine), place)
        if is_final and status.scalar() == LOADED:
            raise LoadError(
                f"Record {mark.record} of {load.file!r} as it is replayed would change its row"
                f" {mark.row} in table {load.table.name!r}, which the final table has already;"
                " nothing was replayed.",
                next_step="Leave what that row is made of as it was; or take the final stage back"
                f" first: admw run --restart --stage final {load.file}",
                file=load.file,
                table=load.table.name,
                record=mark.record,
            )
        connection.execute(preliminary.delete().where(mine), place)


def _limit_exceeded(load: ReplayLoad, rejected: int) -> RejectLimitExceeded:
    return RejectLimitExceeded(
        f"{load.file!r} would have {rejected} rejects for table {load.table.name!r} after the"
        f" replay, {load.limit} are allowed; nothing was replayed.",
        next_step="Correct more of the records, or raise `rejects` in migration.yaml.",
        file=load.file,
        table=load.table.name,
        stage=Stage.PRELIMINARY.value,
        allowed=load.limit,
        found=rejected,
    )


def marks_of(
    database: Database, file: str, table: Table, settings: TableSettings, records: Sequence[int]
) -> list[RowMark]:
    """The preliminary rows of these records."""
    preliminary = preliminary_table(table, settings)
    record, row = preliminary.c[RECORD_COLUMN], preliminary.c[ROW_COLUMN]
    marks: list[RowMark] = []
    with database.reading() as connection:
        for batch in batches(iter(records), _BATCH):
            query = (
                select(record, row, preliminary.c[ROW_HASH_COLUMN])
                .where(preliminary.c[ORIGIN_COLUMN] == file, record.in_(batch))
                .order_by(record, row)
            )
            marks += [RowMark(*values) for values in connection.execute(query)]
    return marks


def summarize(
    database: Database, file: str, table: Table, settings: TableSettings
) -> ReplayedPreliminary:
    """The preliminary rows of a file against the ledger: one pass."""
    preliminary = preliminary_table(table, settings)
    stored = preliminary.c[ROW_HASH_COLUMN]
    columns = {c.name: preliminary.c[preliminary_column(settings, c)] for c in table.loaded_columns}
    with database.reading() as connection:
        recomputed = row_hash(connection, table, settings, lambda c: columns[c.name])
        query = select(
            *hash_sum_columns(connection, stored),
            _number_of(recomputed != stored),
            _number_of(preliminary.c[SOURCE_HASH_COLUMN] == CORRECTED),
        ).where(preliminary.c[ORIGIN_COLUMN] == file)
        count, high, low, altered, corrected = connection.execute(query).one()
        delivered = ledger.checksum(connection, Entry(file, table.name, Stage.PRELIMINARY))
    agrees = hash_sum(count, high, low) == delivered.text
    return ReplayedPreliminary(int(count), delivered.count, agrees, int(altered), int(corrected))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
