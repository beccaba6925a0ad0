"""What differs between the databases, as one small interface; imports core and SQLAlchemy."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import URL, ColumnElement, Connection, Engine
from sqlalchemy import Table as SqlTable

from admw_assets.core.schema import Column, Schema, Table

WRITE_OPTION = "admw_write"
"""The execution option of connections that write: SQLite takes its lock at BEGIN for them."""


@dataclass(frozen=True, slots=True)
class BulkLoad:
    """Staged parts (core.ports.StagedRows) on their way into a preliminary table.

    `fields` are the fields of a line in their order: the name of the target's column, and the
    column of the final table that it holds (None for ADMW's own). `constants` are the values
    that all rows share, by the target's column name.
    """

    target: SqlTable
    fields: tuple[tuple[str, Column | None], ...]
    constants: Mapping[str, object]


class Dialect(Protocol):
    """MySQL or SQLite."""

    def engine(self, url: URL) -> Engine:
        """An engine whose sessions are strict, in UTC, and know the canonical encoding."""
        ...

    def stop_foreign_key_checks(self, connection: Connection) -> None:
        """Check no foreign keys on this connection from now on; called outside transactions."""
        ...

    def create_final(self, connection: Connection, schema: Schema, table: Table) -> None:
        """Create the final table with the column for the origin file name and its index."""
        ...

    def add_origin_column(self, connection: Connection, table: Table) -> bool:
        """Complete a final table that was there before; says whether something was missing."""
        ...

    def add_alterations(self, connection: Connection, schema: Schema) -> list[str]:
        """Carry out Schema.alterations that are not in force yet; returns a sentence for each."""
        ...

    def preliminary_types(self, connection: Connection, table: Table) -> Mapping[str, str]:
        """The SQL type of each loaded column, as the preliminary table declares it."""
        ...

    def load_part(self, connection: Connection, load: BulkLoad, part: str) -> int:
        """Load one staged part; returns the rows that went in, raises LoadError on a warning."""
        ...

    def roomy(self, connection: Connection) -> AbstractContextManager[None]:
        """Let the session keep large temporary tables in memory until the end of the block."""
        ...

    def warnings(self, connection: Connection) -> list[str]:
        """What the server had to remark on the last statement, the first few."""
        ...

    def as_final(
        self, connection: Connection, column: Column, value: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """A preliminary value as the final table prints it (JSON on MySQL 8)."""
        ...

    def prints_otherwise(self, connection: Connection, table: Table) -> bool:
        """True where `as_final` changes a column of the table: stored hashes then do not tell."""
        ...
