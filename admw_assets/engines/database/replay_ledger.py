"""The ledger of replays: which corrected records are in, and what they changed; core, SQLAlchemy.

An entry is committed together with the rows, like those of the ledger.
"""

import json
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from admw_assets.core.canonical import HashSum
from admw_assets.core.errors import DatabaseUnavailable
from admw_assets.core.ports import Replay, ReplayLoad
from admw_assets.engines.database.own_tables import REPLAYS, now

_NOTHING = HashSum().text


def is_in(connection: Connection, load: ReplayLoad) -> bool:
    """Whether the ledger has this replay of this (file, table)."""
    return connection.execute(select(REPLAYS.c.run_id).where(_matches(load))).first() is not None


def claim(connection: Connection, load: ReplayLoad) -> None:
    """Enter a replay before its first row, so that a second process waits here.

    Raises DatabaseUnavailable where that other process came first: on the next attempt its entry
    is found.
    """
    values: dict[str, object] = {
        "file_name": load.file,
        "table_name": load.table.name,
        "replay_sha256": load.sha256,
        "run_id": load.run_id,
        "expected_change": load.expected_change,
        "dropped_change": json.dumps(dict(load.dropped_change), ensure_ascii=False),
        "rows_added": 0,
        "checksum_added": _NOTHING,
        "checksum_removed": _NOTHING,
        "committed_at": now(),
    }
    try:
        connection.execute(insert(REPLAYS).values(values))
    except IntegrityError as err:
        raise DatabaseUnavailable(
            f"Another process has just replayed these records of {load.file!r} into"
            f" {load.table.name!r}.",
            next_step="Start the replay again: it will find the rows in place.",
            file=load.file,
            table=load.table.name,
        ) from err


def settle(connection: Connection, load: ReplayLoad, added: HashSum, removed: HashSum) -> None:
    """Put the sums of the row hashes that came and went into an entry."""
    numbers = {
        "rows_added": added.count,
        "checksum_added": added.text,
        "checksum_removed": removed.text,
        "committed_at": now(),
    }
    connection.execute(update(REPLAYS).where(_matches(load)).values(numbers))


def finish(connection: Connection, file: str, sha256: str) -> None:
    """Note that nothing is left to do for a replay."""
    mine = and_(REPLAYS.c.file_name == file, REPLAYS.c.replay_sha256 == sha256)
    connection.execute(update(REPLAYS).where(mine).values(finished_at=now()))


def replays(connection: Connection, file: str) -> list[Replay]:
    """The replays of a file, oldest first."""
    c = REPLAYS.c
    query = select(REPLAYS).where(c.file_name == file).order_by(c.committed_at, c.run_id)
    return [
        Replay(
            file=row.file_name,
            table=row.table_name,
            sha256=row.replay_sha256,
            run_id=row.run_id,
            expected_change=row.expected_change,
            dropped_change=_dropped(row.dropped_change),
            rows_added=row.rows_added,
            finished=row.finished_at is not None,
        )
        for row in connection.execute(query)
    ]


def forget(connection: Connection, file: str, table: str) -> None:
    """Take out the replays of a (file, table); those of its other tables are unfinished again."""
    of_file = REPLAYS.c.file_name == file
    connection.execute(delete(REPLAYS).where(of_file, REPLAYS.c.table_name == table))
    connection.execute(update(REPLAYS).where(of_file).values(finished_at=None))


def _dropped(text: str) -> Mapping[str, int]:
    return json.loads(text)


def _matches(load: ReplayLoad) -> ColumnElement[bool]:
    return and_(
        REPLAYS.c.file_name == load.file,
        REPLAYS.c.table_name == load.table.name,
        REPLAYS.c.replay_sha256 == load.sha256,
    )
