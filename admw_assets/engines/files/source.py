"""The delivered file: opened without following links, and recognised again; core only."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote, urlsplit

from admw_assets.core.errors import DataFileError


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells that a path still holds the bytes that were read (times in nanoseconds)."""

    path: str
    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path, status: os.stat_result) -> "Identity":
        """The identity of a path with this status."""
        return cls(
            str(path),
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A delivered file, open for reading."""

    path: Path
    file: BufferedReader
    identity: Identity

    def require_unchanged(self) -> None:
        """Raise DataFileError where the file was written to, or replaced, since it was opened."""
        try:
            now = Identity.of(self.path, self.path.lstat())
        except FileNotFoundError:
            now = None
        if now != self.identity:
            raise DataFileError(
                f"{self.path.name} changed while it was being read.",
                next_step="Wait until it has been delivered completely, then start again. "
                "Deliver under another name and rename at the end.",
                file=self.path.name,
            )


def local_path(location: str) -> Path:
    """The path of a location, which is a path or a `file:` URI."""
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path)).absolute()
    return Path(location).absolute()


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a regular file for reading.

    Symbolic links are refused, since whoever may write into the landing folder could make one
    point anywhere. Raises DataFileError where there is no file, or none that may be read.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as err:
        raise _cannot_open(path, err) from err
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise DataFileError(
            f"{path} is {kind}.", next_step="Give the data file itself.", file=path.name
        )
    with os.fdopen(descriptor, "rb") as file:
        yield Source(path, file, Identity.of(path, status))


def sha256_of(file: BufferedReader) -> str:
    """SHA-256 hex of everything in an open file, which is left at its beginning."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def _cannot_open(path: Path, err: OSError) -> DataFileError:
    if path.is_symlink():
        return DataFileError(
            f"{path} is a symbolic link.",
            next_step="Deliver the file itself; links are not followed.",
            file=path.name,
        )
    if isinstance(err, FileNotFoundError):
        return DataFileError(
            f"There is no file {path}.",
            next_step="Check the path; a file that was finished before lies in the archive.",
            file=path.name,
        )
    return DataFileError(
        f"{path} cannot be opened: {err.strerror}.",
        next_step="Let the user that runs ADMW read the file.",
        file=path.name,
    )
