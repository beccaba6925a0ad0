"""Data files that lie in S3, brought onto this machine (port FileReader); imports core."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import DataFileError
from admw_assets.core.ports import FileReader, OpenedFile, RawRecord
from admw_assets.engines.storage.s3 import S3, S3Object, is_s3

_FOLDER = "delivered-file"  # beside the folders of staged parts, which are called like tables


class Landing:
    """Fetches delivered objects once and remembers which object a local copy is of."""

    def __init__(self, s3: S3, work: Path) -> None:
        self._s3 = s3
        self._work = work
        self._fetched: dict[Path, S3Object] = {}

    def find(self, uri: str) -> S3Object | None:
        """The object as it is now; None where there is none (any more)."""
        return self._s3.find(uri)

    def fetch(self, uri: str) -> Path:
        """A copy of the object on this machine; raises DataFileError where there is none."""
        now = self.find(uri)
        if now is None:
            raise DataFileError(
                f"There is no file {uri}.",
                next_step="Check the name; a file that was finished before lies in the archive.",
                file=uri.rpartition("/")[2],
            )
        path = self.path_of(uri)
        if self._fetched.get(path) != now or not path.exists():
            self._s3.fetch(now, path)
            self._fetched[path] = now
        return path

    def path_of(self, uri: str) -> Path:
        """Where the copy is, or will be."""
        name = uri.rpartition("/")[2]
        return self._work / name / _FOLDER / name

    def source_of(self, path: Path) -> S3Object | None:
        """The object that a file of this machine is a copy of."""
        return self._fetched.get(path)

    def require_unchanged(self, source: S3Object) -> None:
        """Raise DataFileError where another object has taken that one's place."""
        if self.find(source.uri) != source:
            raise DataFileError(
                f"{source.name} changed while it was being read.",
                next_step="Give the new delivery a name of its own and start again.",
                file=source.name,
            )

    def sha256(self, uri: str) -> str | None:
        """SHA-256 hex of the object; None where there is none (any more)."""
        now = self.find(uri)
        return None if now is None else self._s3.sha256(now)

    def put(self, file: Path, uri: str) -> None:
        """Deliver a file (again)."""
        self._s3.put(file, uri)

    def remove(self, source: S3Object) -> None:
        """Remove a delivered object that has not changed; raises DataFileError otherwise."""
        self.require_unchanged(source)
        self._s3.remove([source])


class S3FileReader:
    """Opens files in S3 by fetching them for `reader`; implements FileReader."""

    def __init__(self, reader: FileReader, landing: Landing) -> None:
        self._reader = reader
        self._landing = landing

    def open(self, location: str, file_format: FileFormat) -> OpenedFile:
        """Fetch, unpack, check and scan; raises DataFileError with the reason."""
        local = str(self._landing.fetch(location)) if is_s3(location) else location
        return self._reader.open(local, file_format)

    def records_of(self, opened: OpenedFile, numbers: Iterable[int]) -> Iterator[RawRecord]:
        """The original bytes of these records (ascending numbers), without their line end."""
        return self._reader.records_of(opened, numbers)

    def sha256(self, location: str) -> str | None:
        """SHA-256 hex of the delivered bytes; None where there is no such file (any more)."""
        if not is_s3(location):
            return self._reader.sha256(location)
        return self._landing.sha256(location)

    def write_records(
        self, opened: OpenedFile, file_format: FileFormat, records: Iterable[bytes], target: Path
    ) -> None:
        """Write a data file like `opened` with these records."""
        self._reader.write_records(opened, file_format, records, target)
