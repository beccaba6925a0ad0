"""A whole extraction: which tables, in which snapshot, by whom, and what is there in the end.

Imports core and the modules beside it.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from admw_assets import __version__
from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError
from admw_assets.extraction.choice import Choice, choose
from admw_assets.extraction.failures import translated
from admw_assets.extraction.listener import ExtractListener, Silence
from admw_assets.extraction.manifest import (
    ColumnEntry,
    Manifest,
    Snapshot,
    TableEntry,
    TableState,
    read_manifest,
)
from admw_assets.extraction.publishing import publish, require_whole, settle
from admw_assets.extraction.reading import ConnectedSource, reading
from admw_assets.extraction.request import ExtractRequest
from admw_assets.extraction.source import Source
from admw_assets.extraction.source_url import open_source
from admw_assets.extraction.table_extraction import CountTask, TableCount, TableFiles, TableTask

_LOCK_FILE = ".extract.lock"


@dataclass(frozen=True, slots=True)
class TableOutcome:
    """What came of one table; `message` is for people."""

    table: str
    extracted: bool  # False: it was complete before
    entry: TableEntry
    message: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """The chosen tables by name, and the folder's manifest."""

    outcomes: tuple[TableOutcome, ...]
    manifest: Manifest


def extract(request: ExtractRequest, listener: ExtractListener | None = None) -> Extraction:
    """Bring the chosen tables of a source into data files.

    A table that the folder's manifest calls complete is not read again, one that was begun is
    begun anew; `restart` reads all again. Raises ConfigurationError, DatabaseUnavailable,
    DataFileChanged or ExtractionError; what was complete by then stays.
    """
    heard = listener or Silence()
    source = open_source(request.source)
    request.folder.mkdir(parents=True, exist_ok=True)
    with _locked(request.folder), source.connect() as connection:
        manifest = _settled_manifest(request.folder, source)
        with translated(source.location):
            choice = choose(request, source.table_names(connection))
            connection.rollback()
        outcomes: dict[str, TableOutcome] = {}
        for table in choice.tables:
            if table in manifest.tables and not request.restart:
                outcomes[table] = _done_before(choice, table, manifest.tables[table], request)
                heard.finished(table, outcomes[table].message)
        todo = [table for table in choice.tables if table not in outcomes]
        connected = ConnectedSource(source, connection)
        for name, newest in _extracted(request, choice, todo, connected, manifest, heard):
            manifest, entry = newest, newest.tables[name]
            outcomes[name] = TableOutcome(name, True, entry, _summary(entry))
            heard.finished(name, outcomes[name].message)
    return Extraction(tuple(outcomes[name] for name in choice.tables), manifest)


def _extracted(
    request: ExtractRequest,
    choice: Choice,
    todo: Sequence[str],
    connected: ConnectedSource,
    manifest: Manifest,
    listener: ExtractListener,
) -> Iterator[tuple[str, Manifest]]:
    """Every table as it is complete, with the manifest that has it."""
    if not todo:
        return
    with reading(request, len(todo), connected, listener) as (workers, snapshot):
        counted: dict[str, int] = {}
        counting = [_count_task(request, choice, table) for table in todo]
        for answer in workers.run(counting, listener.advanced):
            assert isinstance(answer, TableCount)
            counted[answer.table] = answer.rows
            listener.counted(answer.table, answer.rows)
        begun = datetime.fromisoformat(snapshot.taken_at)
        tasks = [
            _table_task(
                request,
                counting=task,
                expected=counted[task.table],
                entity=choice.entities[task.table],
                stamp=_stamp(begun, manifest.tables.get(task.table)),
            )
            for task in counting
        ]
        for answer in workers.run(tasks, listener.advanced):
            assert isinstance(answer, TableFiles)
            entry = _entry(answer, request, choice, snapshot, manifest.tables.get(answer.table))
            manifest = publish(
                request.folder, manifest.with_snapshot(snapshot), answer.table, entry
            )
            yield answer.table, manifest


def _stamp(begun: datetime, earlier: TableEntry | None) -> datetime:
    """The stamp of a table's first file: the moment, but behind all of its earlier files."""
    stamps = [parse_data_file_name(f.name).extracted_at for f in earlier.files] if earlier else []
    wanted = begun.replace(microsecond=0, tzinfo=None)
    return max([wanted, *(stamp + timedelta(seconds=1) for stamp in stamps)])


def _count_task(request: ExtractRequest, choice: Choice, table: str) -> CountTask:
    return CountTask(table, choice.where.get(table), request.hash, choice.hash_columns.get(table))


def _table_task(
    request: ExtractRequest, counting: CountTask, expected: int, entity: str, stamp: datetime
) -> TableTask:
    return TableTask(
        table=counting.table,
        where=counting.where,
        hash=counting.hash,
        hash_columns=counting.hash_columns,
        expected=expected,
        folder=request.folder,
        entity=entity,
        stamp=stamp,
        limit=request.limit,
        compression=request.compression,
    )


def _entry(
    answer: TableFiles,
    request: ExtractRequest,
    choice: Choice,
    snapshot: Snapshot,
    earlier: TableEntry | None,
) -> TableEntry:
    return TableEntry(
        state=TableState.PUBLISHING,
        snapshot=snapshot.taken_at,
        rows=answer.rows,
        where=choice.where.get(answer.table),
        hash=request.hash.value,
        hash_columns=choice.hash_columns.get(answer.table),
        compression=request.compression.value,
        quoted_newlines=answer.has_line_ends,
        seconds=answer.seconds,
        columns=tuple(ColumnEntry(*column) for column in answer.columns),
        left_out=dict(answer.left_out),
        notes=answer.notes,
        files=answer.files,
        replaced=tuple(file.name for file in earlier.files) if earlier else (),
    )


def _done_before(
    choice: Choice, table: str, entry: TableEntry, request: ExtractRequest
) -> TableOutcome:
    """What a complete table is; raises ConfigurationError if it is not what is asked for."""
    asked = {
        "--where": (entry.where, choice.where.get(table)),
        "--hash": (entry.hash, request.hash.value),
        "--hash-columns": (entry.hash_columns, choice.hash_columns.get(table)),
        "--compress": (entry.compression, request.compression.value),
    }
    others = [option for option, (then, now) in asked.items() if then != now]
    if others:
        raise ConfigurationError(
            f"Table {table!r} was extracted with another {' and '.join(others)}.",
            next_step="Give what was given then, --restart to extract again, or another --out.",
            table=table,
        )
    message = "complete before, not extracted again"
    if gone := require_whole(request.folder, table, entry):
        message += (
            f"; {len(gone)} of its files have been taken away since "
            f"(--restart --table {table} extracts them again)"
        )
    return TableOutcome(table, False, entry, message)


def _summary(entry: TableEntry) -> str:
    size = sum(file.bytes for file in entry.files)
    files = "1 file" if len(entry.files) == 1 else f"{len(entry.files)} files"
    return f"{entry.rows:,} rows, {files}, {size:,} bytes"


def _settled_manifest(folder: Path, source: Source) -> Manifest:
    """The folder's manifest with everything finished that had been begun, or a new one."""
    manifest = read_manifest(folder) or Manifest(source.location, f"admw {__version__}", (), {})
    if manifest.source != source.location:
        raise ConfigurationError(
            f"{folder} holds what was extracted from {manifest.source}.",
            next_step="Give another --out.",
            source=source.location,
        )
    return settle(folder, manifest)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder for this process alone."""
    with (folder / _LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise ConfigurationError(
                f"Another extraction is writing to {folder}.",
                next_step="Wait for it, or give another --out.",
            ) from err
        yield
