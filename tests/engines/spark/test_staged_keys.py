"""What a dry run stages: the rows of a real run, cut down to their keys."""

import csv
import io

from admw_assets.core.canonical import source_hash
from admw_assets.core.configuration import ExtraColumns
from admw_assets.core.ddl import parse_schema
from admw_assets.core.key_columns import key_schema
from tests.engines.spark.jobs import Bench, Outcome

SQL = """CREATE TABLE T (note VARCHAR(20), id INT NOT NULL, price DECIMAL(8,2), code CHAR(4),
  day DATE NOT NULL, PRIMARY KEY (id), UNIQUE KEY (day, code));"""
HEADER = ["note", "id", "price", "code", "day", "seen", "admw_source_hash"]
RECORDS: list[list[str | None]] = [
    ["plain", "1", "1.50", "ab", "2024-01-01", "x"],
    ["tab\tin it", "002", "1.5", "a\tb\\", "2024-01-02 00:00:00", "y"],  # for the second pass
    ["Zoë 日本", "3", None, None, "2024-01-03", None],
    ["wrong", "x", "1.00", "ab", "2024-01-04", "x"],
    ["dropped", "5", "1.00", "ab", "2024-01-05", "x"],
    ["lacks a day", "6", "1.00", "ab", None, "x"],
    [None, "7", "0.00", "cd", "2024-01-07", "x"],
]
TRANSFORM = """
def make(records):
    reason = F.when(F.col("note") == "dropped", "not wanted")
    return records.drop("seen").withColumn("admw_drop_reason", reason)
"""


def content() -> str:
    """The records as a file; the hash of the last one is wrong."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for record in RECORDS:
        told = "0" * 64 if record is RECORDS[-1] else source_hash(record)
        writer.writerow([*record, told])
    return out.getvalue()


def both(bench: Bench, sql: str, text: str, **options: object) -> tuple[Outcome, Outcome]:
    """The same file staged whole, and by its keys."""
    schema = parse_schema(sql)
    whole = bench.run(text, schema.table("T"), **options)  # pyright: ignore[reportArgumentType]
    keys = key_schema(schema, ["T"])
    cut = bench.run(text, schema.table("T"), keys=keys, **options)  # pyright: ignore[reportArgumentType]
    return whole, cut


def test_keys_are_staged_as_in_a_real_run_and_all_else_is_decided_alike(bench: Bench) -> None:
    whole, cut = both(bench, SQL, content(), transforms=TRANSFORM)
    assert [row.values for row in whole.rows] == [
        ("plain", "1", "1.50", "ab", "2024-01-01"),
        ("tab\tin it", "2", "1.50", "a\tb\\", "2024-01-02"),
        ("Zoë 日本", "3", None, None, "2024-01-03"),
    ]
    assert cut.values == [(row.values[1], *row.values[3:]) for row in whole.rows]
    assert [(row.record, row.row) for row in cut.rows] == [
        (row.record, row.row) for row in whole.rows
    ]
    assert cut.rejects == whole.rejects
    assert set(cut.rules.values()) == {"integer", "not_null", "source_hash"}
    for name in ("rows", "records_read", "expected", "rejected", "dropped"):
        assert getattr(cut.result, name) == getattr(whole.result, name)
    assert cut.result.dropped == {"not wanted": 1}


def test_keys_have_no_hashes_and_come_with_the_size_of_all_values(bench: Bench) -> None:
    whole, cut = both(bench, SQL, content(), extra_columns=ExtraColumns.KEEP)
    assert {(row.source_hash, row.row_hash) for row in cut.rows} == {(None, "")}
    assert cut.result.checksum == "4:0:0"
    extra = [row.values[5] for row in whole.rows]
    assert extra == ['{"seen":"x"}', '{"seen":"y"}', '{"seen":null}', '{"seen":"x"}']
    assert [len(row.values) for row in cut.rows] == [3] * 4
    values = [value for row in whole.rows for value in row.values if value is not None]
    assert cut.result.value_bytes == sum(len(value.encode()) for value in values)
    assert whole.result.value_bytes == 0


def test_rows_without_a_key_are_counted(bench: Bench) -> None:
    whole, cut = both(bench, "CREATE TABLE T (a INT, b VARCHAR(9));", "a,b\n1,x\n2,\nq,y\n")
    assert cut.result.rows == whole.result.rows == 2
    assert cut.rejects == whole.rejects
    assert [(row.record, row.row) for row in cut.rows] == [(1, 1), (2, 1)]
    assert cut.result.value_bytes == len("1x2")
