"""The ledger: which loads are in, committed together with their rows; imports core, SQLAlchemy."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from admw_assets.core.canonical import HashSum
from admw_assets.core.ports import LoadOutcome
from admw_assets.core.step import Stage
from admw_assets.engines.database.own_tables import LEDGER, now


@dataclass(frozen=True, slots=True)
class Entry:
    """One stage of one (file, table): the key of ledger, rejects and tracker."""

    file: str
    table: str
    stage: Stage

    def matches(self, table: FromClause) -> ColumnElement[bool]:
        """The condition that a row of one of ADMW's own tables is of this entry."""
        return and_(
            table.c.file_name == self.file,
            table.c.table_name == self.table,
            table.c.stage == self.stage.value,
        )

    def values(self) -> dict[str, str]:
        """The entry as column values."""
        return {"file_name": self.file, "table_name": self.table, "stage": self.stage.value}


def find(connection: Connection, entry: Entry) -> LoadOutcome | None:
    """What the ledger says of a load; None where it is not in."""
    query = select(LEDGER.c.rows_loaded, LEDGER.c.rows_rejected).where(entry.matches(LEDGER))
    row = connection.execute(query).one_or_none()
    return LoadOutcome(row.rows_loaded, row.rows_rejected) if row else None


def enter(
    connection: Connection, entry: Entry, run_id: str, checksum: str | None = None
) -> LoadOutcome | None:
    """Enter a load before its first row, so that a second process waits here for the first.

    Returns what the ledger says of a load that is in already, None where it was entered now.
    """
    values = entry.values() | {
        "run_id": run_id,
        "rows_loaded": 0,
        "rows_rejected": 0,
        "checksum": checksum,
        "committed_at": now(),
    }
    found = find(connection, entry)
    if found is None:
        try:
            connection.execute(insert(LEDGER).values(values))
        except IntegrityError:
            found = find(connection, entry)  # of a process that has committed meanwhile
            if found is None:
                raise
    return found


def lock(connection: Connection, entry: Entry) -> LoadOutcome | None:
    """Like `find`; nobody else changes the entry before this transaction ends."""
    query = select(LEDGER.c.run_id).where(entry.matches(LEDGER)).with_for_update()
    return find(connection, entry) if connection.execute(query).first() else None


def checksum(connection: Connection, entry: Entry) -> HashSum:
    """The sum of the row hashes that must stand in the preliminary table."""
    query = select(LEDGER.c.checksum).where(entry.matches(LEDGER))
    return HashSum.parse(connection.execute(query).scalar_one())


def settle(
    connection: Connection, entry: Entry, outcome: LoadOutcome, checksum: HashSum | None = None
) -> None:
    """Put the final numbers into an entry."""
    numbers: dict[str, object] = {
        "rows_loaded": outcome.loaded,
        "rows_rejected": outcome.rejected,
        "committed_at": now(),
    }
    if checksum is not None:
        numbers["checksum"] = checksum.text
    connection.execute(update(LEDGER).where(entry.matches(LEDGER)).values(numbers))


def forget(connection: Connection, entry: Entry) -> None:
    """Take an entry out."""
    connection.execute(delete(LEDGER).where(entry.matches(LEDGER)))
