"""Transforms of all shapes, and what happens to those that break the contract."""

import sys
from pathlib import Path

import pytest

from admw_assets.core.configuration import RowsPerRecord
from admw_assets.core.errors import ConfigurationError, TransformError
from tests.engines.spark.jobs import Bench

DDL = "CREATE TABLE t (id INT, name VARCHAR(9))"
FILE = "id,name\n1,a\n2,b\n3,c\n"


def test_transform_makes_the_columns_of_the_table(bench: Bench) -> None:
    outcome = bench.run(
        "key,first name,x.y\n1,a,7\n2,b,8\n",
        "CREATE TABLE t (`Id` INT, `full name` VARCHAR(20))",
        transforms="""
def make(records):
    return records.select(
        "admw_record_number",
        (F.col("key").cast("int") + 100).alias("id"),
        F.concat("first name", F.col("`x.y`")).alias("full name"),
    )
""",
    )
    assert outcome.values == [("101", "a7"), ("102", "b8")]
    assert not [name for name in sys.modules if name.startswith("admw_transforms_")]


def test_transform_sees_texts_and_null(bench: Bench) -> None:
    outcome = bench.run(
        "id,name,admw_source_hash\n",
        DDL,
        transforms="def make(r):\n    assert r.dtypes == [('id', 'string'), ('name', 'string'), "
        "('admw_record_number', 'bigint')], r.dtypes\n    return r\n",
    )
    assert outcome.values == []


def test_each_character_of_the_staged_form_is_escaped_where_it_is_the_only_one(
    bench: Bench,
) -> None:
    characters = "\\\t\n\r\0"
    outcome = bench.run(
        "id,name\n" + "".join(f"{ord(character)},x\n" for character in characters),
        DDL,
        transforms="def make(r):\n    return r.withColumn('name', F.char(F.col('id').cast('int')))",
    )
    lines = [
        line
        for part in outcome.result.parts
        for line in Path(part).read_bytes().decode().split("\n")[:-1]
    ]
    assert {line.split("\t", 4)[4] for line in lines} == {
        "92\t\\\\",
        "9\t\\t",
        "10\t\\n",
        "13\t\\r",
        "0\t\\0",
    }


def test_rows_may_be_dropped_with_a_reason(bench: Bench) -> None:
    outcome = bench.run(
        FILE + "x,d\n5,e\n",
        DDL,
        transforms="def make(r):\n    return r.withColumn('admw_drop_reason', "
        "F.when(F.col('id').isin('2', '5'), 'test \"data\"').when(F.col('id') == '3', 'old'))\n",
    )
    assert outcome.values == [("1", "a")]
    assert outcome.result.dropped == {'test "data"': 2, "old": 1}
    assert outcome.rules == {4: "integer"}
    assert outcome.result.expected == 5


def test_one_record_may_make_many_rows(bench: Bench) -> None:
    outcome = bench.run(
        "id,name\n1,a b c\n2,\n3,d\n4,toolongname x\n5\n",
        DDL,
        rows_per_record=RowsPerRecord.MANY,
        transforms="""
def make(r):
    return r.select(
        "admw_record_number", "id", F.posexplode(F.split("name", " ")).alias("pos", "name")
    ).select("admw_record_number", (F.col("pos") + 1).alias("admw_row_number"), "id", "name")
""",
    )
    assert [(row.record, row.row, *row.values) for row in outcome.rows] == [
        (1, 1, "1", "a"),
        (1, 2, "1", "b"),
        (1, 3, "1", "c"),
        (3, 1, "3", "d"),
        (4, 2, "4", "x"),
    ]
    assert {key: reject["rule"] for key, reject in outcome.rejects.items()} == {
        (4, 1): "length",
        (5, 1): "fields",
    }
    assert outcome.result.expected == 7
    assert outcome.result.records_read == 5


def test_typed_columns_are_written_as_text(bench: Bench) -> None:
    outcome = bench.run(
        "x\n1\n",
        """CREATE TABLE t (a BOOL, b TINYINT, c VARCHAR(9), d DATE, e DATETIME(3), f DECIMAL(20,10),
        g VARCHAR(30), h BINARY(2), i INT, j DOUBLE, k DECIMAL(12,2), l TEXT, m INT,
        n TIMESTAMP)""",
        transforms="""
def make(r):
    true = F.lit(True)
    return r.select(
        "admw_record_number", true.alias("a"), (~true).alias("b"), true.alias("c"),
        F.to_date(F.lit("2024-02-29")).alias("d"),
        F.expr("timestamp_ntz'2024-02-29 12:00:00.12'").alias("e"),
        F.expr("cast(0 as decimal(20,10))").alias("f"),
        F.expr("cast('0.0000001' as decimal(20,10))").alias("g"),
        F.expr("X'0AFF'").alias("h"), F.lit(5).alias("i"), F.lit(1.5).alias("j"),
        F.lit(12345678.25).alias("k"), F.expr("cast('text' as binary)").alias("l"),
        F.lit(None).alias("m"), F.to_timestamp(F.lit("2024-02-29 12:00:00")).alias("n"),
    )
""",
    )
    assert outcome.rejects == {}
    assert outcome.values == [
        (
            "1",
            "0",
            "true",
            "2024-02-29",
            "2024-02-29 12:00:00.120",
            "0.0000000000",
            "0.0000001",
            "0AFF",
            "5",
            "1.5",
            "12345678.25",
            "text",
            None,
            "2024-02-29 12:00:00",
        )
    ]


