"""Paths of this machine as Spark takes them."""

from pathlib import Path

_GLOB_CHARACTERS = frozenset("\\{}[]*?")


def path_to_read(path: Path) -> str:
    """A path in which characters of patterns stand for themselves."""
    text = "".join(f"\\{c}" if c in _GLOB_CHARACTERS else c for c in str(path.absolute()))
    return f"file:{text}"


def visible_path(path: Path, folder: Path) -> Path:
    """The file, or a link to it in `folder`: Spark passes over names that begin with _ or dot."""
    if not path.name.startswith(("_", ".")):
        return path
    link = folder / "input" / f"visible{path.name}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(path.resolve())
    return link


def path_to_write(path: Path) -> str:
    """A path; Spark knows no patterns where it writes."""
    return f"file:{path.absolute()}"
