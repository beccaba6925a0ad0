"""An AWS account of the test's own, with a MariaDB behind it."""

from pathlib import Path

import pytest

from tests.aws.account import Account, made_account
from tests.orders import MIGRATION
from tests.rehearsal.server import Emulator


@pytest.fixture
def aws(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> str:
    """The emulator, where boto3 looks for AWS; its URL."""
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return emulator.url


@pytest.fixture
def account(aws: str, mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A stack for tests/migrations/orders with its tables made, its variables set."""
    from aws_deploy.lambdas import db_init

    made = made_account(mysql_url, MIGRATION, tmp_path)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    assert db_init.handler({})["made"]
    return made
