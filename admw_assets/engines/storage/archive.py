"""Archives source files and brings them back: the port Archiver on a local disk.

The order is what makes it safe: archive written and on disk, read back and compared, named;
manifest on disk; only then the source is removed. Wherever that is cut off, the next call finds
out how far it came and goes on.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from admw_assets.core.configuration import Compression
from admw_assets.core.errors import ArchiveError
from admw_assets.core.ports import ArchivedFile
from admw_assets.engines.storage.codecs import CODECS, COMPRESSED_SUFFIXES, COPY, Codec
from admw_assets.engines.storage.content import (
    content_of,
    file_content,
    packed_content,
)
from admw_assets.engines.storage.durable import (
    flush_to_disk,
    new_file,
    publish,
    remove_abandoned,
    sync_folder,
)
from admw_assets.engines.storage.manifest import (
    Content,
    Manifest,
    manifest_path,
    read_manifest,
    write_manifest,
)
from admw_assets.engines.storage.source import (
    HashedSource,
    hashed_source,
    local_path,
    require_expected,
)

log = logging.getLogger(__name__)


class LocalArchiver:
    """Keeps archives and their manifests in one folder of this machine; implements Archiver."""

    def __init__(self, folder: Path, codecs: Mapping[Compression, Codec] = CODECS) -> None:
        self._folder = folder
        self._codecs = codecs

    def archive(
        self, location: str, compression: Compression, facts: Mapping[str, object]
    ) -> ArchivedFile:
        """Archive, read back, compare, write the manifest with `facts`, remove the source.

        Repeatable from wherever it was cut off; where the source is gone and its archive whole,
        that archive comes back. Files that are compressed already are copied. Raises ArchiveError
        where the archive cannot be trusted or a file of its name holds something else; the source
        then stays.
        """
        path = local_path(location)
        with _explained(path, self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._folder.resolve() == path.parent.resolve():
                raise ArchiveError(
                    f"The archive folder is the folder of the data files: {self._folder}.",
                    next_step="Set another folder for archives.",
                )
            if not os.path.lexists(path):
                return self._finished(path)
            codec = self._codec_for(path, compression)
            with hashed_source(path) as source:
                require_expected(source, facts)
                manifest = self._archived(source, codec)
                write_manifest(self._folder, manifest, facts)
                self._remove(source)
            return manifest.describes(self._folder)

    def restore(self, location: str, target_folder: str | Path) -> Path:
        """Bring the source file of an archive back, byte for byte; the archive stays.

        Returns the file's path. Raises ArchiveError where the archive is not whole, or another
        file of that name is there.
        """
        archive, target_folder = local_path(location), local_path(str(target_folder))
        with _explained(archive, target_folder):
            manifest = self._whole(archive)
            codec = self._codec_of(archive, manifest)
            target_folder.mkdir(parents=True, exist_ok=True)
            target = target_folder / manifest.source.name
            with (
                archive.open("rb") as packed,
                new_file(target) as (file, temporary),
            ):
                restored = content_of(
                    codec, packed, manifest.source.name, manifest.source.size, file
                )
                flush_to_disk(file)
                if restored != manifest.source:
                    raise _not_whole(archive, "its content is not that of the source")
                try:
                    publish(temporary, target, replace=False)
                except FileExistsError as err:
                    if file_content(target) != manifest.source:
                        raise ArchiveError(
                            f"{target} holds another file than {archive}.",
                            next_step="Move it aside, then start again.",
                            archive=str(archive),
                        ) from err
            return target

    def _codec_for(self, path: Path, compression: Compression) -> Codec:
        return COPY if path.suffix.lower() in COMPRESSED_SUFFIXES else self._codecs[compression]

    def _codec_of(self, archive: Path, manifest: Manifest) -> Codec:
        for codec in (COPY, *self._codecs.values()):
            if codec.name == manifest.compression:
                return codec
        raise _not_whole(archive, f"nothing is known of compression {manifest.compression!r}")

    def _archived(self, source: HashedSource, codec: Codec) -> Manifest:
        """The manifest of the archive of a source, which is made unless it is there."""
        target = self._folder / (source.content.name + codec.suffix)
        if os.path.lexists(target):
            return self._taken_up(source, codec, target)
        with new_file(target) as (file, temporary):
            source.file.seek(0)
            codec.write(source.file, file, source.content.name, source.content.size)
            flush_to_disk(file)
            if packed_content(codec, temporary, source.content) != source.content:
                raise _not_whole(target, "read back, it does not hold the bytes of the source")
            archive = file_content(temporary)
            publish(temporary, target, replace=False)
        return Manifest(
            source.content, Content(target.name, archive.size, archive.sha256), codec.name
        )

    def _taken_up(self, source: HashedSource, codec: Codec, target: Path) -> Manifest:
        """The manifest of an archive that an earlier call has made, once its content is proved."""
        if target.is_symlink() or packed_content(codec, target, source.content) != source.content:
            raise ArchiveError(
                f"{target} is there already and does not hold {source.path}.",
                next_step="Compare the two. If the archive is of an earlier delivery, give the "
                "new one a name of its own; if it is damaged, move it aside and start again.",
                file=source.content.name,
                archive=str(target),
            )
        remove_abandoned(target)
        log.info("%s is there already and whole", target)
        return Manifest(source.content, file_content(target), codec.name)

    def _remove(self, source: HashedSource) -> None:
        if not source.is_unchanged():
            raise ArchiveError(
                f"{source.path} changed while it was being archived; it stays where it is.",
                next_step="Find out who writes to it. Give a new delivery a name of its own.",
                file=source.content.name,
            )
        source.path.unlink()
        sync_folder(source.path.parent)

    def _finished(self, path: Path) -> ArchivedFile:
        """The archive of a source that is gone, under whatever setting it was made."""
        codecs = [COPY] if path.suffix.lower() in COMPRESSED_SUFFIXES else self._codecs.values()
        for codec in codecs:
            archive = self._folder / (path.name + codec.suffix)
            if os.path.lexists(archive):
                manifest = self._whole(archive)
                if manifest.source.name == path.name:
                    return manifest.describes(self._folder)
        raise ArchiveError(
            f"There is neither {path} nor an archive of it in {self._folder}.",
            next_step="Find the file: nothing here has removed it.",
            file=path.name,
        )

    def _whole(self, archive: Path) -> Manifest:
        """The manifest of an archive that has the bytes it was written with."""
        if not archive.is_file() or archive.is_symlink():
            raise _not_whole(archive, "it is no file")
        manifest = read_manifest(archive)
        if manifest is None:
            raise _not_whole(archive, f"it has no {manifest_path(archive).name}")
        if file_content(archive) != manifest.archive:
            raise _not_whole(archive, "its bytes are not those that its manifest names")
        return manifest


def _not_whole(archive: Path, reason: str) -> ArchiveError:
    return ArchiveError(
        f"The archive {archive} cannot be trusted: {reason}.",
        next_step="Check the disk. Where the source is still there, it has not been touched: "
        "start again.",
        archive=str(archive),
    )


@contextmanager
def _explained(path: Path, folder: Path) -> Iterator[None]:
    """Turn what the system says about files into an ArchiveError."""
    try:
        yield
    except OSError as err:
        raise ArchiveError(
            f"{path.name} could not be archived or restored: {err.strerror or err}"
            f"{f' ({err.filename})' if err.filename else ''}.",
            next_step=f"Check free space and permissions in {folder} and {path.parent}, then "
            "start again; nothing that is not safe elsewhere was removed.",
            file=path.name,
        ) from err
