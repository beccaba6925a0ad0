"""Records of a replay: they have the numbers of their file of origin, and may lack a hash."""

from admw_assets.core.canonical import source_hash
from admw_assets.core.configuration import RowsPerRecord
from admw_assets.core.ports import CORRECTED
from tests.engines.spark.jobs import Bench

DDL = "CREATE TABLE t (id INT NOT NULL, name VARCHAR(5))"


def test_rows_and_rejects_have_the_numbers_of_the_origin(bench: Bench) -> None:
    content = 'id,name\n1,a\n2,too long\n3,"b" c\n4,d,e\n5,f\n'
    outcome = bench.run(content, DDL, origin_records=(7, 12, 900_000, 3_000_000_000, 4))
    assert {row.record: row.values for row in outcome.rows} == {7: ("1", "a"), 4: ("5", "f")}
    assert outcome.rules == {12: "length", 900_000: "quote", 3_000_000_000: "fields"}
    assert (outcome.result.expected, outcome.result.records_read) == (5, 5)


def test_transform_sees_the_numbers_of_the_origin(bench: Bench) -> None:
    transforms = (
        "def make(records):\n"
        "    return records.select('admw_record_number',"
        " F.col('admw_record_number').alias('id'), 'name')\n"
    )
    outcome = bench.run(
        "name\na\nb\n",
        DDL,
        transforms=transforms,
        origin_records=(5, 90),
        rows_per_record=RowsPerRecord.ONE,
    )
    assert outcome.values == [("5", "a"), ("90", "b")]


def test_empty_hash_says_that_a_record_was_corrected(bench: Bench) -> None:
    good = source_hash(["1", "a"])
    lines = [f"1,a,{good}", "2,b,", '3,c,""', f"4,d,{good}"]
    content = "id,name,admw_source_hash\n" + "\n".join(lines)
    outcome = bench.run(content, DDL, origin_records=(11, 12, 13, 14))
    assert {row.record: row.source_hash for row in outcome.rows} == {
        11: good,
        12: CORRECTED,
        13: CORRECTED,
    }
    assert outcome.rules == {14: "source_hash"}
    assert "empty it where you corrected them" in outcome.rejects[14, 1]["message"]


def test_hash_of_a_regrouped_record_comes_with_its_number(bench: Bench) -> None:
    transforms = (
        "def make(records):\n"
        "    kept = records.groupBy('admw_record_number').agg(\n"
        "        F.max('id').alias('id'), F.max('name').alias('name'))\n"
        "    return kept.select('admw_record_number', 'id', 'name')\n"
    )
    good = source_hash(["1", "a"])
    content = f"id,name,admw_source_hash\n1,a,{good}\n2,b,\n"
    outcome = bench.run(content, DDL, transforms=transforms, origin_records=(30, 40))
    assert {row.record: row.source_hash for row in outcome.rows} == {30: good, 40: CORRECTED}
