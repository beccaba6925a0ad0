"""A migration's tables in a fresh database, once for each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.database.staging import Target, open_target

TargetOf = Callable[..., Target]


@pytest.fixture
def target_of(database_url: str, tmp_path: Path) -> Iterator[TargetOf]:
    """Creates the tables of a schema.sql (and settings of migration.yaml) in an empty database."""
    opened: list[Target] = []

    def create(sql: str, **configuration: object) -> Target:
        opened.append(open_target(database_url, tmp_path, sql, **configuration))
        return opened[-1]

    yield create
    for target in opened:
        target.database.close()


@pytest.fixture
def mysql_target_of(mysql_url: str, tmp_path: Path) -> Iterator[TargetOf]:
    """The same on MariaDB only; `options` goes into the URL's query."""
    opened: list[Target] = []

    def create(sql: str, options: str = "", **configuration: object) -> Target:
        opened.append(open_target(f"{mysql_url}{options}", tmp_path, sql, **configuration))
        return opened[-1]

    yield create
    for target in opened:
        target.database.close()
