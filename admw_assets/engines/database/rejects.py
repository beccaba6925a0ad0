"""Kept rejects: writing, completing, counting, reading; imports core and SQLAlchemy.

A reject that the database finds is written by the statement that finds it, first without its
text; `complete` then fetches the texts page by page. Only open rejects count; what a replay has
closed (`reject_history`) is history.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)

from admw_assets.core.errors import RejectLimitExceeded
from admw_assets.core.migration import RECORD_COLUMN, ROW_COLUMN
from admw_assets.core.ports import OriginalRecords, RawRecord, Reject, RejectStatus
from admw_assets.core.step import Stage
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.ledger import Entry
from admw_assets.engines.database.own_tables import REJECTS, now
from admw_assets.engines.database.staged_rows import batches

DUPLICATE_KEY = "duplicate_key"
EXISTING_KEY = "existing_key"
ORPHAN = "orphan"

_PAGE = 500  # rejects at once in memory, with their texts
_RULES_NAMED = 3

PageAction = Callable[[list[int]], None]
"""What to do with the preliminary rows of some record numbers that have rejects."""


def keep(connection: Connection, rejects: Iterable[Reject]) -> int:
    """Write rejects as they come; returns their number."""
    kept = 0
    for batch in batches(iter(rejects), _PAGE):
        connection.execute(insert(REJECTS), [_values(reject) for reject in batch])
        kept += len(batch)
    return kept


def keep_found(
    connection: Connection,
    entry: Entry,
    run_id: str,
    rule: str,
    column: str,
    found: Select,
) -> int:
    """Write the rejects that a query finds (record, row, message); returns their number."""
    rows = found.subquery()
    record, row, message = rows.c
    source = select(
        *(literal(value) for value in entry.values().values()),
        record,
        row,
        literal(rule),
        literal(column),
        message,
        literal(0),
        literal(run_id),
        literal(now()),
    ).order_by(record, row)
    names = [
        *entry.values(),
        "record_number",
        "row_in_record",
        "rule_name",
        "column_names",
        "message",
        "byte_offset",
        "run_id",
        "created_at",
    ]
    return connection.execute(insert(REJECTS).from_select(names, source)).rowcount


def is_open() -> ColumnElement[bool]:
    """The condition that a reject is not history."""
    return REJECTS.c.status == RejectStatus.OPEN.value


def is_rejected(entry: Entry, preliminary: FromClause, rules: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a preliminary row has an open reject by one of these rules."""
    return (
        exists()
        .where(
            entry.matches(REJECTS),
            is_open(),
            REJECTS.c.record_number == preliminary.c[RECORD_COLUMN],
            REJECTS.c.row_in_record == preliminary.c[ROW_COLUMN],
            REJECTS.c.rule_name.in_(list(rules)),
        )
        .correlate(preliminary)
    )


def complete(
    connection: Connection, entry: Entry, original: OriginalRecords, action: PageAction
) -> None:
    """Give rejects without a text their original bytes, and do `action` with their rows."""
    last: tuple[int, int] = (0, -1)
    while page := _page_without_text(connection, entry, last):
        numbers = sorted({row.record_number for row in page})
        texts = {raw.number: raw for raw in original(numbers)}
        connection.execute(delete(REJECTS).where(REJECTS.c.id.in_([row.id for row in page])))
        connection.execute(insert(REJECTS), [_completed(row, texts) for row in page])
        action(numbers)
        last = (page[-1].record_number, page[-1].row_in_record)


def forget(connection: Connection, entry: Entry) -> None:
    """Remove all rejects of an entry, history included."""
    connection.execute(delete(REJECTS).where(entry.matches(REJECTS)))


def count_by_rule(connection: Connection, entry: Entry) -> dict[str, int]:
    """How many open rejects an entry has, by rule."""
    number = func.count()
    query = (
        select(REJECTS.c.rule_name, number)
        .where(entry.matches(REJECTS), is_open())
        .group_by(REJECTS.c.rule_name)
        .order_by(number.desc(), REJECTS.c.rule_name)
    )
    return {rule: count for rule, count in connection.execute(query)}


def count_by_table(connection: Connection) -> dict[str, dict[str, int]]:
    """How many rejects are open, by table and rule, the most frequent rule first."""
    number = func.count()
    groups = (REJECTS.c.table_name, REJECTS.c.rule_name)
    query = select(*groups, number).where(is_open()).group_by(*groups)
    counts: dict[str, dict[str, int]] = {}
    for table, rule, count in connection.execute(query.order_by(number.desc(), *groups)):
        counts.setdefault(table, {})[rule] = count
    return counts


