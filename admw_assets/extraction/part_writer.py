"""The data files of one table, several by size; imports core.

A file is written under `partial_path`; `publishing` gives it its name when the table is complete.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from admw_assets.core.errors import ExtractionError
from admw_assets.extraction.part_file import SUFFIXES, DataFile, PartFile
from admw_assets.extraction.request import FileCompression, FileLimit


@dataclass(frozen=True, slots=True)
class PartPlan:
    """Where the files of a table go, what they are called, what their first line is.

    `stamp` is the first file's; each further one is a second later, so that names are distinct
    and sort by time.
    """

    folder: Path
    entity: str
    stamp: datetime
    header: str
    limit: FileLimit
    compression: FileCompression

    def name(self, part: int) -> str:
        """The name of a part, counted from 0."""
        stamp = self.stamp + timedelta(seconds=part)
        return f"{self.entity}~{stamp:%Y%m%d.%H%M%S}{SUFFIXES[self.compression]}"


class PartWriter:
    """Writes records, and begins a new file where the next one would not fit any more."""

    def __init__(self, plan: PartPlan) -> None:
        self._plan = plan
        self._files: list[DataFile] = []
        self._part: PartFile | None = None

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._part is not None:
            with suppress(OSError):  # on the way of the error that counts
                self._part.close()

    def write(self, lines: list[str]) -> int:
        """Write records; returns their bytes. Raises UnicodeEncodeError for half a character."""
        with _on_disk(self._plan.folder):
            return self._write(lines)

    def finish(self) -> tuple[DataFile, ...]:
        """Close the last file; a table without rows has one with the header alone."""
        with _on_disk(self._plan.folder):
            self._end(self._part or self._begin())
        return tuple(self._files)

    def _write(self, lines: list[str]) -> int:
        written = start = 0
        while start < len(lines):
            part = self._part or self._begin()
            some = lines[start : start + self._rows_left(part, len(lines))]
            data = _encoded(some)
            if not self._has_room(part, len(data)):
                some = some[: self._fitting(part, some)]
                data = _encoded(some)
            if not some:
                self._end(part)
                continue
            part.write(data, len(some))
            start += len(some)
            written += len(data)
        return written

    def _begin(self) -> PartFile:
        plan = self._plan
        self._part = PartFile(plan.folder, plan.name(len(self._files)), plan.compression)
        self._part.write(_encoded([plan.header]), 0)
        return self._part

    def _end(self, part: PartFile) -> None:
        self._part = None
        self._files.append(part.close())

    def _rows_left(self, part: PartFile, wanted: int) -> int:
        limit = self._plan.limit.rows
        return wanted if limit is None else limit - part.rows

    def _has_room(self, part: PartFile, size: int) -> bool:
        limit = self._plan.limit.bytes
        return limit is None or part.text_bytes + size <= limit

    def _fitting(self, part: PartFile, lines: list[str]) -> int:
        """How many of the lines stay within the limit; a file takes at least one."""
        size = 0
        for count, line in enumerate(lines):
            size += len(line.encode()) + 1
            if not self._has_room(part, size):
                return max(count, 0 if part.rows else 1)
        return len(lines)


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise ExtractionError(
            f"{folder} cannot be written: {err.strerror or err}.",
            next_step="Look at the free space and permissions there, then extract again.",
            folder=str(folder),
        ) from err


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
