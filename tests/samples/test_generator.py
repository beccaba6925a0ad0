"""The generator: same bytes for the same seed, sound rows, and exactly the faults it names."""

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.schema import ForeignKey
from admw_assets.samples import SampleManifest, generate
from admw_assets.samples.manifest import read_manifest
from tests.samples.judging import Judged, judge
from tests.samples.reading import Row, file_format, read_rows, schema

ROWS = 3_000
BAD = 4


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleManifest]:
    folder = tmp_path_factory.mktemp("sound")
    return folder, generate(folder, ROWS)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleManifest]:
    folder = tmp_path_factory.mktemp("faulty")
    return folder, generate(folder, ROWS, bad=BAD, seed=5)


def _digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def _judged(folder: Path, manifest: SampleManifest) -> dict[str, Judged]:
    return {file.file: judge(folder / file.file) for file in manifest.files}


def _rows_by_table(judged: dict[str, Judged]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for file in judged.values():
        for table, found in file.rows.items():
            rows.setdefault(table, []).extend(found)
    return rows


def _orphans(rows: dict[str, list[Row]], table: str, key: ForeignKey) -> list[Row]:
    known = {tuple(row[name] for name in key.parent_columns) for row in rows[key.parent]}
    known.add(("0",))  # staff 0 stands in for a missing one
    return [
        row
        for row in rows[table]
        if None not in (values := tuple(row[name] for name in key.columns)) and values not in known
    ]


def test_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "one", 500, bad=2, seed=9)
    generate(tmp_path / "two", 500, bad=2, seed=9)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")


def test_other_seed_gives_other_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "one", 500, seed=1)
    generate(tmp_path / "two", 500, seed=2)
    one, two = _digests(tmp_path / "one"), _digests(tmp_path / "two")
    same = {name for name, digest in one.items() if two[name] == digest}
    assert same == {"COUNTRY~20240101.000000.csv"}


def test_ten_data_files_and_a_manifest_that_is_none(sound: tuple[Path, SampleManifest]) -> None:
    folder, manifest = sound
    names = {file.file for file in manifest.files}
    assert len(names) == 10
    assert {path.name for path in folder.iterdir()} == {*names, "sample.json"}
    assert {parse_data_file_name(name).name for name in names} == names
    with pytest.raises(DataFileError):
        parse_data_file_name("sample.json")


def test_manifest_reads_back(faulty: tuple[Path, SampleManifest]) -> None:
    folder, manifest = faulty
    assert read_manifest(folder) == manifest
    written = json.loads((folder / "sample.json").read_text(encoding="utf-8"))
    assert all("loaded" in table for file in written["files"] for table in file["tables"])


def test_record_counts_are_those_of_another_csv_reader(
    sound: tuple[Path, SampleManifest],
) -> None:
    folder, manifest = sound
    for file in manifest.files:
        form = file_format(file.file.partition("~")[0])
        with (folder / file.file).open(encoding=form.encoding, newline="") as lines:
            header, *records = csv.reader(lines, delimiter=form.delimiter, strict=True)
        assert len(records) == file.records, file.file
        assert {len(record) for record in records} == {len(header)}, file.file
    assert manifest.file("PURCHASE_ITEM~20240101.000000.csv").records == ROWS


def test_sound_rows_break_no_rule(sound: tuple[Path, SampleManifest]) -> None:
    folder, manifest = sound
    judged = _judged(folder, manifest)
    assert [file.broken for file in judged.values() if file.broken] == []
    made = {(f.file, t.table): t for f in manifest.files for t in f.tables}
    counted = {
        (name, table): len(rows) for name, f in judged.items() for table, rows in f.rows.items()
    }
    assert counted == {key: table.expected for key, table in made.items()}
    assert all(table.loaded == table.expected - table.dropped for table in made.values())


def test_every_foreign_key_of_sound_rows_has_its_parent(
    sound: tuple[Path, SampleManifest],
) -> None:
    rows = _rows_by_table(_judged(*sound))
    for table in schema().tables.values():
        for key in table.foreign_keys:
            assert _orphans(rows, table.name, key) == [], key.name


def test_keys_of_sound_rows_are_unique_across_files_in_any_collation(
    sound: tuple[Path, SampleManifest],
) -> None:
    rows = _rows_by_table(_judged(*sound))
    for table in schema().tables.values():
        for columns in (table.primary_key, *(key.columns for key in table.unique_keys)):
            keys = Counter(
                tuple((row[name] or "").casefold().rstrip() for name in columns)
                for row in rows[table.name]
                if all(row[name] is not None for name in columns)
            )
            assert max(keys.values()) == 1, (table.name, columns)


