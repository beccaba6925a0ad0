"""The golden cases that `admw new` makes, for columns of every type, run as they are."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from admw_assets.core.case_text import read_cells
from admw_assets.runtime.golden_cases import run_cases
from admw_assets.runtime.new_migration import NewMigration, new_migration
from admw_assets.runtime.settings import Settings

pytestmark = pytest.mark.spark

SCHEMA = """
CREATE TABLE sorts (
  a TINYINT UNSIGNED NOT NULL, b BOOL, c BIT(1), d BIT(12), e DECIMAL(4,4), f DECIMAL(6,0),
  g FLOAT, h DOUBLE UNSIGNED, i CHAR(1), j VARCHAR(300), k TEXT, l BINARY(3), m VARBINARY(1),
  n LONGBLOB, o DATE, p DATETIME(6), q TIMESTAMP NULL, r TIME(2), s YEAR, t ENUM('','x y','z'),
  u SET('v','w'), v JSON, w BIGINT UNSIGNED AUTO_INCREMENT, x VARCHAR(2), PRIMARY KEY (a), KEY (w));
CREATE TABLE loose (a INT, b VARCHAR(5) DEFAULT 'x');
"""


def test_generated_cases_come_out_as_they_say(tmp_path: Path, spark: SparkSession) -> None:
    ddl, folder = tmp_path / "all.sql", tmp_path / "all"
    ddl.write_text(SCHEMA)
    new_migration(NewMigration(folder, ddl))
    runs = run_cases(Settings(folder, "sqlite://", tmp_path))
    assert [run.case.label for run in runs] == ["loose/first_look", "sorts/first_look"]
    assert [(run.message, run.differences) for run in runs] == [("", ()), ("", ())]
    rejects = read_cells(folder / "cases/sorts/first_look/expected_rejects.csv")[1:]
    assert rejects == [("3", "1", "not_null", "a")]
