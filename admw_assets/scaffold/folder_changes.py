"""Writing a generated folder again without losing what people edited; imports core.errors only.

`.admw-new.json` keeps the SHA-256 of every file as it was generated last. A file that still has
that hash is nobody's work and is written anew; one that was edited stays, and where the generated
version has changed since, that is put beside it as `*.new`.
"""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

RECORD_FILE = ".admw-new.json"
_BESIDE = ".new"


class Action(StrEnum):
    """What happens to one file of the folder."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"  # generated once, unedited, and no longer part of the folder
    BESIDE = "beside"  # edited: the new version is written as *.new
    KEEP = "keep"  # edited or removed by hand, and nothing new
    SAME = "same"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file: what is there, and what the generated version is (None: none)."""

    path: str
    action: Action
    before: bytes | None
    after: bytes | None

    @property
    def target(self) -> str:
        """The path that is written."""
        return self.path + _BESIDE * (self.action is Action.BESIDE)

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff, without line ends; nothing where either is no text."""
        try:
            old, new = ((data or b"").decode().splitlines() for data in (self.before, self.after))
        except UnicodeDecodeError:
            return
        yield from difflib.unified_diff(old, new, self.path, self.target, lineterm="")


@dataclass(frozen=True, slots=True)
class Record:
    """What `.admw-new.json` remembers: how the folder was made, and the hash of each file."""

    name: str = ""
    transforms: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict[str, str])


def read_record(root: Path) -> Record | None:
    """The record of a folder; None where `admw new` has not made it."""
    path = root / RECORD_FILE
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Record(data["name"], tuple(data["transforms"]), dict(data["files"]))
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise ConfigurationError(
            f"{path.name} in {str(root)!r} cannot be read.",
            next_step="Restore it, or delete it: then every file counts as edited.",
        ) from err


def plan_changes(
    root: Path, generated: Mapping[str, bytes], record: Record, required: Sequence[str]
) -> list[FileChange]:
    """What writing these files would do, in the order of their paths; touches nothing.

    A file that was removed by hand stays away, unless it is `required`.
    """
    changes = [
        _change(path, _read(root / path), after, record.files.get(path), path in required)
        for path, after in sorted(generated.items())
    ]
    for path in sorted(set(record.files) - set(generated)):
        before = _read(root / path)
        if before is not None:
            gone = _hash(before) == record.files[path]
            changes.append(FileChange(path, Action.REMOVE if gone else Action.KEEP, before, None))
    return changes


def write_changes(root: Path, changes: Sequence[FileChange], record: Record) -> None:
    """Carry the changes out, then remember them."""
    for change in changes:
        path = root / change.target
        if change.action is Action.REMOVE:
            path.unlink()
            _remove_empty_folders(path.parent, root)
        elif change.after is not None and change.action in _WRITTEN:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.after)
    known = {c.path: _hash(c.after) for c in changes if c.after is not None}
    document = {"name": record.name, "transforms": list(record.transforms), "files": known}
    root.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    partial = root / f"{RECORD_FILE}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(root / RECORD_FILE)


_WRITTEN = (Action.CREATE, Action.UPDATE, Action.BESIDE)


def _change(
    path: str, before: bytes | None, after: bytes, recorded: str | None, required: bool
) -> FileChange:
    unchanged = recorded == _hash(after)
    if before is None:
        away = recorded is not None and not required
        action = Action.KEEP if away else Action.CREATE
    elif before == after:
        action = Action.SAME
    elif recorded == _hash(before):
        action = Action.UPDATE
    else:
        action = Action.KEEP if unchanged else Action.BESIDE
    return FileChange(path, action, before, after)


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _remove_empty_folders(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