def test_receipts_add_up(sound: tuple[Path, SampleManifest]) -> None:
    rows = _rows_by_table(_judged(*sound))
    totals: Counter[str | None] = Counter()
    for item in rows["purchase_item"]:
        cents = int(str(item["unit_price"]).replace(".", ""))
        totals[item["purchase_id"]] += -(
            -int(str(item["quantity"]).replace(".", "")) * cents // 1000
        )
    complete = rows["purchase"][:-1]  # the last receipt may be cut off
    assert {row["id"]: int(str(row["total"]).replace(".", "")) for row in complete} == {
        row["id"]: totals[row["id"]] for row in complete
    }


def test_texts_hold_what_files_get_wrong(sound: tuple[Path, SampleManifest]) -> None:
    folder, _ = sound
    customers = read_rows(folder / "CUSTOMER~20240101.000000.csv", file_format("CUSTOMER"))
    notes = {row["note"] for row in customers}
    assert {None, "", "NULL", "\\N"} <= notes
    assert any('"' in note for note in notes if note)
    assert any(note != note.rstrip() for note in notes if note)
    assert any(ord(character) > 0xFFFF for note in notes for character in note or "")
    assert any(row["birth_date"] == "1996-02-29" for row in customers)
    products = read_rows(folder / "PRODUCT~20240101.000000.csv", file_format("PRODUCT"))
    assert any("\n" in (row["description"] or "") for row in products)


def test_planted_faults_are_where_the_manifest_says_and_nothing_else_is_wrong(
    faulty: tuple[Path, SampleManifest],
) -> None:
    judged = _judged(*faulty)
    planted = {
        (f.file, f.record, f.table, f.stage, f.rule, f.column)
        for f in faulty[1].faults
        if f.stage == "preliminary"
    }
    found = {(name, *broken) for name, file in judged.items() for broken in file.broken}
    assert found == planted


def test_planted_orphans_and_existing_keys_are_the_only_ones(
    faulty: tuple[Path, SampleManifest],
) -> None:
    folder, manifest = faulty
    judged = _judged(folder, manifest)
    rows = _rows_by_table(judged)
    planted = Counter((f.table, f.column) for f in manifest.faults if f.rule == "orphan")
    found = Counter(
        {
            (table.name, ",".join(key.columns)): len(_orphans(rows, table.name, key))
            for table in schema().tables.values()
            for key in table.foreign_keys
        }
    )
    assert +found == planted
    first, second = (judged[f"BRAND~2024010{day}.000000.csv"].rows["brand"] for day in (1, 2))
    again = {
        ("2", str(row["record"]), column)
        for column in ("id", "name")
        for row in second
        if row[column] in {brand[column] for brand in first}
    }
    assert again == {
        ("2", str(f.record), f.column) for f in manifest.faults if f.rule == "existing_key"
    }


def test_every_kind_of_fault_is_planted_as_often_as_asked_in_records_of_their_own(
    faulty: tuple[Path, SampleManifest],
) -> None:
    faults = faulty[1].faults
    kinds = Counter((f.file, f.kind) for f in {(f.file, f.record): f for f in faults}.values())
    assert set(kinds.values()) == {BAD}
    assert {f.rule for f in faults} == {
        *("fields", "quote", "encoding", "source_hash", "not_null", "length", "character"),
        *("integer", "range", "decimal", "precision", "scale", "number", "date", "datetime"),
        *("time", "year", "boolean", "enum", "set", "binary", "duplicate_key"),
        *("existing_key", "orphan"),
    }


def test_records_of_a_file_are_sound_ones_and_planted_ones(
    faulty: tuple[Path, SampleManifest],
) -> None:
    folder, manifest = faulty
    for name, file in _judged(folder, manifest).items():
        assert file.records == manifest.file(name).records
        for table in manifest.file(name).tables:
            assert len(file.rows[table.table]) == table.loaded_preliminary + table.dropped


@pytest.mark.parametrize("rows", [1, 10, 50_001])
def test_any_number_of_rows_is_written_exactly(tmp_path: Path, rows: int) -> None:
    manifest = generate(tmp_path, rows, bad=1, table="cart_item")
    (file,) = manifest.files
    planted = len({fault.record for fault in manifest.faults})
    assert file.records == rows + planted
    assert judge(tmp_path / file.file).records == rows + planted


def test_one_table_fits_the_files_of_the_whole_shop(tmp_path: Path) -> None:
    generate(tmp_path / "all", 700)
    generate(tmp_path / "one", 700, table="PURCHASE_ITEM")
    name = "PURCHASE_ITEM~20240101.000000.csv"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "all" / name).read_bytes()


def test_a_table_of_two_in_a_file_names_the_file(tmp_path: Path) -> None:
    manifest = generate(tmp_path, 40, table="product_secondary_category")
    assert [file.file for file in manifest.files] == ["PRODUCT~20240101.000000.csv"]


@pytest.mark.parametrize(
    ("rows", "bad", "table"), [(0, 0, None), (5, -1, None), (5, 0, "shelf"), (99, 0, "country")]
)
def test_senseless_wishes_are_refused_with_a_next_step(
    tmp_path: Path, rows: int, bad: int, table: str | None
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        generate(tmp_path, rows, bad=bad, table=table)
    assert refused.value.next_step
