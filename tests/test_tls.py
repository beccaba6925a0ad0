"""TLS to the database: a server with a certificate, and a user who must use it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.step import Status
from admw_assets.engines.database.connection import connect
from tests.mariadb_server import HOST
from tests.orders import open_shop, write_customers
from tests.tls_server import NAME, PASSWORD, TlsServer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CHECKED = "ssl_check_hostname=true"


@pytest.mark.spark
def test_both_stages_travel_encrypted_and_the_certificate_is_checked(
    tls_server: TlsServer, spark: "SparkSession", tmp_path: Path
) -> None:
    url = f"{tls_server.url()}?ssl_ca={tls_server.authority}&{CHECKED}"
    with open_shop(url, tmp_path / "home") as shop:
        write_customers(shop.landing, [("1", "Ada", "a;b")])

        outcomes = shop.run("encrypted")

    assert [outcome.status for outcome in outcomes] == [Status.COMPLETED] * 4


def test_without_tls_the_user_is_not_let_in(tls_server: TlsServer) -> None:
    with pytest.raises(ConfigurationError, match="Access denied"):
        connect(f"{tls_server.url()}?ssl_disabled=true").check()


@pytest.mark.parametrize(
    ("host", "is_signer"), [(NAME, False), (HOST, True)], ids=["authority", "name"]
)
def test_a_certificate_that_proves_nothing_is_refused(
    tls_server: TlsServer, host: str, is_signer: bool
) -> None:
    authority = tls_server.authority if is_signer else tls_server.stranger
    with pytest.raises(ConfigurationError, match="cannot be trusted") as caught:
        connect(f"{tls_server.url(host)}?ssl_ca={authority}&{CHECKED}").check()

    assert "ssl_ca" in caught.value.next_step
    assert PASSWORD not in str(caught.value)
