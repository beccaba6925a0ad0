"""One table's rows into its data files, streaming; imports core and SQLAlchemy."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from admw_assets.core.errors import ConfigurationError, ExtractionError
from admw_assets.extraction.csv_lines import RowHasher, csv_lines, header_line, row_hasher
from admw_assets.extraction.failures import translated
from admw_assets.extraction.part_file import DataFile
from admw_assets.extraction.part_writer import PartPlan, PartWriter
from admw_assets.extraction.request import FileCompression, FileLimit, HashConvention
from admw_assets.extraction.source import Source, SourceTable

log = logging.getLogger(__name__)

_ROWS_AT_A_TIME = 1000
_WIDE_ROWS_AT_A_TIME = 100
_FIRST_WIDE_ROWS = 8
_LARGE_CHARACTERS = 8_000_000  # fetched at a time, and held in memory about five times
_READER_BYTES = 64 << 20  # a longer record is refused by the file reader

Advance = Callable[[int, int], None]
"""Told of further rows and bytes."""


@dataclass(frozen=True, slots=True)
class CountTask:
    """Count a table's rows, which also tries the condition and looks at the columns."""

    table: str
    where: str | None
    hash: HashConvention
    hash_columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class TableTask:
    """Write a table's files; `expected` is what was counted in the same snapshot."""

    table: str
    where: str | None
    hash: HashConvention
    hash_columns: tuple[str, ...] | None
    expected: int
    folder: Path
    entity: str
    stamp: datetime
    limit: FileLimit
    compression: FileCompression


