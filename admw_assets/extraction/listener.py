"""Who is told how an extraction goes on; imports nothing."""

from typing import Protocol


class ExtractListener(Protocol):
    """Hears of every table; all calls come from one thread."""

    def counted(self, table: str, rows: int) -> None:
        """The rows that the table will give, counted in the snapshot."""
        ...

    def advanced(self, table: str, rows: int, size: int) -> None:
        """So many more rows, and bytes of text, have been written."""
        ...

    def finished(self, table: str, message: str) -> None:
        """The table's files are complete."""
        ...

    def noted(self, message: str) -> None:
        """Something that a person should know, not about one table."""
        ...


class Silence:
    """Tells nobody."""

    def counted(self, table: str, rows: int) -> None:
        """Nothing."""

    def advanced(self, table: str, rows: int, size: int) -> None:
        """Nothing."""

    def finished(self, table: str, message: str) -> None:
        """Nothing."""

    def noted(self, message: str) -> None:
        """Nothing."""
