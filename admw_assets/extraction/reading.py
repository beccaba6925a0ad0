"""Begins the transactions in which a source is read, all at one moment; imports SQLAlchemy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from admw_assets.extraction.failures import translated
from admw_assets.extraction.listener import ExtractListener
from admw_assets.extraction.manifest import Snapshot
from admw_assets.extraction.request import ExtractRequest
from admw_assets.extraction.source import SnapshotKind, Source
from admw_assets.extraction.workers import OneWorker, WorkerProcesses, Workers


@dataclass(frozen=True, slots=True)
class ConnectedSource:
    """A source and a first connection to it."""

    source: Source
    connection: Connection


@contextmanager
def reading(
    request: ExtractRequest, tables: int, connected: ConnectedSource, listener: ExtractListener
) -> Iterator[tuple[Workers, Snapshot]]:
    """Whoever reads, with their transactions begun, and what they all see."""
    source, connection = connected.source, connected.connection
    count, note = min(request.workers, tables), ""
    processes = WorkerProcesses(request.source, count)
    try:
        if count > 1:
            with translated(source.location), source.sharing(connection) as sharing:
                if not sharing.refusal:
                    processes.start(sharing.token)
            if not sharing.refusal:
                yield processes, _snapshot(sharing.kind, count)
                return
            note = f"One worker instead of {request.workers}: {sharing.refusal}."
            listener.noted(note)
        with translated(source.location):
            kind = source.begin(connection, None)
        yield OneWorker(source, connection), _snapshot(kind, 1, note)
    finally:
        processes.stop()


def _snapshot(kind: SnapshotKind, workers: int, note: str = "") -> Snapshot:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return Snapshot(now, kind.value, workers, note)
