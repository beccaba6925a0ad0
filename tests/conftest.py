"""Fixtures that every test may use: databases of both kinds, and the OpenFlights files."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.browser import Browser, chromium_missing, running_chromium
from tests.mariadb_server import MariaDbServer, mariadb_missing, running_mariadb
from tests.rehearsal.server import Emulator, emulator_missing, running_emulator
from tests.tls_server import TlsServer, running_tls_server

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REQUIRED_IN_CI = {
    "mysql": "ADMW_REQUIRE_MYSQL",
    "postgres": "ADMW_REQUIRE_POSTGRES",
    "browser": "ADMW_REQUIRE_BROWSER",
    "rehearsal": "ADMW_REQUIRE_REHEARSAL",
    "asl": "ADMW_REQUIRE_ASL",
    "class_archive": "ADMW_REQUIRE_CLASS_ARCHIVE",
}
"""Tests with such a mark must not be skipped where that variable is 1."""

_BYTES_PER_WORKER, _MOST_WORKERS = 4 * 1024**3, 4

# Tests start Spark often, on little data: a JVM that compiles no better than it must is up sooner.
# Commands that the tests start inherit it.
os.environ.setdefault("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1")

OPENFLIGHTS = Path(__file__).parents[1].parent / "shared/data/openflights"


def mysql_required() -> bool:
    """Return whether a MySQL test must not be skipped: ADMW_REQUIRE_MYSQL=1, as in CI."""
    return os.environ.get(REQUIRED_IN_CI["mysql"]) == "1"


def require_mysql_or_skip() -> None:
    """Skip the running test where MariaDB is not installed; in CI that skip is a failure.

    The test needs the mark `mysql`; with the fixtures below nobody has to call this.
    """
    if (missing := mariadb_missing()) is not None:
        pytest.skip(missing)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """How many tests run side by side with `-n auto`; each worker may have a Spark of its own."""
    memory = psutil.virtual_memory().total
    return max(1, min(os.cpu_count() or 1, memory // _BYTES_PER_WORKER, _MOST_WORKERS))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if {"mariadb", "mysql_url", "tls_server"} & fixtures:
            item.add_marker("mysql")
        if "emulator" in fixtures:
            item.add_marker("rehearsal")
    # What stands in this folder runs whole commands and takes longest: it comes first, so that the
    # workers come to an end together.
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    report = yield
    if not report.skipped or hasattr(report, "wasxfail"):
        return report
    for mark, variable in REQUIRED_IN_CI.items():
        if item.get_closest_marker(mark) and os.environ.get(variable) == "1":
            report.outcome = "failed"
            report.longrepr = f"skipped, but {variable}=1: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDbServer]:
    """A MariaDB server of this test run's own."""
    require_mysql_or_skip()
    with running_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def running_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    """The server of `tls_server`."""
    require_mysql_or_skip()
    with running_tls_server(tmp_path_factory.mktemp("tls")) as server:
        yield server


@pytest.fixture
def tls_server(running_tls: TlsServer) -> Iterator[TlsServer]:
    """Another MariaDB server, with a certificate and an empty database."""
    with running_tls.server.fresh_database() as url:
        yield replace(running_tls, database=url.rpartition("/")[2])


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An AWS account of this test run's own, in which no Glue job can run."""
    if (missing := emulator_missing()) is not None:
        pytest.skip(missing)
    with running_emulator(with_spark=False) as running:
        yield running


@pytest.fixture
def mysql_url(mariadb: MariaDbServer) -> Iterator[str]:
    """The URL of an empty database on the server, dropped after the test."""
    with mariadb.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'admw.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mysql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once for each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """One small Spark for all tests in this process; commands run in process use it too."""
    from admw_assets.engines.spark.session import SparkSettings, spark_session

    session = spark_session(SparkSettings(master="local[2]", driver_memory="1g"))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium of this test run's own; the test needs the mark `browser`."""
    if (missing := chromium_missing()) is not None:
        pytest.skip(missing)
    with running_chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def openflights() -> Path:
    """The folder with the real OpenFlights files and their schema.sql; to be read only."""
    if not OPENFLIGHTS.is_dir():
        pytest.skip("the OpenFlights files are not there (../shared/data/openflights)")
    return OPENFLIGHTS
