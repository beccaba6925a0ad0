"""The supermarket's transforms, on real Spark: its golden cases, and what they cannot show."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from admw_assets.core.canonical import canonical_text
from admw_assets.core.configuration import FileFormat
from admw_assets.core.schema import TypeKind
from admw_assets.engines.spark.session import SparkSettings, job_session, spark_session
from tests.samples.reading import SUPERMARKET, configuration, file_format, read_rows, schema
from tests.samples.reading import Row as Cells

pytestmark = pytest.mark.spark

CASES = sorted(path for path in (SUPERMARKET / "cases").glob("*/*") if path.is_dir())


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    started = SparkSession.getActiveSession() is None
    session = spark_session(SparkSettings(master="local[2]", driver_memory="1g"))
    yield job_session(session)
    if started:
        session.stop()


@pytest.fixture(scope="module")
def transforms() -> ModuleType:
    spec = importlib.util.spec_from_file_location("supermarket", SUPERMARKET / "transforms.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _records(spark: SparkSession, rows: list[Cells]) -> DataFrame:
    number = T.StructField("admw_record_number", T.LongType(), False)
    fields = [T.StructField(name, T.StringType()) for name in rows[0]]
    numbered = [(at, *row.values()) for at, row in enumerate(rows, start=1)]
    return spark.createDataFrame(numbered, T.StructType([number, *fields]))


def _entity(table: str) -> str:
    feeding = (name for name, rules in configuration().files.items() if table in rules.feeds)
    return next(feeding, table.upper())


def _transformed(
    spark: SparkSession, transforms: ModuleType, table: str, rows: list[Cells]
) -> list[Row]:
    rules = configuration().tables.get(table)
    records = _records(spark, rows)
    if rules and rules.transform:
        records = getattr(transforms, rules.transform)(records)
    else:
        for target, source in (rules.columns if rules else {}).items():
            records = records.withColumnRenamed(source, target)
    for name, text in (("admw_row_number", F.lit(1)), ("admw_drop_reason", F.lit(None))):
        if name not in records.columns:
            records = records.withColumn(name, text)
    return records.orderBy("admw_record_number", "admw_row_number").collect()


def _canonical(table: str, row: Row) -> Cells:
    rules = configuration().tables.get(table)
    booleans = (rules and rules.booleans) or configuration().booleans
    texts: Cells = {}
    for column in schema().table(table).columns:
        value: str | None = row[column.name]
        if value == "" and not column.type.kind.is_text:
            value = None
        if column.type.kind is TypeKind.BOOLEAN and value is not None:
            value = "1" if value.lower() in map(str.lower, booleans.true) else "0"
        decimals = rules.float_decimals.get(column.name) if rules else None
        texts[column.name] = canonical_text(column.type, value, decimals)
    return texts


def _expected(case: Path, name: str) -> list[Cells]:
    path = case / name
    return read_rows(path, FileFormat(quoted_newlines=True)) if path.exists() else []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_golden_case(spark: SparkSession, transforms: ModuleType, case: Path) -> None:
    table = case.parent.name
    rows = read_rows(case / "input.csv", file_format(_entity(table)))
    made = _transformed(spark, transforms, table, rows)
    rejects = _expected(case, "expected_rejects.csv")
    rejected = {(row["record"], row["row"]) for row in rejects}
    places = [(str(row.admw_record_number), str(row.admw_row_number)) for row in made]
    assert rejected <= set(places)
    kept = [
        _canonical(table, row)
        for place, row in zip(places, made, strict=True)
        if place not in rejected and row.admw_drop_reason is None
    ]
    assert kept == _expected(case, "expected.csv")
    dropped = [
        {"record": str(r.admw_record_number), "row": str(r.admw_row_number), "reason": reason}
        for r in made
        if (reason := r.admw_drop_reason) is not None
    ]
    assert dropped == _expected(case, "expected_dropped.csv")


def test_every_transform_has_a_golden_case() -> None:
    tables = {table for table, rules in configuration().tables.items() if rules.transform}
    assert tables <= {case.parent.name for case in CASES}


def test_transforms_give_every_column_of_their_table(
    spark: SparkSession, transforms: ModuleType
) -> None:
    for table, rules in configuration().tables.items():
        if rules.transform is None:
            continue
        case = next(case for case in CASES if case.parent.name == table)
        rows = read_rows(case / "input.csv", file_format(_entity(table)))
        made = getattr(transforms, rules.transform)(_records(spark, rows))
        columns = {column.name for column in schema().table(table).columns}
        extra = set(made.columns) - columns
        assert columns <= set(made.columns)
        assert extra <= {"admw_record_number", "admw_row_number", "admw_drop_reason"}
        assert {made.schema[name].dataType for name in columns} == {T.StringType()}


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2024-03-01T10:15:30.123456Z", "2024-03-01 11:15:30.123456"),
        ("2024-03-01T10:15:30.1234567Z", "2024-03-01 11:15:30.1234567"),
        ("1893-03-31T12:00:00Z", "1893-03-31 12:53:28"),
        ("1000-01-01T00:00:00Z", "1000-01-01 00:53:28"),
        ("2024-03-01", "2024-03-01"),
        ("2024-03-01T10:15Z", "2024-03-01T10:15Z"),
        ("2024-03-01T10:15:30", "2024-03-01T10:15:30"),
        ("2024-03-01T10:15:60Z", "2024-03-01T10:15:60Z"),
        ("2023-02-29T10:15:30Z", "2023-02-29T10:15:30Z"),
        ("0999-12-31T23:59:59Z", "0999-12-31T23:59:59Z"),
        ("2024-03-01T10:15:30+18:30", "2024-03-01T10:15:30+18:30"),
        (" 2024-03-01T10:15:30Z", " 2024-03-01T10:15:30Z"),
        ("2024-03-01T10:15:30Z\n", "2024-03-01T10:15:30Z\n"),
        ("", ""),
        (None, None),
    ],
)
def test_local_time_reads_instants_and_passes_on_all_else(
    spark: SparkSession, transforms: ModuleType, text: str | None, local: str | None
) -> None:
    (row,) = _records(spark, [{"at": text}]).select(transforms.local_time("at")).collect()
    assert row[0] == local


@pytest.mark.parametrize("product", ["5.0", "+5", "005", " 5 "])
def test_generated_ids_are_those_of_the_number_however_it_is_written(
    spark: SparkSession, transforms: ModuleType, product: str
) -> None:
    rows: list[Cells] = [{"id": product, "secondary_categories": "7,8"}]
    made = transforms.product_secondary_category(_records(spark, rows)).collect()
    assert [row["id"] for row in made] == ["5001", "5002"]


def test_too_long_a_list_gives_no_id_that_another_product_could_have(
    spark: SparkSession, transforms: ModuleType
) -> None:
    listed = ",".join(map(str, range(1, 1002)))
    rows: list[Cells] = [{"id": "1", "secondary_categories": listed}]
    ids = [
        row["id"] for row in transforms.product_secondary_category(_records(spark, rows)).collect()
    ]
    assert ids[:999] == [str(1000 + position) for position in range(1, 1000)]
    assert ids[999:] == [None, None]
