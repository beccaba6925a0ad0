"""The chain of manifests on record (port ManifestChain); imports core and SQLAlchemy."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from admw_assets.core.errors import DatabaseUnavailable
from admw_assets.core.manifest import ManifestEntry, sha256_of
from admw_assets.engines.database.connection import Database
from admw_assets.engines.database.own_tables import MANIFESTS, now

_TRIES = 10


@dataclass(frozen=True, slots=True)
class DatabaseManifestChain:
    """The manifests in the target database, numbered from 1."""

    database: Database

    def append(self, file: str, make: Callable[[int, str], str]) -> ManifestEntry:
        """Put one more on record, behind the newest.

        Where two processes take the same number, the second one takes the next. Raises
        DatabaseUnavailable where that never ends.
        """
        for _ in range(_TRIES):
            with self.database.writing() as connection:
                entry = self._next(connection, file, make)
                if entry is not None:
                    return entry
        raise DatabaseUnavailable(
            f"The manifest of {file!r} found no place in the chain: too many others come at once.",
            next_step="Start the step again.",
            file=file,
        )

    def newest(self, file: str) -> ManifestEntry | None:
        """The newest manifest of a file."""
        query = (
            select(MANIFESTS)
            .where(MANIFESTS.c.file_name == file)
            .order_by(MANIFESTS.c.number.desc())
            .limit(1)
        )
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _entry(row) if row else None

    def latest(self, limit: int) -> list[ManifestEntry]:
        """The newest manifests of all files, the newest first."""
        query = select(MANIFESTS).order_by(MANIFESTS.c.number.desc()).limit(limit)
        with self.database.reading() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def entries(self) -> Iterator[ManifestEntry]:
        """All manifests by number."""
        query = select(MANIFESTS).order_by(MANIFESTS.c.number).execution_options(yield_per=100)
        with self.database.reading() as connection:
            for row in connection.execute(query):
                yield _entry(row)

    def _next(
        self, connection: Connection, file: str, make: Callable[[int, str], str]
    ) -> ManifestEntry | None:
        """None where another process has taken the number meanwhile."""
        last = select(MANIFESTS.c.number, MANIFESTS.c.sha256)
        row = connection.execute(last.order_by(MANIFESTS.c.number.desc()).limit(1)).one_or_none()
        number = row.number + 1 if row else 1
        document = make(number, row.sha256 if row else "")
        entry = ManifestEntry(number, file, sha256_of(document), document)
        values = {
            "number": number,
            "file_name": file,
            "sha256": entry.sha256,
            "document": document,
            "created_at": now(),
        }
        try:
            with connection.begin_nested():
                connection.execute(insert(MANIFESTS).values(values))
        except IntegrityError:
            return None
        return entry


def _entry(row: Row) -> ManifestEntry:
    return ManifestEntry(row.number, row.file_name, row.sha256, row.document)
