"""Objects in S3 as evidence (port Evidence); imports core only."""

from admw_assets.core.manifest import HashedFile, ManifestEntry
from admw_assets.engines.storage.s3 import S3, S3Object, is_s3

_MANIFESTS = "manifests"


class S3Evidence:
    """Names are URIs; manifests lie in the archive bucket below `manifests/`."""

    def __init__(self, s3: S3, bucket: str) -> None:
        self._s3 = s3
        self._root = f"s3://{bucket}"

    def describe(self, path: str) -> HashedFile | None:
        """An object by its URI, or by its key in the archive bucket."""
        found = self._s3.find(path if is_s3(path) else f"{self._root}/{path}")
        return self._hashed(found) if found else None

    def files_in(self, folder: str, prefix: str = "") -> list[HashedFile]:
        """The objects of a folder, not those below it, whose names begin like this, by name."""
        root = folder if is_s3(folder) else f"{self._root}/{folder}"
        found = self._s3.list(root, prefix)
        return [self._hashed(f) for f in found if f.uri == f"{root.rstrip('/')}/{f.name}"]

    def write_manifest(self, entry: ManifestEntry) -> None:
        """Put the manifest's object, unless it is there."""
        uri = f"{self._root}/{_MANIFESTS}/{entry.name}"
        if self._s3.find(uri) is None:
            self._s3.put_text(entry.document, uri)

    def read_manifest(self, name: str) -> bytes | None:
        """The bytes of a manifest's object."""
        found = self._s3.find(f"{self._root}/{_MANIFESTS}/{name}")
        return b"".join(self._s3.read(found)) if found else None

    def manifest_names(self) -> list[str]:
        """The names of all manifests' objects."""
        return [found.name for found in self._s3.list(f"{self._root}/{_MANIFESTS}")]

    def _hashed(self, found: S3Object) -> HashedFile:
        return HashedFile(found.uri, found.size, self._s3.sha256(found))
