"""The preliminary stage's load: staged parts into the preliminary table; imports core, SQLAlchemy.

One transaction holds the rows, the rejects and the ledger entry.
"""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import IntegrityError

from admw_assets.core.canonical import HashSum
from admw_assets.core.errors import LoadError, RejectLimitExceeded
from admw_assets.core.migration import EXTRA_COLUMN, ORIGIN_COLUMN, RECORD_COLUMN, ROW_COLUMN
from admw_assets.core.ports import LoadOutcome, PreliminaryLoad, ReplayLoad
from admw_assets.core.step import Stage
from admw_assets.engines.database import ledger, rejects
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.dialect import BulkLoad, Dialect
from admw_assets.engines.database.duplicates import reject_duplicates
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.own_tables import now
from admw_assets.engines.database.table_definitions import (
    LOADED_AT_COLUMN,
    ROW_HASH_COLUMN,
    RUN_COLUMN,
    SOURCE_HASH_COLUMN,
    preliminary_column,
    preliminary_table,
)


def load_preliminary(database: Database, load: PreliminaryLoad) -> LoadOutcome:
    """Load one (file, table) once; see core.ports.TableStore.load_preliminary."""
    entry = Entry(load.file, load.table.name, Stage.PRELIMINARY)
    with database.writing() as connection:
        outcome = ledger.enter(connection, entry, load.run_id, load.staged.checksum)
        if outcome is None:
            outcome = _load(connection, database.dialect, load, entry)
    if isinstance(outcome, RejectLimitExceeded):
        raise outcome  # after the commit: the rejects stay
    return outcome


def _load(
    connection: Connection, dialect: Dialect, load: PreliminaryLoad, entry: Entry
) -> LoadOutcome | RejectLimitExceeded:
    rejects.forget(connection, entry)  # of an attempt that exceeded the limit
    rejected = rejects.keep(connection, load.rejects)
    if load.limit is not None and rejected > load.limit:
        ledger.forget(connection, entry)
        return rejects.limit_exceeded(connection, entry, rejected, load.limit)
    preliminary = preliminary_table(load.table, load.settings)
    load_parts(connection, dialect, load, preliminary)
    duplicates = reject_duplicates(
        connection, preliminary, load.table, load.settings, entry, load.run_id, load.original
    )
    rejected += duplicates.count
    if load.limit is not None and rejected > load.limit:
        # In the same transaction, so that nothing can come between the rows' going and the
        # rejects' staying.
        connection.execute(preliminary.delete().where(preliminary.c[ORIGIN_COLUMN] == load.file))
        ledger.forget(connection, entry)
        return rejects.limit_exceeded(connection, entry, rejected, load.limit)
    loaded = count_rows(connection, preliminary, load.file)
    if loaded != load.staged.rows - duplicates.count:
        raise wrong_count(load, loaded, load.staged.rows - duplicates.count)
    outcome = LoadOutcome(loaded, rejected)
    delivered = HashSum.parse(load.staged.checksum) - duplicates
    ledger.settle(connection, entry, outcome, delivered)
    return outcome


def load_parts(
    connection: Connection,
    dialect: Dialect,
    load: PreliminaryLoad | ReplayLoad,
    preliminary: SqlTable,
    more: Mapping[str, object] | None = None,
) -> None:
    """Bring all staged parts in, or raise LoadError; `more` are values that all rows get."""
    columns = ((preliminary_column(load.settings, c), c) for c in load.table.loaded_columns)
    bulk = BulkLoad(
        target=preliminary,
        fields=(
            (RECORD_COLUMN, None),
            (ROW_COLUMN, None),
            (SOURCE_HASH_COLUMN, None),
            (ROW_HASH_COLUMN, None),
            *columns,
            *([(EXTRA_COLUMN, None)] if EXTRA_COLUMN in preliminary.c else []),
        ),
        constants={
            ORIGIN_COLUMN: load.file,
            RUN_COLUMN: load.run_id,
            LOADED_AT_COLUMN: now(),
            **(more or {}),
        },
    )
    loaded = 0
    for part in load.staged.parts:
        try:
            loaded += dialect.load_part(connection, bulk, str(Path(load.staged.folder) / part))
        except IntegrityError as err:
            raise _numbered_twice(load) from err
        except OSError as err:
            raise LoadError(
                f"The staged part {part!r} of {load.file!r} cannot be read; nothing was loaded.",
                next_step="Start the stage again with --restart: it is staged anew.",
                file=load.file,
                table=load.table.name,
                part=part,
            ) from err
        except LoadError as err:
            if "Duplicate entry" in err.message:
                raise _numbered_twice(load) from err
            raise
    if loaded != load.staged.rows:
        raise wrong_count(load, loaded, load.staged.rows)


def count_rows(connection: Connection, preliminary: SqlTable, file: str) -> int:
    """The rows of a file."""
    mine = preliminary.c[ORIGIN_COLUMN] == file
    return connection.execute(
        select(func.count()).select_from(preliminary).where(mine)
    ).scalar_one()


def _numbered_twice(load: PreliminaryLoad | ReplayLoad) -> LoadError:
    return LoadError(
        f"Two rows of {load.file!r} for table {load.table.name!r} have the same record and row"
        " number; nothing was loaded.",
        next_step=f"A transform that makes several rows of one record must number them in"
        f" {ROW_COLUMN}, from 1.",
        file=load.file,
        table=load.table.name,
    )


def wrong_count(load: PreliminaryLoad | ReplayLoad, found: int, expected: int) -> LoadError:
    """The error for rows that went astray between staging and table."""
    return LoadError(
        f"{found} rows of {load.file!r} arrived in {load.settings.preliminary_name!r}, {expected}"
        " were staged; nothing was kept.",
        next_step="Start the stage again; if it repeats, look at the staged parts.",
        file=load.file,
        table=load.table.name,
        found=found,
        expected=expected,
    )
