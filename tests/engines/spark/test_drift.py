"""Extra columns beside the rows and missing ones in them, as Spark stages them."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from admw_assets.core.configuration import ExtraColumns, FileFormat, MissingColumns
from admw_assets.core.errors import ConfigurationError
from tests.engines.spark.jobs import Bench

pytestmark = pytest.mark.spark

DDL = "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20), level VARCHAR(9) DEFAULT 'none')"


@pytest.fixture
def bench(spark: SparkSession, tmp_path: Path) -> Bench:
    return Bench(spark, tmp_path)


def test_unknown_and_missing_columns_are_refused_with_what_may_be_meant(bench: Bench) -> None:
    with pytest.raises(ConfigurationError) as raised:
        bench.run("id,nmae,level,colour\n1,a,b,c\n", DDL)
    assert "brings name (did you mean nmae?)" in raised.value.message
    assert "nmae, colour of DATA~20240131.235959.csv would go nowhere" in raised.value.message
    assert "`extra_columns`" in raised.value.next_step
    assert "`missing_columns`" in raised.value.next_step


def test_extra_columns_stay_beside_the_row_as_they_were(bench: Bench) -> None:
    text = 'id,name,we ird.,level,x\n1,"a\tb","q""\\ü",l,\nno,c,d,l,e\n2,c,"",l,t\tt\n'
    done = bench.run(text, DDL, extra_columns=ExtraColumns.KEEP)
    assert done.rules == {2: "integer"}
    assert [row[:3] for row in done.values] == [("1", "a\tb", "l"), ("2", "c", "l")]
    extras = [json.loads(row[3] or "") for row in done.values]
    assert extras == [{"we ird.": 'q"\\ü', "x": None}, {"we ird.": "", "x": "t\tt"}]

    plain = bench.run('id,name,level\n1,"a\tb",l\n', DDL)
    assert plain.rows[0].row_hash == done.rows[0].row_hash


def test_extra_columns_follow_their_record_through_a_transform(bench: Bench) -> None:
    done = bench.run(
        "id,name,x\n1,a,one\n2,b,two\n",
        DDL,
        transforms=(
            "def make(records):\n"
            "    assert 'x' not in records.columns\n"
            "    kept = records.withColumn('level', F.lit('l')).where('id > 1')\n"
            "    return kept.select('admw_record_number', 'id', 'name', 'level')\n"
        ),
        file_format=FileFormat(columns=["id", "name"]),
        extra_columns=ExtraColumns.KEEP,
        rows_per_record="many",
    )
    assert done.values == [("2", "b", "l", '{"x":"two"}')]


def test_extra_columns_may_be_left_behind_and_missing_ones_filled(bench: Bench) -> None:
    policies = {"extra_columns": ExtraColumns.IGNORE, "missing_columns": MissingColumns.FILL}
    done = bench.run("x,id\n9,1\n", DDL, **policies)
    assert done.values == [("1", None, "none")]
