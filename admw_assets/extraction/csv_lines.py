"""Rows as CSV lines with their source hash; imports core.

RFC 4180 with LF: NULL is an unquoted empty field, the empty string is `""`, and only texts that
need quotes have them. This is the file format that migrations have by default.
"""

import re
from collections.abc import Callable, Sequence

from admw_assets.core.canonical import file_hash, source_hash
from admw_assets.extraction.request import HashConvention
from admw_assets.extraction.source import Texts

_needs_quotes = re.compile(r'[",\r\n]').search

RowHasher = Callable[[Sequence[Texts]], list[str]]
"""The hashes of rows, given the texts of each column."""


def row_hasher(convention: HashConvention, positions: Sequence[int] | None) -> RowHasher | None:
    """What hashes rows; `positions` are those of the columns under `admw_file_hash`, in order."""
    if convention is HashConvention.NONE:
        return None
    if convention is HashConvention.SOURCE_HASH:
        return lambda columns: [source_hash(row) for row in zip(*columns, strict=True)]

    def hashed(columns: Sequence[Texts]) -> list[str]:
        chosen = columns if positions is None else [columns[i] for i in positions]
        return [file_hash(row) for row in zip(*chosen, strict=True)]

    return hashed


def header_line(names: Sequence[str]) -> str:
    """The first line, without its line end."""
    return ",".join(_field(name) for name in names)


def csv_lines(columns: Sequence[Texts], hasher: RowHasher | None) -> list[str]:
    """A record for each row, without its LF; line ends inside quoted fields stay."""
    fields = [
        # The common case stands here, not in a function: it is met for every field.
        [text if text and not _needs_quotes(text) else _field(text) for text in texts]
        for texts in columns
    ]
    if hasher is not None:
        fields.append(hasher(columns))
    return [",".join(row) for row in zip(*fields, strict=True)]


def _field(text: str | None) -> str:
    if text is None:
        return ""
    if text and not _needs_quotes(text):
        return text
    return '"' + text.replace('"', '""') + '"'
