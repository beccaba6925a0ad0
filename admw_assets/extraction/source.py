"""What every kind of source offers: tables, columns with their texts, a snapshot.

Imports SQLAlchemy only; `mysql_source`, `postgresql_source`, `sqlite_source` and `other_source`
implement it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

Texts = list[str | None]
Writer = Callable[[Sequence[Any]], Texts]
"""The texts of one column's values, None for NULL."""


class SnapshotKind(StrEnum):
    """How the tables of one extraction come to show the same moment."""

    ONE_TRANSACTION = "one transaction"
    LOCKED_START = "several transactions begun under FLUSH TABLES WITH READ LOCK"
    EXPORTED = "an exported snapshot shared by several transactions"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column: what is selected for it, and what writes its values.

    `note` says, when all are written, what was odd about them; empty where nothing was.
    """

    name: str
    type: str  # as the source spells it
    expression: ColumnElement[Any]
    writer: Writer
    form: str = "text"  # how values are written, for people
    note: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table to be read.

    `left_out` says by column why it is not extracted. `is_wide`: a row may be large, so few are
    fetched at a time. `is_stable`: the snapshot holds for it. `hint` goes before its name in FROM.
    """

    name: str
    columns: tuple[SourceColumn, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    is_wide: bool = False
    is_stable: bool = True
    notes: tuple[str, ...] = ()
    hint: str = ""

    def query(self, expressions: Sequence[ColumnElement[Any]], where: str | None) -> Select[Any]:
        """Select these of the rows that meet the user's own condition, which is run as it is."""
        table = sa.table(self.name)
        query = sa.select(*expressions).select_from(table)
        if self.hint:
            query = query.with_hint(table, self.hint)
        # A line end behind the condition, so that a comment in it ends.
        return query.where(sa.literal_column(f"({where}\n)")) if where else query


@dataclass(frozen=True, slots=True)
class TableNames:
    """`extracted` are those that are meant where none is named, `known` may be named as well."""

    extracted: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """What further connections need to see one snapshot; `refusal` says why they cannot."""

    kind: SnapshotKind
    token: str | None = None
    refusal: str = ""


class Source(Protocol):
    """One source database. Its sessions are read-only and in UTC."""

    @property
    def location(self) -> str:
        """The source without user, password and options."""
        ...

    def connect(self) -> Connection:
        """A session of its own; raises what `failures.translated` knows."""
        ...

    def table_names(self, connection: Connection) -> TableNames: ...

    def describe(self, connection: Connection, name: str) -> SourceTable:
        """A table that `table_names` knows."""
        ...

    def sharing(self, connection: Connection) -> AbstractContextManager[Sharing]:
        """Within the block other connections may `begin` with the token."""
        ...

    def begin(self, connection: Connection, token: str | None) -> SnapshotKind:
        """Begin the transaction in which this connection reads everything."""
        ...
