"""The supermarket's transforms, on real Spark: its golden cases, and what they cannot show."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from admw_assets.core.migration_folder import load_migration
from admw_assets.engines.spark.session import SparkSettings, job_session, spark_session
from admw_assets.runtime.golden_cases import run_cases
from admw_assets.runtime.settings import Settings
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


def test_golden_cases_come_out_as_they_say(spark: SparkSession, tmp_path: Path) -> None:
    runs = run_cases(Settings(SUPERMARKET, "sqlite://", tmp_path))
    assert {run.case.folder for run in runs} == set(CASES)
    assert {run.case.label: (run.message, run.differences) for run in runs if not run.passed} == {}


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
        entity = load_migration(SUPERMARKET).entity_feeding(table)
        rows = read_rows(case / "input.csv", file_format(entity))
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
