"""Who reads the tables: this process, or several processes of which each has a connection.

Processes, because decoding rows is Python's own work, which threads cannot share. A worker ends
with its parent, however that ends. Imports core and SQLAlchemy.
"""

import ctypes
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any, Protocol

from sqlalchemy import Connection

from admw_assets.core.errors import AdmwError, ExtractionError
from admw_assets.extraction.failures import translated
from admw_assets.extraction.request import SourceAddress
from admw_assets.extraction.source import Source
from admw_assets.extraction.source_url import open_source
from admw_assets.extraction.table_extraction import (
    CountTask,
    TableCount,
    TableFiles,
    TableTask,
    count_table,
    extract_table,
)

_SECONDS_BETWEEN_REPORTS = 0.2
_SECONDS_TO_END = 5
_SET_PARENT_DEATH_SIGNAL = 1

Task = CountTask | TableTask
Answer = TableCount | TableFiles
Advance = Callable[[str, int, int], None]
"""Told of further rows and bytes of a table."""


class Workers(Protocol):
    """Carries tasks out; answers come as they are ready. The first failure is raised."""

    def run(self, tasks: Sequence[Task], advance: Advance) -> Iterator[Answer]: ...


@dataclass(frozen=True, slots=True)
class OneWorker:
    """This process, on one connection whose transaction has begun."""

    source: Source
    connection: Connection

    def run(self, tasks: Sequence[Task], advance: Advance) -> Iterator[Answer]:
        """One task after the other."""
        for task in tasks:
            try:
                answer = _answer(
                    self.connection,
                    self.source,
                    task,
                    lambda rows, size, table=task.table: advance(table, rows, size),
                )
            except BaseException:
                self.connection.invalidate()  # else closing would read the rest of the rows
                raise
            yield answer


class WorkerProcesses:
    """So many processes, each with a connection of its own to the same snapshot."""

    def __init__(self, address: SourceAddress, count: int) -> None:
        self._address = address
        self._count = count
        self._pipes: list[Pipe] = []
        self._processes: list[Any] = []

    def start(self, token: str | None) -> None:
        """Returns when every process has begun its transaction."""
        context = multiprocessing.get_context("spawn")
        for _ in range(self._count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, self._address, token), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            self._receive(pipe)

    def run(self, tasks: Sequence[Task], advance: Advance) -> Iterator[Answer]:
        """Whoever is free takes the next task."""
        waiting, busy = deque(tasks), set[Pipe]()
        for pipe in self._pipes[: len(waiting)]:
            pipe.send(waiting.popleft())
            busy.add(pipe)
        while busy:
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Pipe)
                message = self._receive(pipe)
                if isinstance(message, tuple):
                    advance(*message)
                    continue
                if waiting:
                    pipe.send(waiting.popleft())
                else:
                    busy.remove(pipe)
                yield message

    def stop(self) -> None:
        """End the processes, whatever they are at."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(_SECONDS_TO_END)
            if process.is_alive():
                process.kill()
                process.join()

    def _receive(self, pipe: Pipe) -> Any:
        try:
            message = pipe.recv()
        except (EOFError, ConnectionResetError) as err:
            process = self._processes[self._pipes.index(pipe)]
            process.join(_SECONDS_TO_END)
            raise ExtractionError(
                f"A worker process ended in the middle (exit code {process.exitcode}).",
                next_step="Look whether it ran out of memory; extract again with fewer --workers: "
                "tables that are complete are not read again.",
            ) from err
        if isinstance(message, BaseException):
            raise message
        return message


def _answer(
    connection: Connection, source: Source, task: Task, advance: Callable[[int, int], None]
) -> Answer:
    if isinstance(task, CountTask):
        return count_table(connection, source, task)
    return extract_table(connection, source, task, advance)


def _serve(pipe: Pipe, address: SourceAddress, token: str | None) -> None:
    """A worker's whole life: begin, say so, carry out tasks until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    # Where the kernel does not see to it, the pipe breaks when the parent is gone.
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            source = open_source(address)
            connection = source.connect()
            with translated(source.location):
                source.begin(connection, token)
            pipe.send(True)
            while True:
                task = pipe.recv()
                reports = _Reports(pipe, task.table)
                answer = _answer(connection, source, task, reports.advance)
                reports.send()
                pipe.send(answer)
        except AdmwError as err:
            pipe.send(err)


def _end_with_parent() -> None:
    """Let the kernel kill this process when its parent dies, even by SIGKILL (Linux, prctl(2))."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


class _Reports:
    """Gathers progress, so that the pipe carries a few messages a second."""

    def __init__(self, pipe: Pipe, table: str) -> None:
        self._pipe = pipe
        self._table = table
        self._rows = self._size = 0
        self._sent = time.monotonic()

    def advance(self, rows: int, size: int) -> None:
        self._rows += rows
        self._size += size
        if time.monotonic() - self._sent >= _SECONDS_BETWEEN_REPORTS:
            self.send()

    def send(self) -> None:
        if self._rows:
            self._pipe.send((self._table, self._rows, self._size))
        self._rows = self._size = 0
        self._sent = time.monotonic()
