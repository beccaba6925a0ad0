"""What requirements.lock says: the pinned lines of some packages and of all that they need.

Which package is there because of which stands in its `# via` comments. Imports core only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package; `lines` as a requirements file wants them, with hashes."""

    name: str
    version: str
    lines: tuple[str, ...]
    needed_by: frozenset[str]


def read_lock(path: Path) -> dict[str, Pinned]:
    """Every package of a lock file, by name."""
    blocks: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if PINNED.match(line):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    return {pinned.name: pinned for pinned in map(_pinned, blocks)}


def closure(lock: dict[str, Pinned], names: Iterable[str]) -> tuple[Pinned, ...]:
    """These packages and everything that they need, by name."""
    found: set[str] = set(names)
    for name in sorted(found - lock.keys()):
        raise ConfigurationError(
            f"requirements.lock does not pin {name!r}.",
            next_step="Add it to pyproject.toml, then: make lock.",
        )
    while more := {p.name for p in lock.values() if p.needed_by & found} - found:
        found |= more
    return tuple(lock[name] for name in sorted(found))


def _pinned(block: list[str]) -> Pinned:
    match = PINNED.match(block[0])
    assert match is not None, "every block begins with such a line"
    comments = " ".join(line.strip(" #") for line in block if line.lstrip().startswith("#"))
    lines = tuple(line for line in block if line.strip() and not line.lstrip().startswith("#"))
    return Pinned(match[1], match[2], lines, frozenset(comments.removeprefix("via").split()))
