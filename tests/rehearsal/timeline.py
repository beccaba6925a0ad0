"""The rehearsal's timeline: what happened when, printed as it happens; imports rich."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Timeline:
    """Prints a line for each thing that happens, and keeps what each part came to."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = time.monotonic()
        self._parts: list[tuple[str, str, float]] = []

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begun

    @property
    def failed(self) -> bool:
        """Whether a part has failed."""
        return any(result == "FAILED" for _, result, _ in self._parts)

    def note(self, text: str, style: str = "") -> None:
        """Something has happened."""
        self._console.print(
            f"{self.seconds:7.1f} s  {text}", style=style, soft_wrap=True, markup=False
        )

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        """A part of the rehearsal, timed; one that fails is shown as such."""
        begun = self.seconds
        self.note(title, "bold")
        try:
            yield
        except BaseException:
            self._parts.append((title, "FAILED", self.seconds - begun))
            raise
        self._parts.append((title, "passed", self.seconds - begun))

    def show(self, counts: dict[str, tuple[int, int]]) -> None:
        """The parts with their times, and the rows of local run and AWS by table."""
        parts = Table("part", "result", "seconds", box=None, title="The rehearsal")
        for title, result, seconds in self._parts:
            colour = "green" if result == "passed" else "red"
            parts.add_row(title, f"[{colour}]{result}[/]", f"{seconds:.1f}")
        self._console.print(parts)
        if counts:
            tables = Table("table", "rows locally", "rows on AWS", box=None, title="Parity")
            for table, (local, aws) in counts.items():
                tables.add_row(table, f"{local:,}", f"{aws:,}")
            self._console.print(tables)
        self._console.print(f"{self.seconds:.0f} seconds in all.")