def entries_of(connection: Connection, stage: Stage) -> list[tuple[str, str]]:
    """The (file, table) pairs that have rejects of a stage, history included."""
    c = REJECTS.c
    query = select(c.file_name, c.table_name).where(c.stage == stage.value).distinct()
    return [(file, table) for file, table in connection.execute(query)]


def limit_exceeded(
    connection: Connection, entry: Entry, found: int, limit: int
) -> RejectLimitExceeded:
    """The error for too many rejects, naming the rules and columns that have most of them."""
    number = func.count()
    groups = (REJECTS.c.rule_name, REJECTS.c.column_names)
    query = (
        select(*groups, number.label("number"))
        .where(entry.matches(REJECTS), is_open())
        .group_by(*groups)
        .order_by(number.desc(), *groups)
        .limit(_RULES_NAMED)
    )
    most = [
        f"{row.number} {row.rule_name}" + (f" in {row.column_names}" if row.column_names else "")
        for row in connection.execute(query)
    ]
    final = entry.stage is Stage.FINAL
    stage, beside = (
        (" in the final stage", " beside the preliminary stage's") if final else ("", "")
    )
    return RejectLimitExceeded(
        f"{entry.file!r} has {found} rejects for table {entry.table!r}{stage}, {limit} are allowed"
        f"{beside}; nothing was loaded. Most: {', '.join(most)}.",
        next_step="Look at them with `admw rejects list`, correct the file or raise `rejects` in"
        " migration.yaml, then start the stage again.",
        file=entry.file,
        table=entry.table,
        stage=entry.stage.value,
        allowed=limit,
        found=found,
    )


def stream(
    database: Database,
    file: str | None = None,
    table: str | None = None,
    stage: Stage | None = None,
    rule: str | None = None,
    history: bool = False,
    limit: int | None = None,
) -> Iterator[Reject]:
    """Rejects in file, table, stage, record, row order, a page at a time in memory."""
    c = REJECTS.c
    status = None if history else RejectStatus.OPEN
    wanted = {
        c.file_name: file,
        c.table_name: table,
        c.stage: stage,
        c.rule_name: rule,
        c.status: status,
    }
    query = (
        select(REJECTS)
        .where(*(column == str(value) for column, value in wanted.items() if value is not None))
        .order_by(
            c.file_name,
            c.table_name,
            case((c.stage == Stage.PRELIMINARY.value, 0), else_=1),
            c.record_number,
            c.row_in_record,
            c.id,
        )
        .limit(limit)
        .execution_options(yield_per=_PAGE)
    )
    with database.reading() as connection:
        for row in connection.execute(query):
            yield _reject(row)


def _page_without_text(connection: Connection, entry: Entry, last: tuple[int, int]) -> list[Row]:
    record, row = REJECTS.c.record_number, REJECTS.c.row_in_record
    query = (
        select(REJECTS)
        .where(
            entry.matches(REJECTS),
            REJECTS.c.record_text.is_(None),
            record >= last[0],
            or_(record > last[0], and_(record == last[0], row > last[1])),
        )
        .order_by(record, row)
        .limit(_PAGE)
    )
    return list(connection.execute(query))


def _completed(row: Row, texts: Mapping[int, RawRecord]) -> dict[str, object]:
    values = {name: value for name, value in row._mapping.items() if name != "id"}
    raw = texts.get(row.record_number)
    return values | {
        "record_text": raw.data if raw else b"",
        "byte_offset": raw.offset if raw else 0,
    }


def _values(reject: Reject) -> dict[str, object]:
    return {
        "file_name": reject.file,
        "table_name": reject.table,
        "stage": reject.stage.value,
        "record_number": reject.record,
        "row_in_record": reject.row,
        "rule_name": reject.rule,
        "column_names": reject.column,
        "message": reject.message,
        "record_text": reject.text,
        "byte_offset": reject.offset,
        "run_id": reject.run_id,
        "created_at": now(),
    }


def _reject(row: Row) -> Reject:
    return Reject(
        file=row.file_name,
        table=row.table_name,
        stage=Stage(row.stage),
        record=row.record_number,
        row=row.row_in_record,
        rule=row.rule_name,
        column=row.column_names,
        message=row.message,
        text=row.record_text or b"",
        offset=row.byte_offset,
        run_id=row.run_id,
        status=RejectStatus(row.status),
        resolved_by=row.resolved_by or "",
        replayed_text=row.replayed_text,
    )
