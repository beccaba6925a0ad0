"""The golden cases that `admw new` makes, taken as data files by the real pipeline."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.command_line import ALL_GOOD, FINISHED_WITH_REJECTS, Project, admw, describe

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SCHEMA = """
CREATE TABLE sorts (
  a TINYINT UNSIGNED NOT NULL, b BOOL, c BIT(1), d BIT(12), e DECIMAL(4,4), f DECIMAL(6,0),
  g FLOAT, h DOUBLE UNSIGNED, i CHAR(1), j VARCHAR(300), k TEXT, l BINARY(3), m VARBINARY(1),
  n LONGBLOB, o DATE, p DATETIME(6), q TIMESTAMP NULL, r TIME(2), s YEAR, t ENUM('','x y','z'),
  u SET('v','w'), v JSON, w BIGINT UNSIGNED AUTO_INCREMENT, x VARCHAR(2), PRIMARY KEY (a), KEY (w));
CREATE TABLE loose (a INT, b VARCHAR(5) DEFAULT 'x');
"""


def _cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_generated_cases_come_out_as_they_say(tmp_path: Path) -> None:
    ddl, folder, landing = tmp_path / "all.sql", tmp_path / "all", tmp_path / "landing"
    ddl.write_text(SCHEMA)
    made = admw("new", str(folder), "--ddl", str(ddl))
    assert made.returncode == ALL_GOOD, describe(made)
    landing.mkdir()
    for case in folder.glob("cases/*/first_look"):
        name = f"{case.parent.name}~20240101.000000.csv"
        shutil.copyfile(case / "input.csv", landing / name)
    project = Project(folder, f"sqlite:///{tmp_path / 'target.sqlite'}", tmp_path / "home")
    assert project.admw("db", "init").returncode == ALL_GOOD
    done = project.admw("run", "--landing", str(landing))
    assert done.returncode == FINISHED_WITH_REJECTS, describe(done)
    found = [
        [str(reject[key]) for key in ("record", "row", "rule", "column")]
        for reject in project.json("rejects", "list")
    ]
    assert found == _cells(folder / "cases/sorts/first_look/expected_rejects.csv")[1:]
    assert found == [["3", "1", "not_null", "a"]]
