"""A MariaDB server whose certificate is signed by an authority of the test run's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.mariadb_server import HOST, MariaDbServer, running_mariadb

USER, PASSWORD = "encrypted", "only-in-this-test"
NAME = "localhost"
"""The host's name in the certificate; HOST, its address, is not in it."""


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A server that lets USER in over TLS only, and two authorities' certificates.

    `authority` has signed the server's certificate, `stranger` has not.
    """

    server: MariaDbServer
    authority: Path
    stranger: Path
    database: str = ""

    def url(self, name: str = NAME) -> str:
        """The URL of the database, for USER; `name` is what the host is called in it."""
        return f"mysql+pymysql://{USER}:{PASSWORD}@{name}:{self.server.port}/{self.database}"


@contextmanager
def running_tls_server(folder: Path) -> Iterator[TlsServer]:
    """Start it; `folder` takes the certificates."""
    authority, stranger = folder / "authority.pem", folder / "stranger.pem"
    signing = trustme.CA()
    signing.cert_pem.write_to_path(authority)
    trustme.CA().cert_pem.write_to_path(stranger)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    issued = signing.issue_cert(NAME)
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(certificate)
    with running_mariadb(options=(f"--ssl-cert={certificate}", f"--ssl-key={key}")) as server:
        server.execute(f"CREATE USER '{USER}'@'{HOST}' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL")
        server.execute(f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'{HOST}'")
        yield TlsServer(server, authority, stranger)
