"""What stands beside an archive: whose content it holds, and the hashes to prove it; core only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from admw_assets.core.errors import ArchiveError
from admw_assets.core.ports import ArchivedFile
from admw_assets.engines.storage.durable import flush_to_disk, new_file, publish

_SUFFIX = ".manifest.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Content:
    """A file's name, size in bytes and SHA-256 hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One archive and the source file that it holds."""

    source: Content
    archive: Content
    compression: str

    def describes(self, folder: Path) -> ArchivedFile:
        """The archive in this folder, as the steps know it."""
        archive = folder / self.archive.name
        return ArchivedFile(
            location=str(archive),
            manifest=str(manifest_path(archive)),
            source_sha256=self.source.sha256,
            archive_sha256=self.archive.sha256,
            source_size=self.source.size,
            archive_size=self.archive.size,
        )


def manifest_path(archive: Path) -> Path:
    """Where the manifest of an archive lies."""
    return archive.with_name(archive.name + _SUFFIX)


def write_manifest(folder: Path, manifest: Manifest, facts: Mapping[str, object]) -> None:
    """Write the manifest of an archive in this folder, in place of an earlier one.

    `facts` are kept as they are; what JSON has no form for is written as text.
    """
    document = {
        "version": _VERSION,
        "source": _document(manifest.source),
        "archive": _document(manifest.archive),
        "compression": manifest.compression,
        "facts": dict(facts),
    }
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    target = manifest_path(folder / manifest.archive.name)
    with new_file(target) as (file, temporary):
        file.write(f"{text}\n".encode())
        flush_to_disk(file)
        publish(temporary, target, replace=True)


def read_manifest(archive: Path) -> Manifest | None:
    """The manifest of an archive, None where there is none; raises ArchiveError if it is broken."""
    path = manifest_path(archive)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(
            Content(**document["source"]), Content(**document["archive"]), document["compression"]
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as err:
        raise _broken(path) from err
    names = (manifest.source.name, manifest.archive.name)
    if manifest.archive.name != archive.name or any(PurePath(n).name != n for n in names):
        raise _broken(path)
    return manifest


def _document(content: Content) -> dict[str, object]:
    return {"name": content.name, "size": content.size, "sha256": content.sha256}


def _broken(path: Path) -> ArchiveError:
    return ArchiveError(
        f"{path} is no manifest that ADMW has written.",
        next_step="Move it and its archive aside, and look at both before starting again.",
        manifest=str(path),
    )
