"""Paths of this machine as Spark takes them; imports core.staging_area."""

from pathlib import Path

from admw_assets.core.staging_area import StagingArea

_GLOB_CHARACTERS = frozenset("\\{}[]*?")


def path_to_read(path: Path, staging: StagingArea) -> str:
    """Where Spark reads a file; characters of patterns stand for themselves."""
    uri = staging.to_read(path)
    return "".join(f"\\{c}" if c in _GLOB_CHARACTERS else c for c in uri)


def visible_path(path: Path, folder: Path) -> Path:
    """The file, or a link to it in `folder`: Spark passes over names that begin with _ or dot."""
    if not path.name.startswith(("_", ".")):
        return path
    link = folder / "input" / f"visible{path.name}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(path.resolve())
    return link
