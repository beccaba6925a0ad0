"""Where staged rows lie between the steps (port StagingArea), and the one machine's; pathlib only.

A step names staged files by their paths on its own machine. Where the steps run on different
machines, an area behind these paths is shared by all of them.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class StagingArea(Protocol):
    """Brings staged files from one step to the next, and to the machines of a Spark."""

    def clear(self, folder: Path) -> None:
        """Make a folder, or take everything out of it, wherever its files are."""
        ...

    def to_read(self, file: Path) -> str:
        """The URI under which Spark's machines read a file that is on this one."""
        ...

    def to_write(self, folder: Path) -> str:
        """The URI under which Spark's machines write into a folder."""
        ...

    def parts(self, folder: Path) -> tuple[Path, ...]:
        """The part files that Spark wrote into a folder, by name."""
        ...

    def share(self, folder: Path) -> str:
        """Make everything in a folder reachable for later steps; the reference to fetch it by.

        Raises DataFileError where a file that Spark has read is not the one it was.
        """
        ...

    def fetch(self, reference: str, names: Iterable[str] | None = None) -> Path:
        """The folder on this machine with everything in it, or with the files of these names.

        What is not there is not there in the folder either.
        """
        ...

    def holds(self, reference: str, names: Iterable[str]) -> bool:
        """Whether all files of these names, below the folder, are still there."""
        ...

    def free(self, reference: str) -> None:
        """Remove the parts, which lie in folders of their own; the folder's own files stay."""
        ...


class OneMachine:
    """The staging area of one machine: references are paths, and everything stays in place."""

    def clear(self, folder: Path) -> None:
        """Make a folder, or take everything out of it."""
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)

    def to_read(self, file: Path) -> str:
        """The file itself."""
        return f"file:{file.absolute()}"

    def to_write(self, folder: Path) -> str:
        """The folder itself."""
        return f"file:{folder.absolute()}"

    def parts(self, folder: Path) -> tuple[Path, ...]:
        """The part files in a folder, by name."""
        return tuple(sorted(folder.glob("part-*")))

    def share(self, folder: Path) -> str:
        """The folder's path."""
        return str(folder)

    def fetch(self, reference: str, names: Iterable[str] | None = None) -> Path:
        """The folder."""
        return Path(reference)

    def holds(self, reference: str, names: Iterable[str]) -> bool:
        """Whether all of these files are there."""
        return all((Path(reference) / name).exists() for name in names)

    def free(self, reference: str) -> None:
        """Remove the folders in the folder."""
        for child in Path(reference).iterdir():
            if child.is_dir():
                shutil.rmtree(child)
