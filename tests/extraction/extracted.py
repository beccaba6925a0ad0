"""Runs extractions and reads their files back past ADMW, with Python's csv module."""

import csv
import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from admw_assets.core.configuration import FileFormat
from admw_assets.extraction import Extraction, ExtractRequest, extract
from admw_assets.extraction.request import SourceAddress
from tests.samples.reading import read_records

Row = dict[str, str | None]
HASHES = ("admw_source_hash", "admw_file_hash")


def run(url: str, folder: Path, **asked: Any) -> Extraction:
    """Extract into a folder."""
    return extract(ExtractRequest(SourceAddress(url), folder, **asked))


def execute(url: str, *statements: str) -> None:
    """Run statements on a database, each as it is."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            has_marks = engine.dialect.paramstyle == "qmark"
            connection.exec_driver_sql(statement if has_marks else statement.replace("%", "%%"))
    engine.dispose()


def manifest_of(folder: Path) -> dict[str, Any]:
    """extract.json."""
    return json.loads((folder / "extract.json").read_text(encoding="utf-8"))


def files_of(folder: Path, table: str) -> list[Path]:
    """A table's files in the order of their names; the manifest must name just these."""
    named = [entry["name"] for entry in manifest_of(folder)["tables"][table]["files"]]
    assert named == sorted(named)
    assert named == sorted(path.name for path in folder.glob(f"{table.upper()}~*"))
    return [folder / name for name in named]


def rows_of(folder: Path, table: str) -> list[Row]:
    """All rows of a table without their hash, which must be right; what the manifest says of
    each file must be true, too."""
    entries = {f["name"]: f for f in manifest_of(folder)["tables"][table]["files"]}
    rows: list[Row] = []
    for path in files_of(folder, table):
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == entries[path.name]["sha256"]
        assert len(content) == entries[path.name]["bytes"]
        of_file = _rows(_text(path), path.parent / f"{path.name}.text")
        assert len(of_file) == entries[path.name]["rows"]
        rows += of_file
    assert len(rows) == manifest_of(folder)["tables"][table]["rows"]
    return rows


def _text(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            return archive.read(name).decode()
    return path.read_bytes().decode()


def _rows(text: str, scratch: Path) -> list[Row]:
    """What the csv module reads; which of its empty fields are NULL tells a second reader."""
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    scratch.write_text(text, encoding="utf-8", newline="")
    told = read_records(scratch, FileFormat(quoted_newlines=True))
    scratch.unlink()
    assert [[field or "" for field in record.fields] for record in told] == read
    assert all(record.well_quoted for record in told)
    header, *records = read
    rows: list[Row] = []
    for record, nulls in zip(records, told[1:], strict=True):
        assert len(record) == len(header)
        values = [
            None if null is None else value
            for value, null in zip(record, nulls.fields, strict=True)
        ]
        if header[-1] in HASHES:
            assert values.pop() == _hash(header[-1], values)
        rows.append(dict(zip(header, values, strict=False)))
    return rows


def _hash(convention: str, values: list[str | None]) -> str:
    if convention == "admw_file_hash":
        text = "".join(value or "" for value in values)
    else:
        text = "".join("~" if v is None else f"{len(v)}:{v}" for v in values)
    return hashlib.sha256(text.encode()).hexdigest().upper()
