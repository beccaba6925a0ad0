"""The CSV of golden cases, which tells NULL from the empty text; imports core.errors only.

RFC 4180 with LF: NULL is an unquoted empty field, the empty text a quoted one.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

Cell = str | None

_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",\r\n]*)')
_SEPARATOR = re.compile(r"(,)|\r\n|\n|\Z")


def write_cells(rows: Iterable[Iterable[Cell]]) -> str:
    """The text of a file; its first row is the header."""
    return "".join(",".join(map(_written, row)) + "\n" for row in rows)


def read_cells(path: Path) -> list[tuple[Cell, ...]]:
    """All rows of a file, the header first; raises ConfigurationError with the line at fault."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigurationError(
            f"{path} cannot be read: {err}.", next_step="Write it in UTF-8, or delete the case."
        ) from err
    return list(_rows(text, path))


def _rows(text: str, path: Path) -> Iterator[tuple[Cell, ...]]:
    at, row = 0, list[Cell]()
    while at < len(text) or row:
        field = _FIELD.match(text, at)
        after = _SEPARATOR.match(text, field.end()) if field else None
        if field is None or after is None:
            raise ConfigurationError(
                f"{path}, line {text.count(chr(10), 0, at) + 1}: the quotes do not fit.",
                next_step='Put quotes around the whole field and double those inside: "a ""b""".',
            )
        row.append(field[1].replace('""', '"') if field[1] is not None else field[2] or None)
        at = after.end()
        if after[1] is None:
            if row != [None]:  # a blank line is no row
                yield tuple(row)
            row = []


def _written(value: Cell) -> str:
    if value is None:
        return ""
    if value and not any(c in value for c in ',"\r\n') and value.strip() == value:
        return value
    return '"' + value.replace('"', '""') + '"'
