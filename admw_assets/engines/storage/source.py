"""The source file of an archive: opened once, hashed, recognised again; imports core only."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote, urlsplit

from admw_assets.core.errors import ArchiveError
from admw_assets.engines.storage.content import open_content
from admw_assets.engines.storage.manifest import Content

EXPECTED_SHA256 = "file_sha256"
"""A fact that the archiver checks: the SHA-256 of the source when it was loaded."""


@dataclass(frozen=True, slots=True)
class HashedSource:
    """A source file as it was hashed, open for reading."""

    path: Path
    file: BufferedReader
    status: os.stat_result
    content: Content

    def is_unchanged(self) -> bool:
        """False where the path holds another file, or the file was written to."""
        now = self.path.lstat()
        return all(
            getattr(now, name) == getattr(self.status, name)
            for name in ("st_dev", "st_ino", "st_size", "st_mtime_ns", "st_ctime_ns")
        )


def local_path(location: str) -> Path:
    """The path of a location, which is a path or a `file:` URI."""
    if location.startswith("file:"):
        return Path(unquote(urlsplit(location).path)).absolute()
    return Path(location).absolute()


@contextmanager
def hashed_source(path: Path) -> Iterator[HashedSource]:
    """Open and hash a source; raises ArchiveError where it is no regular file."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ArchiveError(
            f"{path} is no regular file.",
            next_step="Only files are archived; links are not followed.",
            file=path.name,
        )
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        yield HashedSource(path, file, status, open_content(path.name, file))


def require_expected(source: HashedSource, facts: Mapping[str, object]) -> None:
    """Raise ArchiveError where `facts` name another SHA-256 than the source has."""
    expected = facts.get(EXPECTED_SHA256)
    if expected and expected != source.content.sha256:
        raise ArchiveError(
            f"{source.path} is not the file that was loaded (SHA-256 {str(expected)[:12]}…, now "
            f"{source.content.sha256[:12]}…).",
            next_step="Put the loaded file back, and give the new one a name of its own.",
            file=source.content.name,
        )
