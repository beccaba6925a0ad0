"""`admw test`, in process: what it prints, what it writes, how it ends."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from admw_assets.cli.main import main
from admw_assets.core.case_text import read_cells
from tests.personal_records import write_people

pytestmark = pytest.mark.spark

SCHEMA = "CREATE TABLE PET (id INT PRIMARY KEY, name VARCHAR(5), price DECIMAL(6,2), w DOUBLE);"
TRANSFORM = """
from pyspark.sql import functions as F
def pet(records):
    return records.select("admw_record_number", "id", F.trim("name").alias("name"), "price", "w",
        F.when(F.col("name") == "gone", "left").alias("admw_drop_reason"))
"""
INPUT = "id,name,price,w\n1, Rex ,2.5,1.5\n2,gone,,\n3,Longer,1,\n1,Twin,1,\n4,,,\n"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The folder of a case without expected files, in a migration of its own."""
    folder = tmp_path / "pets" / "cases" / "PET" / "all"
    folder.mkdir(parents=True)
    root = tmp_path / "pets"
    (root / "schema.sql").write_text(SCHEMA)
    (root / "migration.yaml").write_text(
        "name: pets\nrejects: {count: 0}\ntables: {PET: {transform: pet}}\n"
    )
    (root / "transforms.py").write_text(TRANSFORM)
    (folder / "input.csv").write_text(INPUT)
    return folder


def _run(case: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["admw", *arguments, "--migration", str(case.parents[2])])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_cases_are_updated_pass_and_differ(
    case: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run(case, monkeypatch, "test") == 2
    assert "admw test PET/all --update" in capsys.readouterr().err
    assert _run(case, monkeypatch, "test", "--update") == 0
    assert (case / "expected.csv").read_text() == ("id,name,price,w\n1,Rex,2.50,1.5\n4,,,\n")
    assert (case / "expected_rejects.csv").read_text() == (
        "record,row,rule,column\n3,1,length,name\n4,1,duplicate_key,id\n"
    )
    assert (case / "expected_dropped.csv").read_text() == "record,row,reason\n2,1,left\n"
    capsys.readouterr()

    (case / "expected.csv").write_text("id,name,price,w\n1,Rex,2.5,1.50\n4,,3.00,\n5,a,,\n")
    (case / "expected_rejects.csv").unlink()
    assert _run(case, monkeypatch, "test", "pet/ALL", "--json") == 1
    (run,) = json.loads(capsys.readouterr().out)
    assert (run["table"], run["case"], run["status"]) == ("PET", "all", "differs")
    found = [
        [d[key] for key in ("kind", "row", "column", "expected", "got")] for d in run["differences"]
    ]
    assert found == [
        ["value", "id=4", "price", "3.00", None],
        ["missing row", "id=5", "", "5, a, NULL, NULL", None],
        ["reject", "record 3", "", None, "length name"],
        ["reject", "record 4", "", None, "duplicate_key id"],
    ]
    (case.parents[2] / "transforms.py").write_text(
        "def pet(records):\n    return records.limit(1)\n"
    )
    assert _run(case, monkeypatch, "test") == 1
    assert "✗ PET/all" in capsys.readouterr().out


def test_unknown_cases_and_folders_are_wrong_usage(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(case, monkeypatch, "test", "pet/other") == 2
    assert "Known: PET/all" in capsys.readouterr().err
    (case.parents[1] / "dog" / "x").mkdir(parents=True)
    assert _run(case, monkeypatch, "test") == 2
    assert "cases/dog: schema.sql has no table of that name" in capsys.readouterr().err


def test_case_of_a_real_file_runs_like_it_and_shows_nobody(
    tmp_path: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root, file = write_people(tmp_path / "people")
    case = root / "cases" / "PERSON" / "first"
    arguments = ("case", "new", str(file), "--records", "1-5", "--name", "first")
    assert _run(case, monkeypatch, *arguments, "--json") == 0
    out = capsys.readouterr().out
    (made,) = json.loads(out)
    assert made["masked"] == ["mail", "born", "boss", "note"]
    assert (made["rows"], made["rejects"]) == (1, 4)
    assert not [remark for remark in made["remarks"] if "Masking changed" in remark]

    texts = "".join(path.read_bytes().decode("cp1252") for path in case.iterdir()) + out
    for personal in ("weiß", "anna", "secret", "person@", "1996-02-29", "example"):
        assert personal not in texts.casefold().replace("id;mail;born;boss;note;score", "")
    lines = (case / "input.csv").read_bytes().decode("cp1252").split("\r\n")
    assert lines[0] == "id;mail;born;boss;note;score;admw_source_hash"
    records = [line.split(";") for line in lines[1:6]]
    assert records[0][1] == records[1][3]
    assert records[4][1].casefold() == records[0][1].casefold()
    assert read_cells(case / "expected_rejects.csv")[1:] == [
        ("2", "1", "date", "born"),
        ("3", "1", "fields", None),
        ("4", "1", "source_hash", "admw_source_hash"),
        ("5", "1", "duplicate_key", "mail"),
    ]
    assert _run(case, monkeypatch, "test") == 0
    assert _run(case, monkeypatch, *arguments) == 2
    assert "There is a case PERSON/first already" in capsys.readouterr().err
    assert _run(case, monkeypatch, *arguments[:4], "9") == 2
    assert "has 5 records, so no record 9" in capsys.readouterr().err
