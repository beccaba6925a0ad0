"""Databases that live as long as a module's or a test's fixture, one of each kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

KINDS = ["sqlite", pytest.param("mysql", marks=pytest.mark.mysql)]
"""Parameters of a fixture that runs once for each kind of database."""


@contextmanager
def fresh_database(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of an empty database of that kind; MariaDB's is dropped at the end of the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'admw.sqlite'}"
    else:
        with request.getfixturevalue("mariadb").fresh_database() as url:
            yield url
