"""Settings held against files: what is wrong is found with the right value, nothing else is."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import pytest
import yaml

from admw_assets.core.dry_run import SettingFinding
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.setting_advice import proposal, setting_findings
from admw_assets.engines.files.sample import read_sample

FILE = "T~20240101.000000.csv"
SCHEMA = """CREATE TABLE T (id INT PRIMARY KEY, city VARCHAR(40), made DATE, seen DATETIME,
  amount DECIMAL(10,2), active BOOLEAN, note VARCHAR(60));"""
HEADER = ["id", "city", "made", "seen", "amount", "active", "note"]
CITIES = ("Köln", "Zürich", "Münster", "Graz")


def records(**forms: Any) -> list[list[str]]:
    """Sixty good records; `forms` writes a column (by name) in another way."""
    rows: list[list[str]] = []
    for n in range(1, 61):
        day, month = n % 28 + 1, n % 12 + 1
        row = {
            "id": str(n),
            "city": CITIES[n % 4],
            "made": f"2024-{month:02}-{day:02}",
            "seen": f"2024-{month:02}-{day:02} 10:00:{n % 60:02}",
            "amount": f"{n * 31}.{n % 100:02}",
            "active": str(n % 2),
            "note": 'said "hi" to all' if n % 5 == 0 else "plain, so",
        }
        rows.append([str(forms[c](n, v)) if c in forms else v for c, v in row.items()])
    return rows


def text(rows: list[list[str]], header: bool = True, **dialect: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", **dialect).writerows([HEADER] * header + rows)
    return out.getvalue()


def findings(
    folder: Path, content: bytes, configuration: str = "", name: str = FILE
) -> dict[str, SettingFinding]:
    """What does not fit, by setting."""
    (folder / "schema.sql").write_text(SCHEMA)
    (folder / "migration.yaml").write_text(f"name: t\n{configuration}\n")
    (folder / name).write_bytes(content)
    found = setting_findings(load_migration(folder), read_sample(str(folder / name)))
    assert all(finding.is_wrong for finding in found)
    return {finding.setting: finding for finding in found}


@pytest.mark.parametrize(
    ("dialect", "encoding", "wrong"),
    [
        ({}, "utf-8", {}),
        ({}, "utf-8-sig", {}),
        ({"delimiter": ";"}, "utf-8", {"delimiter": ";"}),
        ({"delimiter": "\t"}, "cp1252", {"delimiter": "\t", "encoding": "cp1252"}),
        ({"delimiter": "|"}, "utf-16", {"delimiter": "|", "encoding": "utf-16"}),
        (
            {"quotechar": "'", "quoting": csv.QUOTE_ALL},
            "utf-8",
            {"quote": "'"},
        ),
        (
            {"doublequote": False, "escapechar": "\\", "quoting": csv.QUOTE_ALL},
            "utf-8",
            {"escape": "\\"},
        ),
    ],
)
def test_way_of_writing_is_found(
    tmp_path: Path, dialect: dict[str, Any], encoding: str, wrong: dict[str, str]
) -> None:
    found = findings(tmp_path, text(records(), **dialect).encode(encoding))
    assert {s: yaml.safe_load(f.found) for s, f in found.items()} == wrong
    # What it says is right is right: with its line in migration.yaml nothing is found any more.
    migration = load_migration(tmp_path)
    line = proposal(migration, FILE, list(found.values()))
    assert findings(tmp_path, text(records(), **dialect).encode(encoding), line) == {}


def test_compressed_files_are_looked_into(tmp_path: Path) -> None:
    packed = gzip.compress(text(records(), delimiter=";").encode())
    assert list(findings(tmp_path, packed, name=f"{FILE}.gz")) == ["delimiter"]


def test_missing_header_is_found_with_the_columns_to_list(tmp_path: Path) -> None:
    content = text(records(), header=False).encode()
    found = findings(tmp_path, content)
    assert found["header"].found == "false"
    assert yaml.safe_load(found["columns"].found) == HEADER
    line = proposal(load_migration(tmp_path), FILE, list(found.values()))
    assert findings(tmp_path, content, line) == {}


def test_header_that_is_there_is_found(tmp_path: Path) -> None:
    configured = f"format: {{header: false, columns: [{', '.join(HEADER)}]}}"
    assert list(findings(tmp_path, text(records()).encode(), configured)) == ["header"]


def test_line_ends_in_quoted_fields_are_told_from_quotes_that_nobody_closed(
    tmp_path: Path,
) -> None:
    broken = records(note=lambda n, v: "one\ntwo" if n % 9 == 0 else v)
    assert list(findings(tmp_path, text(broken).encode())) == ["quoted_newlines"]
    lines = text(records()).splitlines(keepends=True)
    for n in (5, 17, 33):
        lines[n] = lines[n].replace(',"', ',"x').replace('"\n', "\n").replace("plain", '"plain')
    assert findings(tmp_path, "".join(lines).encode()) == {}


def test_null_marker_is_found_in_columns_that_hold_no_texts(tmp_path: Path) -> None:
    content = text(records(amount=lambda n, v: "\\N" if n % 3 == 0 else v)).encode()
    found = findings(tmp_path, content)
    assert yaml.safe_load(found["null_marker"].found) == "\\N"
    line = proposal(load_migration(tmp_path), FILE, list(found.values()))
    assert findings(tmp_path, content, line) == {}
    texts = text(records(note=lambda n, v: "NULL")).encode()
    assert findings(tmp_path, texts) == {}


def test_forms_of_values_are_found_with_what_reads_them(tmp_path: Path) -> None:
    rows = records(
        made=lambda n, v: f"{v[8:]}.{v[5:7]}.{v[:4]}",
        seen=lambda n, v: f"{v[5:7]}/{v[8:10]}/{v[:4]} {v[11:]}",
        amount=lambda n, v: v.replace(".", ","),
        active=lambda n, v: "JN"[n % 2],
    )
    content = text(rows, delimiter=";").encode()
    found = findings(tmp_path, content, "format: {delimiter: ';'}")
    assert {setting: finding.found for setting, finding in found.items()} == {
        "date form of made": "DD.MM.YYYY",
        "date form of seen": "MM/DD/YYYY",
        "number form of amount": "decimal comma",
        "booleans of active": "j and n",
    }
    assert 'F.to_date("made", "d.M.yyyy")' in found["date form of made"].message
    assert 'F.to_timestamp("seen", "M/d/yyyy H:mm[:ss]")' in found["date form of seen"].message
    line = proposal(load_migration(tmp_path), FILE, list(found.values()))
    rules = yaml.safe_load(line)["tables"]["T"]
    assert rules == {"transform": "t", "booleans": {"true": ["j"], "false": ["n"]}}


def test_no_value_of_the_file_stands_in_a_finding(tmp_path: Path) -> None:
    rows = records(made=lambda n, v: f"{v[8:]}.{v[5:7]}.{v[:4]}")
    for finding in findings(tmp_path, text(rows, delimiter=";").encode()).values():
        assert not any(value in str(finding) for value in (*CITIES, rows[0][2]))


def test_settings_of_the_shipped_example_fit_its_sample_files(tmp_path: Path) -> None:
    from admw_assets.cli.sample_command import sample
    from admw_assets.runtime.settings import SHIPPED_MIGRATION

    sample(tmp_path, 500, 3, 7, None, True)
    migration = load_migration(SHIPPED_MIGRATION)
    for path in tmp_path.glob("*~*"):
        assert setting_findings(migration, read_sample(str(path))) == [], path.name
