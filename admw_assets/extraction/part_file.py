"""One file being written: compressed, counted and hashed on its way; imports nothing."""

import gzip
import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Protocol

from admw_assets.extraction.request import FileCompression

SUFFIXES = {
    FileCompression.NONE: ".csv",
    FileCompression.GZ: ".csv.gz",
    FileCompression.ZIP: ".csv.zip",
}
_LEVEL = 6
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same rows make the same bytes, whenever


@dataclass(frozen=True, slots=True)
class DataFile:
    """A finished file: `bytes` and `sha256` as it lies there, `text_bytes` before compression."""

    name: str
    rows: int
    bytes: int
    text_bytes: int
    sha256: str


def partial_path(folder: Path, name: str) -> Path:
    """Where a file stands until its table is complete; nobody takes that for a data file."""
    return folder / f".{name}.partial"


class PartFile:
    """A file that is open for records."""

    def __init__(self, folder: Path, name: str, compression: FileCompression) -> None:
        self.name = name
        self.rows = 0
        self.text_bytes = 0
        self._stack = ExitStack()
        file = self._stack.enter_context(partial_path(folder, name).open("xb"))
        self._stored = _HashedFile(file)
        self._text = self._stack.enter_context(_text_stream(self._stored, name, compression))

    def write(self, data: bytes, rows: int) -> None:
        """Append so many records."""
        self._text.write(data)
        self.text_bytes += len(data)
        self.rows += rows

    def close(self) -> DataFile:
        """Close it, with its bytes on disk."""
        self._stack.close()
        stored = self._stored
        return DataFile(self.name, self.rows, stored.size, self.text_bytes, stored.sha256)


class _Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _HashedFile:
    """What compressors write to; it cannot seek, so no byte is written over."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


@contextmanager
def _text_stream(
    stored: _HashedFile, name: str, compression: FileCompression
) -> Iterator[_Writable]:
    """Where text is written, so that it is compressed into `stored` and on disk at the end."""
    match compression:
        case FileCompression.NONE:
            yield stored
        case FileCompression.GZ:
            with gzip.GzipFile("", "wb", _LEVEL, stored, mtime=0) as text:  # type: ignore[arg-type]
                yield text
        case FileCompression.ZIP:
            member = zipfile.ZipInfo(PurePath(name).stem, _FIRST_ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            with (
                zipfile.ZipFile(stored, "w", compresslevel=_LEVEL) as archive,  # type: ignore[arg-type]
                archive.open(member, "w", force_zip64=True) as text,
            ):
                yield text
    stored.sync()
