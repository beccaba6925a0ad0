"""Reading staged parts (the form is described in core.ports.StagedRows) row by row.

For the databases that cannot read a part themselves. Imports core only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

Value = str | int | float | bytes | None
Reader = Callable[[str], Value]
T = TypeVar("T")

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}


def read_rows(part: str, readers: Sequence[Reader]) -> Iterator[tuple[Value, ...]]:
    """The rows of a part; `readers` make a value of each field's text. Raises ValueError."""
    with Path(part).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            fields = line.removesuffix("\n").split("\t")
            texts = map(unescaped, fields) if "\\" in line else fields
            yield tuple(
                None if text is None else read(text)
                for read, text in zip(readers, texts, strict=True)
            )


def batches(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of at most `size`."""
    while batch := list(islice(rows, size)):
        yield batch


def unescaped(field: str) -> str | None:
    """A staged field as the text it stands for; None for NULL."""
    if field == r"\N":
        return None
    return _ESCAPED.sub(_character, field) if "\\" in field else field


def _character(match: re.Match[str]) -> str:
    return _MEANING.get(match[1], match[1])
