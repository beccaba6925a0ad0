"""A staging area in S3 behind the work folder of each machine (port StagingArea); core only.

`work/<file>/<table>/...` on a machine is `s3://bucket/<file>/<table>/...`. Spark reads and writes
there by itself; all other files are brought there and back.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from admw_assets.engines.storage.s3 import S3, S3Object, is_s3
from admw_assets.engines.storage.s3_landing import Landing


class S3Staging:
    """The staging area of several machines; `work` is this one's folder, resolved."""

    def __init__(self, s3: S3, bucket: str, work: Path, landing: Landing) -> None:
        self._s3 = s3
        self._root = f"s3://{bucket}"
        self._work = work
        self._landing = landing
        self._read: set[S3Object] = set()

    def clear(self, folder: Path) -> None:
        """Make the folder anew, and remove what is in S3 of it."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._s3.remove(self._s3.list(self._uri(folder)))

    def to_read(self, file: Path) -> str:
        """The delivered object itself; a file made on this machine is put into the area first."""
        source = self._landing.source_of(file)
        if source is not None:
            self._read.add(source)
            return source.uri
        if file.exists():
            self._s3.put(file, self._uri(file))
        return self._uri(file)

    def to_write(self, folder: Path) -> str:
        """The folder in S3."""
        return self._uri(folder)

    def parts(self, folder: Path) -> tuple[Path, ...]:
        """The part files that are in S3, by name."""
        return tuple(
            sorted(folder / found.name for found in self._s3.list(self._uri(folder), "part-"))
        )

    def share(self, folder: Path) -> str:
        """Upload what this machine has made, the folder's own files last; returns the URI."""
        for source in self._read:
            self._landing.require_unchanged(source)
        self._read.clear()
        root = self._uri(folder)
        there = {found.uri for found in self._s3.list(root)}
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        for file in sorted(files, key=lambda path: path.parent == folder):
            if file.parent == folder or self._uri(file) not in there:
                self._s3.put(file, self._uri(file))
        return root

    def fetch(self, reference: str, names: Iterable[str] | None = None) -> Path:
        """The folder on this machine, with what is in S3."""
        if not is_s3(reference):
            return Path(reference)
        folder = self._folder(reference)
        found = {self._below(reference, entry): entry for entry in self._s3.list(reference)}
        if names is None:
            shutil.rmtree(folder, ignore_errors=True)
            chosen = found
        else:
            chosen = {name: found[name] for name in names if name in found}
        folder.mkdir(parents=True, exist_ok=True)
        self._s3.fetch_all((entry, folder / name) for name, entry in chosen.items())
        return folder

    def holds(self, reference: str, names: Iterable[str]) -> bool:
        """Whether S3 has all files of these names below the folder."""
        if not is_s3(reference):
            return all((Path(reference) / name).exists() for name in names)
        found = {self._below(reference, entry) for entry in self._s3.list(reference)}
        return found.issuperset(names)

    def free(self, reference: str) -> None:
        """Remove the parts in S3 and here; the folder's own files stay."""
        folder = self._folder(reference) if is_s3(reference) else Path(reference)
        for child in folder.iterdir() if folder.exists() else ():
            if child.is_dir():
                shutil.rmtree(child)
        if is_s3(reference):
            self._s3.remove(
                entry for entry in self._s3.list(reference) if "/" in self._below(reference, entry)
            )

    def _uri(self, path: Path) -> str:
        return f"{self._root}/{path.absolute().relative_to(self._work).as_posix()}"

    def _folder(self, reference: str) -> Path:
        return self._work / reference.partition("://")[2].partition("/")[2]

    def _below(self, reference: str, entry: S3Object) -> str:
        return entry.uri.removeprefix(f"{reference.rstrip('/')}/")
