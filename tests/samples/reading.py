"""A second reading of the sample files, in plain Python: records, NULL apart from ""."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from admw_assets.core.configuration import FileFormat, MigrationConfiguration
from admw_assets.core.ddl import parse_schema
from admw_assets.core.schema import Schema

SUPERMARKET = Path(__file__).parents[2] / "admw_assets" / "migrations" / "supermarket"

Row = dict[str, str | None]


@cache
def configuration() -> MigrationConfiguration:
    """migration.yaml of the supermarket."""
    text = (SUPERMARKET / "migration.yaml").read_text(encoding="utf-8")
    return MigrationConfiguration.model_validate(yaml.safe_load(text))


@cache
def schema() -> Schema:
    """schema.sql of the supermarket."""
    return parse_schema((SUPERMARKET / "schema.sql").read_text(encoding="utf-8"))


def file_format(entity: str) -> FileFormat:
    """How files of this kind are written."""
    rules = configuration().files.get(entity)
    return (rules and rules.format) or configuration().format


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, and whether its quotes and its bytes are in order."""

    fields: tuple[str | None, ...]
    well_quoted: bool
    well_encoded: bool


def read_records(path: Path, form: FileFormat) -> list[Record]:
    """All records of a file, the header included."""
    text = path.read_bytes().decode(form.encoding, errors="surrogateescape")
    return list(_records(text, form))


def read_rows(path: Path, form: FileFormat) -> list[Row]:
    """The records of a sound file by column, without the header."""
    header, *records = read_records(path, form)
    names = [str(name) for name in header.fields]
    return [dict(zip(names, record.fields, strict=True)) for record in records]


def _records(text: str, form: FileFormat) -> Iterator[Record]:
    end_of_record = r"\r\n|\n|\Z"
    delimiter = re.escape(form.delimiter)
    stop = rf"(?={delimiter}|{end_of_record})"
    inside = r'(?:[^"]|"")*' if form.quoted_newlines else r'(?:[^"\r\n]|"")*'
    sound = re.compile(rf'"({inside})"{stop}|([^"\r\n{delimiter}][^\r\n{delimiter}]*|){stop}')
    spoilt = re.compile(r"[^\r\n]*")
    separator = re.compile(rf"({delimiter})|{end_of_record}")
    at, fields, well_quoted = 0, [], True
    while at < len(text) or fields:
        field = sound.match(text, at)
        if field is None:
            field = spoilt.match(text, at)
            assert field is not None
            well_quoted = False
            fields.append(field[0])
        elif field[1] is not None:
            fields.append(field[1].replace('""', '"'))
        else:
            fields.append(None if field[2] == form.null_marker else field[2])
        after = separator.match(text, field.end())
        assert after is not None
        at = after.end()
        if after[1] is None:
            well_encoded = not any("\udc80" <= c <= "\udcff" for f in fields for c in f or "")
            yield Record(tuple(fields), well_quoted, well_encoded)
            fields, well_quoted = [], True
