"""What becomes of rejects when their records come again; imports core and SQLAlchemy.

A reject is never removed by a replay: it is closed, and stays with the run that closed it and
the record as it came again.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    select,
    update,
)

from admw_assets.core.ports import RawRecord, RejectStatus
from admw_assets.core.step import Stage
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.own_tables import REJECTS, now
from admw_assets.engines.database.rejects import is_open
from admw_assets.engines.database.staged_rows import batches

_BATCH = 500


def close(connection: Connection, entry: Entry, records: Iterable[RawRecord], run_id: str) -> None:
    """Close the open rejects of an entry's records that are replayed, with their new texts.

    Open rejects of the final stage get the text as well; they stay open until rows are released.
    """
    final = replace(entry, stage=Stage.FINAL)
    text = {"replayed_text": bindparam("new_text")}
    closed = _closed(RejectStatus.RESOLVED, run_id) | text
    for batch in batches(iter(records), _BATCH):
        values = [{"number": raw.number, "new_text": raw.data} for raw in batch]
        for one, changes in ((entry, closed), (final, text)):
            theirs = and_(
                one.matches(REJECTS),
                is_open(),
                REJECTS.c.record_number == bindparam("number"),
            )
            connection.execute(update(REJECTS).where(theirs).values(changes), values)


def close_all(connection: Connection, entry: Entry, run_id: str) -> int:
    """Close all open rejects of an entry; returns their number."""
    mine = and_(entry.matches(REJECTS), is_open())
    changes = _closed(RejectStatus.RESOLVED, run_id)
    return connection.execute(update(REJECTS).where(mine).values(changes)).rowcount


def reopen_found_again(connection: Connection, entry: Entry, run_id: str) -> None:
    """Take back the closing of rejects that a search has found again for the same reason.

    The new reject goes and the old one, with its text and its run, is open again: nothing has
    come of it.
    """
    new, old = REJECTS.alias("new"), REJECTS.alias("old")
    same = and_(
        *(
            old.c[name] == new.c[name]
            for name in ("file_name", "table_name", "stage", "record_number", "row_in_record")
        ),
        old.c.rule_name == new.c.rule_name,
        old.c.column_names == new.c.column_names,
    )
    query = (
        select(old.c.id, new.c.id)
        .select_from(new.join(old, same))
        .where(
            entry.matches(new),
            new.c.run_id == run_id,
            new.c.status == RejectStatus.OPEN.value,
            old.c.resolved_by == run_id,
            old.c.replayed_text.is_(None),
        )
    )
    reopened = {"status": RejectStatus.OPEN.value, "resolved_by": None, "resolved_at": None}
    for batch in batches(iter([tuple(pair) for pair in connection.execute(query)]), _BATCH):
        connection.execute(delete(REJECTS).where(REJECTS.c.id.in_([new for _, new in batch])))
        mine = REJECTS.c.id.in_([old for old, _ in batch])
        connection.execute(update(REJECTS).where(mine).values(reopened))


def mark_rejected_again(
    connection: Connection, entry: Entry, run_id: str, stages: Collection[Stage]
) -> None:
    """Mark closed rejects whose record has open ones, in one of these stages."""
    other = REJECTS.alias("other")
    has_open = exists().where(
        other.c.file_name == REJECTS.c.file_name,
        other.c.table_name == REJECTS.c.table_name,
        other.c.stage.in_([stage.value for stage in stages]),
        other.c.record_number == REJECTS.c.record_number,
        other.c.status == RejectStatus.OPEN.value,
    )
    query = select(REJECTS.c.id).where(
        entry.matches(REJECTS),
        REJECTS.c.resolved_by == run_id,
        has_open.correlate(REJECTS),
    )
    changes = {"status": RejectStatus.REJECTED_AGAIN.value}
    for batch in batches(iter(list(connection.execute(query).scalars())), _BATCH):
        connection.execute(update(REJECTS).where(REJECTS.c.id.in_(batch)).values(changes))


def current_texts(connection: Connection, file: str, numbers: Iterable[int]) -> Iterator[RawRecord]:
    """Records (ascending numbers) as they came last, in the file or by a replay.

    Only those that have or had rejects are known: an open one has the record as it came last,
    else the one that was closed last.
    """
    c = REJECTS.c
    for batch in batches(iter(numbers), _BATCH):
        query = (
            select(c.record_number, c.byte_offset, c.record_text, c.replayed_text)
            .where(c.file_name == file, c.record_number.in_(batch), c.record_text.is_not(None))
            .order_by(c.record_number, is_open(), c.resolved_at, c.id)
        )
        newest = {
            number: RawRecord(number, offset, text if replayed is None else replayed)
            for number, offset, text, replayed in connection.execute(query)
        }
        yield from newest.values()


def _closed(status: RejectStatus, run_id: str) -> dict[str, object]:
    return {"status": status.value, "resolved_by": run_id, "resolved_at": now()}
