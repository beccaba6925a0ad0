"""A Spark for the folder, and a bench that runs files through the engine."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.engines.spark.jobs import Bench


@pytest.fixture
def bench(spark: SparkSession, tmp_path: Path) -> Bench:
    """Runs one file after the other in a folder of its own."""
    return Bench(spark, tmp_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker("spark")
