"""Gives complete files their names, and looks after what an earlier extraction left behind.

Imports core. The manifest is written before the first rename, so a process that dies in between
is finished by the next one.
"""

import hashlib
import logging
from dataclasses import replace
from pathlib import Path

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import DataFileChanged, DataFileError
from admw_assets.extraction.manifest import (
    Manifest,
    TableEntry,
    TableState,
    sync_folder,
    write_manifest,
)
from admw_assets.extraction.part_file import DataFile, partial_path

log = logging.getLogger(__name__)


def publish(folder: Path, manifest: Manifest, table: str, entry: TableEntry) -> Manifest:
    """Put a table's files into their place; returns the manifest as it now stands in the folder."""
    write_manifest(folder, manifest.with_table(table, entry))
    return _settled(folder, manifest.with_table(table, entry), table)


def settle(folder: Path, manifest: Manifest) -> Manifest:
    """Finish what was being published when an earlier extraction died, remove what was not."""
    for table, entry in manifest.tables.items():
        if entry.state is TableState.PUBLISHING:
            manifest = _settled(folder, manifest, table)
    for path in folder.glob(".*~*.partial"):
        if _is_ours(path):
            log.info("Removed %s: its table had not been complete", path.name)
            path.unlink()
    return manifest


def require_whole(folder: Path, table: str, entry: TableEntry) -> list[str]:
    """The names of files that have been taken away; raises DataFileChanged for altered ones."""
    gone: list[str] = []
    for file in entry.files:
        path = folder / file.name
        if not path.exists():
            gone.append(file.name)
        elif not _is_same(path, file):
            raise DataFileChanged(
                f"{path} is not the file any more that was extracted.",
                next_step=f"Look at it, then extract again with --restart --table {table}.",
                file=file.name,
                table=table,
            )
    return gone


def _settled(folder: Path, manifest: Manifest, table: str) -> Manifest:
    entry = manifest.tables[table]
    kept = {file.name for file in entry.files}
    for name in entry.replaced:
        if name not in kept:
            (folder / name).unlink(missing_ok=True)
    for file in entry.files:
        partial = partial_path(folder, file.name)
        if partial.exists():
            partial.replace(folder / file.name)
    sync_folder(folder)
    manifest = manifest.with_table(table, replace(entry, state=TableState.COMPLETE, replaced=()))
    write_manifest(folder, manifest)
    return manifest


def _is_ours(path: Path) -> bool:
    name = path.name.removeprefix(".").removesuffix(".partial")
    try:
        parse_data_file_name(name)
    except DataFileError:
        return False
    return partial_path(path.parent, name) == path


def _is_same(path: Path, file: DataFile) -> bool:
    if path.stat().st_size != file.bytes:
        return False
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
