"""What `admw` promises at its surface: stages that go on, files that are known, exit codes."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from admw_assets.cli.main import main
from tests.command_line import (
    ADMW,
    ALL_GOOD,
    FINISHED_WITH_REJECTS,
    STAGE_FAILED,
    WRONG_USAGE,
    admw_environment,
)

pytestmark = pytest.mark.spark

SCHEMA = """
CREATE TABLE maker (id INT NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id));
CREATE TABLE part (
    id INT NOT NULL, maker_id INT NULL, label VARCHAR(20) NULL, PRIMARY KEY (id),
    FOREIGN KEY (maker_id) REFERENCES maker (id)
);
CREATE TABLE part_tag (
    part_id INT NOT NULL, position INT NOT NULL, tag VARCHAR(10) NOT NULL,
    PRIMARY KEY (part_id, position), FOREIGN KEY (part_id) REFERENCES part (id)
);
"""
CONFIGURATION = """
name: parts
rejects: {count: 2}
files:
  PART: {feeds: [part, part_tag]}
tables:
  part: {ignore: [tags]}
  part_tag: {transform: tags, rows_per_record: many}
"""
TRANSFORMS = """
from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def tags(records: DataFrame) -> DataFrame:
    split = records.where("tags <> ''").select(
        "*", F.posexplode(F.split("tags", " ")).alias("position", "tag")
    )
    return split.select(
        F.col("id").alias("part_id"),
        "position",
        "tag",
        "admw_record_number",
        (F.col("position") + 1).alias("admw_row_number"),
    )
