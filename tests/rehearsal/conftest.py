"""The emulator for tests; they skip where it is not installed, or fail where it must be there."""

import os
from collections.abc import Iterator

import pytest

from tests.rehearsal.server import Emulator, emulator_missing, running_emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the emulator."""
    for item in items:
        if "tests/rehearsal" in item.path.as_posix():
            item.add_marker(pytest.mark.rehearsal)


def require_emulator() -> None:
    """Skip, or where ADMW_REQUIRE_REHEARSAL=1 fail, without the emulator."""
    if missing := emulator_missing():
        if os.environ.get("ADMW_REQUIRE_REHEARSAL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An account without Glue jobs, for what needs CloudFormation alone."""
    require_emulator()
    with running_emulator(with_spark=False) as running:
        yield running
