"""Trying a transform: what is shown, what a draft changes, and that nobody is seen."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from admw_assets.workbench import Workbench, open_workbench
from tests.personal_records import write_people

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> tuple[Workbench, Path]:
    folder = tmp_path_factory.mktemp("trial")
    root, file = write_people(folder / "people")
    return open_workbench(root, folder / "home"), file


def test_trial_shows_columns_rows_and_rejects_but_no_person(
    opened: tuple[Workbench, Path],
) -> None:
    bench, file = opened
    trial = bench.try_transform("person", file)
    assert trial.counts.loc["PERSON"].to_dict() == {
        "records": 5,
        "readable": 3,
        "rows": 1,
        "rejected": 4,
        "dropped": 0,
    }
    assert trial.rejects["rule"].tolist() == ["date", "fields", "source_hash", "duplicate_key"]
    assert trial.rows["score"].tolist() == ["7"]
    assert trial.columns.loc["mail", "personal"] == "yes"
    pages = [frame.to_html() for frame in (trial.columns, trial.records, trial.rows, trial.rejects)]
    for personal in ("eiß", "anna", "secret", "1996"):
        assert personal not in "".join(pages).casefold()
    assert trial.records.loc[1, "mail"] == trial.records.loc[2, "boss"]


def test_draft_takes_the_place_of_the_transform(opened: tuple[Workbench, Path]) -> None:
    bench, file = opened
    current = bench.current("PERSON", file)

    def draft(records: DataFrame) -> DataFrame:
        rows = current(records).withColumn("score", F.lit("1"))
        return rows.withColumn("admw_drop_reason", F.when(F.col("id") == "4", "left"))

    before, after = (bench.try_transform("PERSON", file, d, "1,5") for d in (None, draft))
    assert after.compared_with(before).to_numpy().tolist() == [
        [1, 1, "score", "7", "1"],
        [5, 1, "", "rejected: duplicate_key mail", "dropped: left"],
    ]
    assert "#fde2cf" in after.beside(before).to_html()
    assert "def person(records)" in bench.source("PERSON")
