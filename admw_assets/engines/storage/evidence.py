"""The files of a home folder as evidence (port Evidence); imports core only."""

from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.manifest import HashedFile, ManifestEntry
from admw_assets.engines.storage.content import file_content
from admw_assets.engines.storage.durable import flush_to_disk, new_file, publish


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """A home folder; manifests lie in `home/manifests`."""

    home: Path

    @property
    def _manifests(self) -> Path:
        return self.home / "manifests"

    def describe(self, path: str) -> HashedFile | None:
        """A file by its path, absolute or below home; a link counts as no file."""
        file = self.home / path
        if file.is_symlink() or not file.is_file():
            return None
        content = file_content(file)
        return HashedFile(self._named(file), content.size, content.sha256)

    def files_in(self, folder: str, prefix: str = "") -> list[HashedFile]:
        """The files of a folder whose names begin like this, by name; none that are half done."""
        chosen = [name for name in _names_in(self.home / folder) if name.startswith(prefix)]
        found = [self.describe(str(self.home / folder / name)) for name in chosen]
        return [file for file in found if file is not None]

    def write_manifest(self, entry: ManifestEntry) -> None:
        """Write the manifest's file, unless it is there."""
        target = self._manifests / entry.name
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with new_file(target) as (file, temporary):
            file.write(entry.document.encode())
            flush_to_disk(file)
            publish(temporary, target, replace=False)

    def read_manifest(self, name: str) -> bytes | None:
        """The bytes of a manifest's file."""
        path = self._manifests / name
        return path.read_bytes() if path.is_file() else None

    def manifest_names(self) -> list[str]:
        """The names of all manifests' files."""
        return _names_in(self._manifests)

    def _named(self, path: Path) -> str:
        """The path below home, so that home can be moved; others as they are."""
        absolute, home = path.absolute(), self.home.absolute()
        return str(absolute.relative_to(home) if absolute.is_relative_to(home) else absolute)


def _names_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
