"""Columns of texts as CSV lines, as a migration's file format says; imports core."""

import re
from collections.abc import Sequence

from admw_assets.core.canonical import file_hash, source_hash
from admw_assets.core.configuration import FileFormat, FileRules
from admw_assets.samples.draws import Texts
from admw_assets.samples.sample_file import SampleFile

Hashes = list[str]


def field_text(text: str | None, file_format: FileFormat) -> str:
    """One field: NULL as the marker; quotes where the text would else be read as another."""
    if text is None:
        return file_format.null_marker
    quote = file_format.quote or ""
    special = (file_format.delimiter, quote, "\n", "\r")
    if text == file_format.null_marker or any(character in text for character in special):
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"
    return text


def csv_lines(
    sample: SampleFile, columns: Sequence[Texts], hashes: Hashes | None, file_format: FileFormat
) -> list[str]:
    """The records of these columns, without line ends; `hashes` become the last field."""
    fields = [
        _free_texts(texts, file_format) if name in sample.free_text else _plain(texts, file_format)
        for name, texts in zip(sample.columns, columns, strict=True)
    ]
    if hashes is not None:
        fields.append(hashes)
    return list(map(file_format.delimiter.join, zip(*fields, strict=True)))


def hashes_of(
    sample: SampleFile, columns: Sequence[Texts], rules: FileRules | None
) -> Hashes | None:
    """The source hash of every record, by the convention that the column's name tells."""
    if sample.hash_column is None:
        return None
    if sample.hash_column == "admw_source_hash":
        return [source_hash(row) for row in zip(*columns, strict=True)]
    hashed = (rules and rules.source_hash_columns) or sample.columns
    chosen = [columns[sample.columns.index(name)] for name in hashed]
    return [file_hash(row) for row in zip(*chosen, strict=True)]


def _plain(texts: Texts, file_format: FileFormat) -> list[str]:
    return [file_format.null_marker if text is None else text for text in texts]


def _free_texts(texts: Texts, file_format: FileFormat) -> list[str]:
    quote = re.escape(file_format.quote or "")
    needs_quotes = re.compile(rf"[\r\n{quote}{re.escape(file_format.delimiter)}]").search
    return [
        text
        if text and text != file_format.null_marker and not needs_quotes(text)
        else field_text(text, file_format)
        for text in texts
    ]
