"""What runs on AWS reaches its database over TLS, with the authority's certificate from S3."""

from pathlib import Path

import pytest

from admw_assets.core.errors import ConfigurationError
from aws_deploy.lambdas import db_init
from tests.aws.account import Account, made_account
from tests.mariadb_server import HOST
from tests.orders import MIGRATION
from tests.tls_server import NAME, TlsServer


@pytest.fixture(params=[NAME, HOST])
def host(request: pytest.FixtureRequest) -> str:
    """What the secret calls the database's host; the certificate knows the first alone."""
    return request.param


@pytest.fixture
def account(
    aws: str, tls_server: TlsServer, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Account:
    """A stack whose database wants TLS."""
    made = made_account(tls_server.url(host), MIGRATION, tmp_path)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ADMW_DATABASE_TLS", "required")
    return made


def trust(account: Account, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deploy with `database.ca`."""
    account.put("artifacts", "ca.pem", certificate.read_bytes())
    monkeypatch.setenv("ADMW_DATABASE_CA", f"s3://{account.bucket('artifacts')}/ca.pem")


@pytest.mark.parametrize("host", [NAME], indirect=True)
def test_tables_are_made_over_tls(
    account: Account, tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(account, tls_server.authority, monkeypatch)

    assert db_init.handler({})["made"]


def test_database_with_another_name_or_authority_is_refused(
    account: Account, tls_server: TlsServer, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(account, tls_server.stranger if host == NAME else tls_server.authority, monkeypatch)

    with pytest.raises(ConfigurationError, match="cannot be trusted"):
        db_init.handler({})


@pytest.mark.parametrize("host", [HOST], indirect=True)
def test_without_an_authority_any_certificate_will_do(account: Account) -> None:
    assert "made" in db_init.handler({})
