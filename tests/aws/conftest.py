"""An AWS account of the test's own, with a MariaDB behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws.account import Account, made_account
from tests.aws.emulator import REGION, emulator_missing, running_emulator
from tests.orders import MIGRATION


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator of this test run."""
    if (missing := emulator_missing()) is not None:
        pytest.skip(missing)
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def aws(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The emulator, where boto3 looks for AWS."""
    for name, value in {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return aws_url


@pytest.fixture
def account(aws: str, mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A stack for tests/migrations/orders with its tables made, its variables set."""
    from aws_deploy.lambdas import db_init

    made = made_account(mysql_url, MIGRATION, tmp_path)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    assert db_init.handler({})["made"]
    return made
