"""The hash that came with a record: both conventions, over raw texts."""

import pytest

from admw_assets.core.canonical import file_hash, source_hash
from admw_assets.core.configuration import FileFormat
from admw_assets.core.errors import ConfigurationError, DataFileError
from tests.engines.spark.jobs import Bench

DDL = "CREATE TABLE t (id INT, price DECIMAL(6,2), name VARCHAR(20))"


def test_hash_over_raw_texts_is_checked_and_kept(bench: Bench) -> None:
    good = source_hash(["1", "1.5", None])
    lower = source_hash(["02", "2.50", ""]).lower()
    lines = [
        f"1,1.5,,{good}",
        f'02,2.50,"",{lower}',
        f"3,1.5,,{good}",
        "4,1.5,x,",
        '5,1.5,x,""',
        f"1,1.50,,{good}",
    ]
    outcome = bench.run("id,price,name,ADMW_Source_Hash\n" + "\n".join(lines), DDL)
    assert outcome.values == [("1", "1.50", None), ("2", "2.50", "")]
    assert [row.source_hash for row in outcome.rows] == [good, lower.upper()]
    assert outcome.rules == dict.fromkeys((3, 4, 5, 6), "source_hash")
    assert {reject["column"] for reject in outcome.rejects.values()} == {"ADMW_Source_Hash"}
    assert outcome.result.expected == 6


def test_hash_column_may_stand_anywhere_and_null_is_the_marker(bench: Bench) -> None:
    first = source_hash([None, "1.5", ""])
    content = f"id,admw_source_hash,price,name\n\\N,{first},1.5,\n"
    outcome = bench.run(content, DDL, file_format=FileFormat(null_marker="\\N"))
    assert outcome.values == [(None, "1.50", "")]


def test_older_convention_concatenates_all_columns(bench: Bench) -> None:
    good = file_hash(["1", None, "x"])
    bad = source_hash(["1", None, "x"])
    outcome = bench.run(f"id,price,name,admw_file_hash\n1,,x,{good}\n1,,x,{bad}\n", DDL)
    assert outcome.values == [("1", None, "x")]
    assert outcome.rules == {2: "source_hash"}


def test_older_convention_may_name_its_columns_in_order(bench: Bench) -> None:
    good = file_hash(["x", "1"])
    content = f"id,price,name,admw_file_hash\n1,2,x,{good}\n"
    outcome = bench.run(content, DDL, hash_columns=("NAME", "id"))
    assert outcome.values == [("1", "2.00", "x")]


def test_unknown_hash_column_is_named(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="nope"):
        bench.run("id,price,name,admw_file_hash\n1,2,x,y\n", DDL, hash_columns=("nope",))


def test_two_hash_columns_are_refused(bench: Bench) -> None:
    with pytest.raises(DataFileError, match="two hash columns"):
        bench.run("id,price,name,admw_file_hash,admw_source_hash\n", DDL)


NARROW = [
    "def make(r):\n    return r.select('admw_record_number', 'id', 'price', 'name')\n",
    "def make(r):\n    return r.where('id is not null').withColumn('name', F.upper('name'))\n",
    "def make(r):\n    return r.withColumn('name', F.explode(F.array('name')))\n",
    "def make(r):\n    from pyspark.sql import Window\n"
    "    return r.withColumn('price', F.max('price').over(Window.partitionBy('name')))\n",
]
REGROUPING = [
    "def make(r):\n    return r.groupBy('admw_record_number', 'id').agg(F.first('price')"
    ".alias('price'), F.first('name').alias('name'))\n",
    "def make(r):\n    return r.where('id < 3').union(r.where('id >= 3'))\n",
    "def make(r):\n    return r.distinct()\n",
    "def make(r):\n    o = r.select(F.col('id').alias('o'), F.col('name').alias('n'))\n"
    "    return r.join(o, r.id == o.o).select('admw_record_number', 'id', 'price', 'name')\n",
]


@pytest.mark.parametrize("transform", NARROW + REGROUPING)
def test_rows_of_a_transform_keep_the_hash_of_their_record(bench: Bench, transform: str) -> None:
    hashes = [source_hash([str(i), "1.5", "x"]) for i in range(1, 6)]
    lines = [f"{i},1.5,x,{code}" for i, code in enumerate(hashes, start=1)]
    content = "id,price,name,admw_source_hash\n" + "\n".join(lines)
    outcome = bench.run(content, DDL, transforms=transform)
    assert [row.record for row in outcome.rows] == [1, 2, 3, 4, 5]
    assert [row.source_hash for row in outcome.rows] == hashes
