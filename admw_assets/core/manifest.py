"""The manifests of finished files, each carrying the hash of the one before; core.step, pydantic.

A manifest names everything that proves a file's migration: the file, the code and configuration,
the counts, the reports and the archives with their hashes. Whoever alters any of them, or a
manifest, or takes one out, breaks a hash somewhere.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from pydantic import TypeAdapter

from admw_assets.core.step import Counts, Stage

VERSION = 1


class ManifestReason(StrEnum):
    """Why a manifest was written."""

    ARCHIVED = "archived"
    RENEWED = "renewed"  # rows came later: a replay, or released by the final stage
    TAKEN_BACK = "taken back"  # a stage was undone: what earlier manifests name holds no more


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file by its path below the home folder: size in bytes, SHA-256 hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StageProof:
    """What one stage of one table came to; `checks` are the verdicts of its reconciliation."""

    table: str
    stage: Stage
    run_id: str
    counts: Counts
    checks: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class ManifestContent:
    """What is known of one file; size in bytes, `replays` the identities of its replays."""

    reason: ManifestReason
    file: str
    file_sha256: str
    migration: str
    migration_fingerprint: str
    code_version: str
    file_size: int = 0
    stages: tuple[StageProof, ...] = ()
    reports: tuple[HashedFile, ...] = ()
    archives: tuple[HashedFile, ...] = ()
    replays: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[HashedFile, ...]:
        """All files that must be as they were."""
        return self.reports + self.archives


@dataclass(frozen=True, slots=True)
class Manifest:
    """One link of the chain; `previous` is the SHA-256 of the manifest before, empty in the first.

    `created_at` is a UTC ISO text.
    """

    number: int
    previous: str
    created_at: str
    content: ManifestContent
    version: int = field(default=VERSION)

    def render(self) -> str:
        """The document; equal manifests give equal bytes."""
        document = TypeAdapter(Manifest).dump_python(self, mode="json")
        return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def parse_manifest(document: str) -> Manifest:
    """What `render` gave; raises ValueError for anything else."""
    return TypeAdapter(Manifest).validate_json(document)


def sha256_of(document: str) -> str:
    """SHA-256 hex of a document in UTF-8."""
    return hashlib.sha256(document.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One manifest on record; `sha256` is that of the document in UTF-8."""

    number: int
    file: str
    sha256: str
    document: str

    @property
    def name(self) -> str:
        """The name of the manifest's file."""
        return f"{self.number:06}-{self.file}.json"


class ManifestChain(Protocol):
    """The manifests on record, in the target database."""

    def append(self, file: str, make: Callable[[int, str], str]) -> ManifestEntry:
        """Put one more on record; `make` gives the document for its number and for the hash of
        the one before."""
        ...

    def newest(self, file: str) -> ManifestEntry | None:
        """The newest manifest of a file."""
        ...

    def latest(self, limit: int) -> list[ManifestEntry]:
        """The newest manifests of all files, the newest first."""
        ...

    def entries(self) -> Iterator[ManifestEntry]:
        """All manifests by number."""
        ...


class Evidence(Protocol):
    """The files that manifests name, and the manifests' own files."""

    def describe(self, path: str) -> HashedFile | None:
        """A file by its path, absolute or below the home folder; None where there is none."""
        ...

    def files_in(self, folder: str, prefix: str = "") -> list[HashedFile]:
        """The files of a folder whose names begin like this, by name."""
        ...

    def write_manifest(self, entry: ManifestEntry) -> None:
        """Write the manifest's file, unless it is there."""
        ...

    def read_manifest(self, name: str) -> bytes | None:
        """The bytes of a manifest's file; None where there is none."""
        ...

    def manifest_names(self) -> list[str]:
        """The names of all manifests' files."""
        ...
