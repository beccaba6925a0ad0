"""`extract.json`: what stands in a folder of extracted files, and where it comes from.

Imports core only. The folder's files are complete when their table's state is COMPLETE; a table
in state PUBLISHING has complete files that may not all have their names yet.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from admw_assets.core.errors import ConfigurationError
from admw_assets.extraction.part_file import DataFile

MANIFEST_FILE = "extract.json"
VERSION = 1


class TableState(StrEnum):
    """How far a table's files have come."""

    PUBLISHING = "publishing"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of the source that one or more tables were read at (UTC, ISO 8601)."""

    taken_at: str
    kind: str
    workers: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column in file order, its type in the source, and how its values are written."""

    name: str
    type: str
    written_as: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table's files; `snapshot` is the `taken_at` of the moment it shows.

    `quoted_newlines`: a text holds line ends, which the migration's format must allow.
    `replaced` are files of an earlier extraction that go when these get their names.
    """

    state: TableState
    snapshot: str
    rows: int
    where: str | None
    hash: str
    hash_columns: tuple[str, ...] | None
    compression: str
    quoted_newlines: bool
    seconds: float
    columns: tuple[ColumnEntry, ...]
    left_out: Mapping[str, str]
    notes: tuple[str, ...]
    files: tuple[DataFile, ...]
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of extract.json; `source` has no user, no password and no options."""

    source: str
    made_with: str
    snapshots: tuple[Snapshot, ...]
    tables: Mapping[str, TableEntry]

    def with_table(self, name: str, entry: TableEntry) -> "Manifest":
        """The manifest with this table's entry, tables by name, without unused snapshots."""
        tables = dict(sorted((dict(self.tables) | {name: entry}).items()))
        used = {entry.snapshot for entry in tables.values()}
        kept = tuple(s for s in self.snapshots if s.taken_at in used)
        return replace(self, tables=tables, snapshots=kept)

    def with_snapshot(self, snapshot: Snapshot) -> "Manifest":
        """The manifest with this snapshot, which a table is going to show."""
        others = tuple(s for s in self.snapshots if s.taken_at != snapshot.taken_at)
        return replace(self, snapshots=(*others, snapshot))

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"version": VERSION, **asdict(self)}


def read_manifest(folder: Path) -> Manifest | None:
    """The folder's manifest, None where it has none; raises ConfigurationError if it is broken."""
    path = folder / MANIFEST_FILE
    try:
        return _manifest(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as err:
        raise ConfigurationError(
            f"{path} is no manifest that this version of ADMW has written.",
            next_step="Give another --out, or move the file aside.",
        ) from err


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the folder's manifest, whole or not at all."""
    path = folder / MANIFEST_FILE
    temporary = path.with_name(f".{MANIFEST_FILE}.partial")
    text = json.dumps(manifest.document(), indent=2, ensure_ascii=False)
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest(document: dict[str, Any]) -> Manifest:
    if document["version"] != VERSION:
        raise ValueError
    return Manifest(
        source=document["source"],
        made_with=document["made_with"],
        snapshots=tuple(Snapshot(**snapshot) for snapshot in document["snapshots"]),
        tables={name: _entry(entry) for name, entry in document["tables"].items()},
    )


def _entry(document: dict[str, Any]) -> TableEntry:
    chosen = document["hash_columns"]
    return TableEntry(
        **document
        | {
            "state": TableState(document["state"]),
            "hash_columns": None if chosen is None else tuple(chosen),
            "columns": tuple(ColumnEntry(**column) for column in document["columns"]),
            "notes": tuple(document["notes"]),
            "files": tuple(DataFile(**file) for file in document["files"]),
            "replaced": tuple(document["replaced"]),
        }
    )
