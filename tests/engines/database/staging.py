"""Stages rows as a transformer would, for the tests of the database engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from admw_assets.core.canonical import HashSum, canonical_text, row_hash
from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.ddl import parse_schema
from admw_assets.core.migration import Migration, TableSettings
from admw_assets.core.ports import LoadOutcome, PreliminaryLoad, RawRecord, Reject, StagedRows
from admw_assets.core.schema import Table
from admw_assets.engines.database.connection import Database, connect
from admw_assets.engines.database.store import DatabaseTableStore

Row = Sequence[str | None]

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": r"\0"})


@dataclass(frozen=True, slots=True)
class Target:
    """A database with the tables of a migration in it."""

    database: Database
    migration: Migration
    store: DatabaseTableStore
    folder: Path
    limits: dict[str, int] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """A table of the migration."""
        return self.migration.table(name)

    def settings(self, name: str) -> TableSettings:
        """The settings of a table."""
        return self.migration.settings(name)

    def preliminary(
        self,
        file: str,
        table: str,
        rows: Sequence[Row],
        *,
        parts: int = 1,
        limit: int | None = None,
        rejects: Iterable[Reject] = (),
        positions: Sequence[tuple[int, int]] | None = None,
    ) -> LoadOutcome:
        """Stage rows and load them; they are records 1, 2, ... unless `positions` says so."""
        load = self.job(file, table, rows, parts=parts, positions=positions)
        return self.store.load_preliminary(replace(load, limit=limit, rejects=rejects))

    def job(
        self,
        file: str,
        table: str,
        rows: Sequence[Row],
        *,
        parts: int = 1,
        positions: Sequence[tuple[int, int]] | None = None,
    ) -> PreliminaryLoad:
        """Stage rows; returns what loads them."""
        model = self.table(table)
        staged = stage(model, self.settings(table), rows, self.folder / file, parts, positions)
        return PreliminaryLoad(
            file=file,
            table=model,
            settings=self.settings(table),
            run_id="run",
            staged=staged,
            rejects=(),
            limit=None,
            original=originals,
        )

    def final(self, file: str, table: str, limit: int | None = None) -> LoadOutcome:
        """Move the rows of a file."""
        return self.store.load_final(
            file, self.table(table), self.settings(table), "run", limit, originals
        )

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """What a statement returns, as plain tuples."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def execute(self, sql: str) -> None:
        """Carry out a statement that no part of the program would."""
        with self.database.writing() as connection:
            connection.exec_driver_sql(sql)


def open_target(url: str, folder: Path, sql: str, **configuration: object) -> Target:
    """Create the tables of a schema.sql in a database."""
    settings = MigrationConfiguration.model_validate({"name": "test"} | configuration)
    migration = Migration(folder, settings, parse_schema(sql))
    database = connect(url)
    store = DatabaseTableStore(database, migration.schema)
    store.initialize(migration)
    return Target(database, migration, store, folder)


def stage(
    table: Table,
    settings: TableSettings,
    rows: Sequence[Row],
    folder: Path,
    parts: int = 1,
    positions: Sequence[tuple[int, int]] | None = None,
) -> StagedRows:
    """Write parts in the form that core.ports.StagedRows describes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    hashes: list[str] = []
    for number, row in enumerate(rows):
        record, place = positions[number] if positions else (number + 1, 1)
        columns = table.loaded_columns
        texts = [
            canonical_text(c.type, value, settings.float_decimals.get(c.name))
            for c, value in zip(columns, row, strict=True)
        ]
        hashes.append(row_hash(texts))
        fields = (str(record), str(place), None, hashes[-1], *row)
        lines.append("\t".join(map(_field, fields)) + "\n")
    names = [f"part-{number}.txt" for number in range(parts)]
    size = -(-len(lines) // parts)
    for number, name in enumerate(names):
        text = "".join(lines[number * size : (number + 1) * size])
        (folder / name).write_text(text, encoding="utf-8", newline="")
    checksum = HashSum.of(hashes).text
    return StagedRows(
        str(folder), tuple(names), (), len(rows), len(rows), len(rows), 0, {}, checksum
    )


def originals(numbers: Iterable[int]) -> Iterator[RawRecord]:
    """Records whose bytes tell their number."""
    for number in numbers:
        yield RawRecord(number, number * 100, f"record {number}".encode())


def _field(text: str | None) -> str:
    return r"\N" if text is None else text.translate(_ESCAPES)