"""
MAKERS = "MAKER~20240101.000000.csv"
PARTS = "PART~20240101.000000.csv"
MAKER_LINES = ["id,name", "1,Acme", "2,Müller"]
PART_LINES = ["id,maker_id,label,tags", "10,1,bolt,red small", "11,2,,", '12,,"",blue']


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> list[dict[str, object]]:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shop:
    """A migration with files in landing, and `admw` in this process."""

    folder: Path
    url: str
    run_main: Callable[[list[str]], Answer]

    @property
    def landing(self) -> Path:
        return self.folder / "home" / "landing"

    def deliver(self, name: str, lines: list[str]) -> Path:
        self.landing.mkdir(parents=True, exist_ok=True)
        path = self.landing / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def admw(self, *arguments: str) -> Answer:
        options = ["--migration", str(self.folder / "migration"), "--database-url", self.url]
        return self.run_main([*arguments, *options, "--home", str(self.folder / "home")])


@pytest.fixture
def shop(
    tmp_path: Path,
    database_url: str,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shop:
    for variable in ("ADMW_MIGRATION", "ADMW_DATABASE_URL", "ADMW_HOME"):
        monkeypatch.delenv(variable, raising=False)

    def run_main(arguments: list[str]) -> Answer:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["admw", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Answer(int(ended.value.code or 0), printed.out, printed.err)

    folder = tmp_path / "migration"
    folder.mkdir()
    (folder / "schema.sql").write_text(SCHEMA)
    (folder / "migration.yaml").write_text(CONFIGURATION)
    (folder / "transforms.py").write_text(TRANSFORMS)
    shop = Shop(tmp_path, database_url, run_main)
    shop.deliver(MAKERS, MAKER_LINES)
    shop.deliver(PARTS, PART_LINES)
    return shop


def _numbers(answer: Answer, table: str, stage: str) -> tuple[object, ...]:
    (found,) = (o for o in answer.document if (o["table"], o["stage"]) == (table, stage))
    names = ("status", "records", "expected", "loaded", "rejected", "dropped", "mismatched")
    return tuple(found[name] for name in names)


def test_files_go_through_both_stages_once_and_then_nothing_is_done(shop: Shop) -> None:
    first = shop.admw("run", "--json")
    assert first.code == ALL_GOOD, first
    assert _numbers(first, "maker", "final") == ("COMPLETED", 2, 2, 2, 0, 0, 0)
    assert _numbers(first, "part", "final") == ("COMPLETED", 3, 3, 3, 0, 0, 0)
    assert _numbers(first, "part_tag", "final") == ("COMPLETED", 3, 3, 3, 0, 0, 0)
    assert list(shop.landing.iterdir()) == []
    archives = sorted(path.name for path in (shop.folder / "home/archive").glob("*.zip"))
    assert archives == [MAKERS + ".zip", PARTS + ".zip"]

    shop.deliver(PARTS, PART_LINES)
    again = shop.admw("run", "--json")
    assert again.code == ALL_GOOD
    assert {o["skipped"] for o in again.document} == {True}
    assert "nothing was done" in str(again.document[0]["message"])
    status = shop.admw("status", "--json")
    assert {o["status"] for o in status.document} == {"COMPLETED"}


def test_file_that_feeds_two_tables_stays_until_both_are_final(shop: Shop) -> None:
    shop.admw("run", str(shop.landing / MAKERS))
    (shop.folder / "migration/transforms.py").write_text("def tags(records):\n    return nothing\n")
    broken = shop.admw("run", "--json")
    assert broken.code == STAGE_FAILED
    assert _numbers(broken, "part", "final")[0] == "COMPLETED"
    assert _numbers(broken, "part_tag", "final")[0] == "BLOCKED"
    assert (shop.landing / PARTS).exists()
    (shop.folder / "migration/transforms.py").write_text(TRANSFORMS)
    assert shop.admw("run").code == ALL_GOOD
    assert not (shop.landing / PARTS).exists()


def test_known_name_with_other_content_is_refused(shop: Shop) -> None:
    shop.admw("run")
    shop.deliver(MAKERS, [*MAKER_LINES, "3,Neu"])
    answer = shop.admw("run", "--json")
    assert answer.code == STAGE_FAILED
    assert "already taken in with other content" in str(answer.document[0]["message"])
    assert shop.admw("status", "--json").document[0]["loaded"] == 2


def test_more_rejects_than_allowed_load_nothing_and_name_the_rule(shop: Shop) -> None:
    shop.deliver(MAKERS, [*MAKER_LINES, *(f"x{n},Bad" for n in range(3))])
    answer = shop.admw("run", str(shop.landing / MAKERS), "--json")
    assert answer.code == STAGE_FAILED
    assert _numbers(answer, "maker", "preliminary")[0] == "FAILED"
    assert "integer" in str(answer.document[0]["message"])
    rejects = shop.admw("rejects", "list", "--json").document
    assert [(r["record"], r["rule"], r["column"], r["text"]) for r in rejects] == [
        (3, "integer", "id", "x0,Bad"),
        (4, "integer", "id", "x1,Bad"),
        (5, "integer", "id", "x2,Bad"),
    ]
    shop.deliver(MAKERS, MAKER_LINES)
    restarted = shop.admw("run", str(shop.landing / MAKERS), "--restart", "--json")
    assert restarted.code == ALL_GOOD, restarted
    assert shop.admw("rejects", "list", "--json").document == []


def test_rejects_are_listed_and_give_exit_code_three(shop: Shop) -> None:
    shop.deliver(PARTS, [*PART_LINES, "13,99,orphan,tag"])
    answer = shop.admw("run", "--json")
    assert answer.code == FINISHED_WITH_REJECTS
    assert _numbers(answer, "part", "final") == ("COMPLETED", 4, 4, 3, 1, 0, 0)
    assert _numbers(answer, "part_tag", "final") == ("COMPLETED", 4, 4, 3, 1, 0, 0)
    rejects = shop.admw("rejects", "list", "--json").document
    assert [(r["table"], r["stage"], r["record"], r["rule"], r["column"]) for r in rejects] == [
        ("part", "final", 4, "orphan", "maker_id"),
        ("part_tag", "final", 4, "orphan", "part_id"),
    ]
    assert {r["text"] for r in rejects} == {"13,99,orphan,tag"}


def test_child_waits_for_a_parent_that_failed(shop: Shop) -> None:
    shop.deliver(MAKERS, ["id,name,unknown", "1,Acme,x"])
    answer = shop.admw("run", "--json")
    assert answer.code == STAGE_FAILED
    assert "unknown" in str(answer.document[0]["message"])
    assert _numbers(answer, "part", "preliminary")[0] == "COMPLETED"
    assert _numbers(answer, "part", "final")[0] == "BLOCKED"


def test_failed_stage_goes_on_at_the_failed_step(shop: Shop) -> None:
    archive = shop.folder / "home/archive"
    archive.parent.mkdir(parents=True, exist_ok=True)
    shop.admw("run", str(shop.landing / MAKERS), "--stage", "preliminary")
    (archive / (MAKERS + ".zip")).write_bytes(b"something else")
    broken = shop.admw("run", str(shop.landing / MAKERS), "--json")
    assert broken.code == STAGE_FAILED
    assert (shop.landing / MAKERS).exists()
    (archive / (MAKERS + ".zip")).unlink()
    assert shop.admw("run", str(shop.landing / MAKERS)).code == ALL_GOOD
    assert not (shop.landing / MAKERS).exists()
    state = shop.admw("status", MAKERS, "--json").document[1]
    assert (state["stage"], state["attempt"], state["loaded"]) == ("final", 2, 2)


def test_restart_of_an_archived_file_begins_anew(shop: Shop) -> None:
    shop.admw("run")
    archived = shop.landing / MAKERS
    refused = shop.admw("run", str(archived), "--restart", "--json")
    assert refused.code == STAGE_FAILED, "parts still refer to the makers"
    both = [str(archived), str(shop.landing / PARTS)]
    answer = shop.admw("run", *both, "--restart", "--json")
    assert answer.code == ALL_GOOD, answer
    assert _numbers(answer, "part_tag", "final") == ("COMPLETED", 3, 3, 3, 0, 0, 0)
    assert not archived.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere~20240101.000000.csv"], "There is no file"),
        (["run", "MAKER.csv"], "TABLE~YYYYMMDD.HHMMSS.csv"),
        (["run", "--stage", "middle"], "preliminary, final, all"),
        (["report", MAKERS], "admw db init"),
        (["run", "--landing", "/no/such/folder"], "There is no landing folder"),
    ],
)
def test_wrong_usage_says_what_to_do(shop: Shop, arguments: list[str], words: str) -> None:
    answer = shop.admw(*arguments)
    assert answer.code == WRONG_USAGE
    assert words in " ".join(answer.err.split())
    assert "Next:" in answer.err
    assert "Traceback" not in answer.err


def test_file_of_another_migration_is_refused_before_anything_is_done(shop: Shop) -> None:
    shop.deliver("STRANGER~20240101.000000.csv", ["id", "1"])
    answer = shop.admw("run")
    assert answer.code == WRONG_USAGE
    assert "STRANGER" in answer.err
    assert shop.admw("status", "--json").document == []


def test_broken_configuration_names_file_and_key(shop: Shop) -> None:
    path = shop.folder / "migration/migration.yaml"
    path.write_text(path.read_text() + "\nprefix: {}\n")
    answer = shop.admw("check")
    assert answer.code == WRONG_USAGE
    assert "migration.yaml" in answer.err
    assert "prefix" in answer.err


def test_password_is_in_no_message(shop: Shop) -> None:
    url = "mysql+pymysql://someone:hunter2-secret@127.0.0.1:9/shop"
    options = ["--migration", str(shop.folder / "migration"), "--home", str(shop.folder / "home")]
    answer = shop.run_main(["status", "--database-url", url, *options])
    assert answer.code == STAGE_FAILED
    assert "hunter2" not in answer.out + answer.err
    assert "127.0.0.1" in answer.err


def test_help_answers_within_half_a_second() -> None:
    """The best of five: the claim is about the program, not about a busy machine."""
    best = min(_seconds_of_help() for _ in range(5))
    assert best < 0.5


def _seconds_of_help() -> float:
    started = time.monotonic()
    done = subprocess.run(
        [*ADMW, "--help"], env=admw_environment(), capture_output=True, check=True
    )
    assert b"rejects" in done.stdout
    return time.monotonic() - started


def test_json_errors_are_one_document(shop: Shop) -> None:
    shutil.rmtree(shop.folder / "migration")
    answer = shop.admw("status", "--json")
    assert answer.code == WRONG_USAGE
    assert json.loads(answer.out)["next"].startswith("Give --migration")