def test_rows_after_a_shuffle_are_all_there(bench: Bench) -> None:
    outcome = bench.run(
        "id,name\n" + "".join(f"{i},x\n" for i in range(1, 301)),
        DDL,
        transforms="def make(r):\n    return r.repartition(3).orderBy(F.rand(1))\n",
    )
    assert [(row.record, row.values[0]) for row in outcome.rows] == [
        (i, str(i)) for i in range(1, 301)
    ]


def test_transform_that_loses_records_is_counted_honestly(bench: Bench) -> None:
    outcome = bench.run(FILE, DDL, transforms="def make(r):\n    return r.where('id <> 2')\n")
    result = outcome.result
    assert (result.expected, result.rows, result.rejected) == (3, 2, 0)


def test_transform_that_loses_one_record_and_doubles_another_is_refused(bench: Bench) -> None:
    code = "def make(r):\n    return r.where('id < 3').union(r.where('id = 1'))\n"
    with pytest.raises(TransformError, match="traced"):
        bench.run(FILE, DDL, transforms=code)


@pytest.mark.parametrize(
    "code, message",
    [
        ("def mak(r):\n    return r\n", "no function 'make'; did you mean 'mak'"),
        ("def make(r):\n    return r.select('nope')\n", "nope"),
        ("def make(r):\n    return 5\n", "returned int, not a DataFrame"),
        ("def make(r):\n    raise KeyError('why')\n", "KeyError: 'why'"),
        ("import nonsense\n", "nonsense"),
        (
            "def make(r):\n    return r.withColumnRenamed('name', 'nam')\n",
            r"name \(did you mean nam",
        ),
        ("def make(r):\n    return r.withColumn('more', F.lit(1))\n", "has the unexpected more"),
        ("def make(r):\n    return r.drop('admw_record_number')\n", "lacks admw_record_number"),
        ("def make(r):\n    return r.select('*', F.lit(1).alias('ID'))\n", "has twice id"),
        ("def make(r):\n    return r.withColumn('name', F.array('name'))\n", "array<string>"),
        (
            "def make(r):\n    return r.withColumn('admw_record_number', F.lit(None))\n",
            "admw_record_number or admw_row_number is NULL",
        ),
        (
            "def make(r):\n    return r.withColumn('name', F.raise_error(F.lit('my reason')))\n",
            "my reason",
        ),
        (
            "def make(r):\n    return r.withColumn('name', F.udf(lambda x: 1 / 0)('name'))\n",
            "ZeroDivisionError",
        ),
    ],
)
def test_broken_transform_is_named_with_a_short_cause(
    bench: Bench, code: str, message: str
) -> None:
    with pytest.raises(TransformError, match=message) as caught:
        bench.run(FILE, DDL, transforms=code)
    assert caught.value.context["table"] == "t"
    assert caught.value.context["function"] == "make"
    assert len(caught.value.message) < 500 and caught.value.next_step


def test_columns_are_mapped_by_name_and_by_migration(bench: Bench) -> None:
    outcome = bench.run(
        "ID,Full Name,extra\n1,a,x\n", DDL, columns={"name": "full name"}, ignore=("EXTRA",)
    )
    assert outcome.values == [("1", "a")]


def test_generated_columns_need_no_source(bench: Bench) -> None:
    ddl = "CREATE TABLE t (id INT, twice INT GENERATED ALWAYS AS (id * 2) STORED)"
    assert bench.run("id\n4\n", ddl).values == [("4",)]


def test_column_without_source_and_column_that_goes_nowhere_are_named(bench: Bench) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bench.run("id,nmae,more\n1,a,x\n", DDL)
    assert "name (did you mean nmae?)" in caught.value.message
    assert "nmae, more of" in caught.value.message
    assert "ignore" in caught.value.next_step


def test_auto_increment_column_that_nobody_brings_is_refused_with_advice(bench: Bench) -> None:
    ddl = "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9))"
    with pytest.raises(ConfigurationError, match="AUTO_INCREMENT"):
        bench.run("name\na\n", ddl)
    with pytest.raises(TransformError, match="AUTO_INCREMENT"):
        bench.run("name\na\n", ddl, transforms="def make(r):\n    return r\n")


def test_folder_is_emptied_first(bench: Bench) -> None:
    first = bench.run(FILE, DDL)
    second = bench.run("id,name\n9,z\n", DDL)
    assert second.values == [("9", "z")]
    assert first.result.folder == second.result.folder


@pytest.mark.parametrize(
    "code, rows",
    [
        ("return r.where(F.lit(False))", 0),
        ("return r.limit(1)", 1),
        ("return r.where('id = 1').union(r.where('id > 1'))", 3),
        ("r.first()\n    return r", 3),
        ("return r.join(r.select('id').where('id = 9'), 'id')", 0),
    ],
    ids=["none", "some", "twice", "an action of its own", "joined with nothing"],
)
def test_every_record_is_counted_whatever_a_transform_reads(
    bench: Bench, code: str, rows: int
) -> None:
    outcome = bench.run(FILE + "4\n", DDL, transforms=f"def make(r):\n    {code}\n")
    result = outcome.result
    assert (result.records_read, result.expected, result.rows, result.rejected) == (4, 4, rows, 1)
    assert outcome.rules == {4: "fields"}