@dataclass(frozen=True, slots=True)
class TableCount:
    """The answer to a CountTask."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The answer to a TableTask; `columns` are name, type in the source, and how it is written."""

    table: str
    rows: int
    files: tuple[DataFile, ...]
    columns: tuple[tuple[str, str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    has_line_ends: bool
    seconds: float


def count_table(connection: Connection, source: Source, task: CountTask) -> TableCount:
    """Count rows; raises ConfigurationError where the condition or the columns do not fit."""
    table = source.describe(connection, task.table)
    _require_usable(table, task)
    try:
        with translated(source.location, f"table {task.table!r}"):
            rows = connection.execute(table.query([sa.func.count()], task.where)).scalar_one()
    except ExtractionError as err:
        if not task.where:
            raise
        raise ConfigurationError(
            f"Table {task.table!r} cannot be read with the condition {task.where!r}: {err.message}",
            next_step="Correct --where: it is put behind WHERE as it is.",
            table=task.table,
        ) from err
    return TableCount(task.table, int(rows))


def extract_table(
    connection: Connection, source: Source, task: TableTask, advance: Advance
) -> TableFiles:
    """Write all rows; raises ExtractionError where there are not as many as were counted."""
    started = time.monotonic()
    table = source.describe(connection, task.table)
    names = [column.name for column in table.columns]
    hasher = row_hasher(task.hash, _positions(names, task.hash_columns))
    header = header_line([*names, task.hash.value] if hasher else names)
    plan = PartPlan(task.folder, task.entity, task.stamp, header, task.limit, task.compression)
    rows = longest = 0
    has_line_ends = False
    with PartWriter(plan) as writer, translated(source.location, f"table {task.table!r}"):
        for lines in _batches(connection, table, task, hasher):
            size = writer.write(lines)
            rows += len(lines)
            if size > _READER_BYTES:
                longest = max(longest, *(len(line.encode()) for line in lines))
            has_line_ends = has_line_ends or any("\n" in line or "\r" in line for line in lines)
            advance(len(lines), size)
        files = writer.finish()
    notes = [*table.notes, *filter(None, (c.note() for c in table.columns if c.note))]
    if rows != task.expected:
        notes.append(_moved(table, task.expected, rows))
    if longest > _READER_BYTES:
        notes.append(f"Its longest record has {longest:,} bytes: too long to be loaded.")
    log.info("%s: %d rows in %d files", task.table, rows, len(files))
    return TableFiles(
        table=task.table,
        rows=rows,
        files=files,
        columns=tuple((c.name, c.type, c.form) for c in table.columns),
        left_out=table.left_out,
        notes=tuple(notes),
        has_line_ends=has_line_ends,
        seconds=round(time.monotonic() - started, 3),
    )


def _batches(
    connection: Connection, table: SourceTable, task: TableTask, hasher: RowHasher | None
) -> Iterator[list[str]]:
    """The records of some rows at a time; fewer rows where they turn out to be large."""
    most = _WIDE_ROWS_AT_A_TIME if table.is_wide else _ROWS_AT_A_TIME
    wanted = _FIRST_WIDE_ROWS if table.is_wide else most
    query = table.query([column.expression for column in table.columns], task.where)
    streaming = connection.execution_options(stream_results=True, max_row_buffer=most)
    with streaming.execute(query) as result:
        while rows := result.fetchmany(wanted):
            lines = _lines(table, rows, hasher)
            yield lines
            wanted = _rows_to_fetch(wanted, most, sum(map(len, lines)))


def _rows_to_fetch(last: int, most: int, size: int) -> int:
    """How many rows the next time, when the last ones had so many characters."""
    if size > _LARGE_CHARACTERS:
        return max(1, last * _LARGE_CHARACTERS // (2 * size))
    return min(most, last * 2) if 2 * size <= _LARGE_CHARACTERS else last


def _lines(
    table: SourceTable, rows: Sequence[Sequence[Any]], hasher: RowHasher | None
) -> list[str]:
    columns = [
        column.writer(values)
        for column, values in zip(table.columns, zip(*rows, strict=True), strict=True)
    ]
    lines = csv_lines(columns, hasher)
    if len(columns) == 1 and hasher is None and "" in lines:
        raise ExtractionError(
            f"Table {table.name!r} has one column, and a NULL in it would be an empty line.",
            next_step="Extract it with a hash column: leave out --hash none.",
            table=table.name,
        )
    return lines


def _moved(table: SourceTable, counted: int, written: int) -> str:
    """What to say of a table that changed meanwhile; raises where the snapshot rules that out."""
    message = f"{counted:,} rows were counted and {written:,} were read"
    if table.is_stable:
        raise ExtractionError(
            f"Table {table.name!r}: {message} in the same snapshot.",
            next_step="Extract it again; if it stays so, look at the source's server log.",
            table=table.name,
        )
    return f"{message}: it changed meanwhile."


def _require_usable(table: SourceTable, task: CountTask) -> None:
    names = [column.name for column in table.columns]
    if not names:
        raise ExtractionError(
            f"Table {table.name!r} has no column that can be extracted.",
            next_step="Leave it out: name the others with --table.",
            table=table.name,
        )
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise ExtractionError(
            f"Table {table.name!r} has columns that differ in case only: {', '.join(twice)}.",
            next_step="Rename them in a view, and extract the view with --table.",
            table=table.name,
        )
    if task.hash is not HashConvention.NONE and task.hash.value in folded:
        raise ConfigurationError(
            f"Table {table.name!r} has a column {task.hash.value!r} of its own.",
            next_step="Extract it with --hash none, or with the other convention.",
            table=table.name,
        )
    _positions(names, task.hash_columns)


def _positions(names: Sequence[str], chosen: tuple[str, ...] | None) -> list[int] | None:
    """Where the columns under `admw_file_hash` stand; raises ConfigurationError for others."""
    if chosen is None:
        return None
    places = {name.casefold(): place for place, name in enumerate(names)}
    missing = [name for name in chosen if name.casefold() not in places]
    if missing:
        raise ConfigurationError(
            f"--hash-columns names {', '.join(map(repr, missing))}. Known: {', '.join(names)}.",
            next_step="Correct the names of the columns.",
        )
    return [places[name.casefold()] for name in chosen]
