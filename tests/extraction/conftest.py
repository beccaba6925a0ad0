"""Source databases of the three kinds, and the same for tests that any of them will do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer, postgres_missing, running_postgres


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"postgres", "postgres_url"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test run's own."""
    if (missing := postgres_missing()) is not None:
        pytest.skip(missing)
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty database on the server, dropped after the test."""
    with postgres.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_source_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'source.sqlite'}"


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("mysql", marks=pytest.mark.mysql),
        pytest.param("postgres", marks=pytest.mark.postgres),
    ]
)
def source_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty source database, once for each kind."""
    kind = "sqlite_source" if request.param == "sqlite" else request.param
    return request.getfixturevalue(f"{kind}_url")
