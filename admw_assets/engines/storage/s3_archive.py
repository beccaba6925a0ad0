"""Archives in S3 (port Archiver): made and tested on this machine, read back from S3; core only.

The order is that of the local archiver: archive in S3, read back and compared; manifest in S3;
only then the source is removed. Wherever that is cut off, the next call goes on.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from admw_assets.core.configuration import Compression
from admw_assets.core.errors import ArchiveError
from admw_assets.core.ports import ArchivedFile
from admw_assets.engines.storage.archive import LocalArchiver
from admw_assets.engines.storage.codecs import CODECS
from admw_assets.engines.storage.manifest import manifest_path
from admw_assets.engines.storage.s3 import S3, is_s3
from admw_assets.engines.storage.s3_landing import Landing
from admw_assets.engines.storage.source import local_path

_SUFFIXES = ("", *(codec.suffix for codec in CODECS.values()))


class S3Archiver:
    """Keeps archives and their manifests in one bucket; implements Archiver."""

    def __init__(self, s3: S3, bucket: str, work: Path, landing: Landing) -> None:
        self._s3 = s3
        self._root = f"s3://{bucket}"
        self._work = work
        self._landing = landing

    def archive(
        self, location: str, compression: Compression, facts: Mapping[str, object]
    ) -> ArchivedFile:
        """Archive, read back from S3, compare, write the manifest with `facts`, remove the source.

        Repeatable from wherever it was cut off. Raises ArchiveError; the source then stays.
        """
        name = location.rpartition("/")[2]
        source = self._landing.find(location) if is_s3(location) else None
        if source is not None:
            path = self._landing.fetch(location)
            source = self._landing.source_of(path) or source
        else:
            path = self._landing.path_of(location) if is_s3(location) else local_path(location)
            if is_s3(location):
                path.unlink(missing_ok=True)
        with self._folder(name) as folder:
            there = self._fetch_earlier(name, folder)
            archived = LocalArchiver(folder).archive(str(path), compression, facts)
            archive, manifest = Path(archived.location), Path(archived.manifest)
            if archive.name not in there:
                self._s3.put(archive, self._uri(archive))
            self._require_read_back(archived)
            if source is not None or manifest.name not in there:
                self._s3.put(manifest, self._uri(manifest))
            if source is not None:
                self._landing.remove(source)
            return replace(archived, location=self._uri(archive), manifest=self._uri(manifest))

    def restore(self, location: str, target_folder: str | Path) -> Path:
        """Bring the source file of an archive back, byte for byte; the archive stays.

        Into a folder of this machine, or into S3; returns where it is on this machine.
        """
        name = location.rpartition("/")[2]
        with self._folder(name) as folder:
            for wanted in (name, manifest_path(Path(name)).name):
                found = self._s3.find(f"{location.rpartition('/')[0]}/{wanted}")
                if found is not None:
                    self._s3.fetch(found, folder / wanted)
            target = str(target_folder)
            local = self._work / name / "restored" if is_s3(target) else local_path(target)
            restored = LocalArchiver(folder).restore(str(folder / name), local)
        if is_s3(target):
            self._deliver(restored, f"{target.rstrip('/')}/{restored.name}")
        return restored

    def _deliver(self, file: Path, uri: str) -> None:
        if self._landing.find(uri) is None:
            self._landing.put(file, uri)

    def _fetch_earlier(self, name: str, folder: Path) -> set[str]:
        """Bring what an earlier call has put into the bucket; the names."""
        archives = [name + suffix for suffix in _SUFFIXES]
        wanted = {*archives, *(manifest_path(Path(archive)).name for archive in archives)}
        there: set[str] = set()
        for found in self._s3.list(self._root, name):
            if found.name in wanted and found.uri == f"{self._root}/{found.name}":
                self._s3.fetch(found, folder / found.name)
                there.add(found.name)
        return there

    def _require_read_back(self, archived: ArchivedFile) -> None:
        uri = self._uri(Path(archived.location))
        found = self._s3.find(uri)
        if found is None or self._s3.sha256(found) != archived.archive_sha256:
            raise ArchiveError(
                f"The archive {uri} cannot be trusted: read back, it is not what was written.",
                next_step="Move it aside and start again; the source has not been touched.",
                archive=uri,
            )

    def _uri(self, path: Path) -> str:
        return f"{self._root}/{path.name}"

    @contextmanager
    def _folder(self, name: str) -> Iterator[Path]:
        folder = self._work / name / "archive-file"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
