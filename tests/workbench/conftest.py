"""A home with something to see, and a kernel, once for all tests of the notebooks."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from admw_assets.runtime.settings import Settings
from admw_assets.workbench.demo_home import make_demo_home
from tests.workbench.notebook_run import Kernel, running_kernel

ENTITIES = ("COUNTRY", "BRAND", "CATEGORY", "CUSTOMER", "PRODUCT")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Settings:
    """The supermarket's home of `make lab`, smaller."""
    return make_demo_home(tmp_path_factory.mktemp("lab"), rows=300, only=ENTITIES)


@pytest.fixture(scope="session")
def kernel() -> Iterator[Kernel]:
    """One kernel for all notebooks."""
    with running_kernel() as started:
        yield started
