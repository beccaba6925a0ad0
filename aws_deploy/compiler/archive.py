"""Zips that are the same bytes for the same content; imports nothing."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The one time that every entry has: the first that a zip can hold."""

UNIX, READABLE = 3, 0o100644
LEFT_OUT = {"__pycache__", ".DS_Store", ".ipynb_checkpoints"}


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder that is no by-product, sorted."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts) and path.suffix != ".pyc"
    )


def write_zip(target: Path, entries: Iterable[tuple[str, bytes]]) -> Path:
    """Write entries (name, content), sorted by name, with one fixed time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    content: Mapping[str, bytes] = dict(entries)
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.create_system, entry.external_attr = UNIX, READABLE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content[name])
    return partial.replace(target)


def zip_folder(folder: Path, target: Path) -> Path:
    """A folder as a zip, names relative to it."""
    return write_zip(
        target,
        ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files_below(folder)),
    )
