"""Files that are whole or not there, also after the power failed; standard library only."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4


@contextmanager
def new_file(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file beside `target`, open for writing, and its path.

    What is left of writers that died is removed; the file itself goes with the block, unless
    `publish` has given it its name by then. Living writers are told by their lock.
    """
    remove_abandoned(target)
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    with temporary.open("xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file, temporary
        finally:
            temporary.unlink(missing_ok=True)


def remove_abandoned(target: Path) -> None:
    """Remove what writers of `target` left behind when they died."""
    prefix, suffix = f".{target.name}.", ".tmp"
    for entry in list(target.parent.iterdir()):
        if not (entry.name.startswith(prefix) and entry.name.endswith(suffix)):
            continue
        with suppress(FileNotFoundError, BlockingIOError), entry.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            entry.unlink()


def flush_to_disk(file: BinaryIO) -> None:
    """Wait until the file's bytes are on disk, and let the next reader fetch them from there."""
    file.flush()
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def publish(temporary: Path, target: Path, *, replace: bool) -> None:
    """Give a finished file its name; raises FileExistsError unless it may replace another."""
    if replace:
        temporary.rename(target)
    else:
        try:
            os.link(temporary, target)  # unlike a rename it never replaces
        except OSError as err:
            if err.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
                raise
            _rename_to_free_name(temporary, target)  # a file system without hard links
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename_to_free_name(temporary: Path, target: Path) -> None:
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    temporary.rename(target)
