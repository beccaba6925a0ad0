"""A real PostgreSQL server for tests, started from the installed program.

It listens on 127.0.0.1 only, keeps its data in a temporary folder, and ends with the `with` block
that started it, or with the process that runs the block, however that ends.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

HOST = "127.0.0.1"
USER = "admw"
INSTALL_COMMAND = "sudo apt-get install postgresql"
START_SECONDS = 60
STOP_SECONDS = 30
START_ATTEMPTS = 3
_INSTALLED = Path("/usr/lib/postgresql")  # Debian and Ubuntu; a folder for each version
_SYSTEM_USERS = ("postgres", "nobody")  # the server refuses to run as root


class PostgresUnavailableError(Exception):
    """The server program is missing, or the server did not start."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server and a user of it that may do everything."""

    port: int
    password: str
    pid: int

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}:{self.password}@{HOST}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one administrative statement on a connection of its own."""
        with psycopg.connect(
            host=HOST,
            port=self.port,
            user=USER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Create an empty UTF8 database with a random name; yield its URL; drop it."""
        name = f"admw_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


def find_program(name: str) -> str | None:
    """Return the path of a server program, of the newest version; None where there is none."""
    versions = sorted(_INSTALLED.glob("*/bin"), key=_version, reverse=True)
    path = os.pathsep.join([*map(str, versions), os.environ.get("PATH", os.defpath)])
    return shutil.which(name, path=path)


def postgres_missing() -> str | None:
    """Say which program is missing and how to install it; None when all are there."""
    missing = [name for name in ("postgres", "initdb") if find_program(name) is None]
    if not missing:
        return None
    return f"{' and '.join(missing)} not found; install with: {INSTALL_COMMAND}"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server with an empty data folder and stop it at the end of the block.

    Raises:
        PostgresUnavailableError: the program is missing, or the server did not come up.
    """
    if (missing := postgres_missing()) is not None:
        raise PostgresUnavailableError(missing)
    # Socket paths may have 107 bytes at most, so the folder does not go below a long TMPDIR.
    home = Path(tempfile.mkdtemp(prefix="admw-postgres-", dir="/tmp"))
    try:
        password = secrets.token_hex(12)
        _create_cluster(home, password)
        server, process = _start(home, password)
        try:
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _create_cluster(home: Path, password: str) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    if (user := _system_user()) is not None:
        for path in (home, secret):
            shutil.chown(path, user)
    result = subprocess.run(
        [
            *_as_user("TERM"),
            str(find_program("initdb")),
            f"--pgdata={home / 'data'}",
            f"--username={USER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    if result.returncode != 0:
        raise PostgresUnavailableError(f"initdb failed: {result.stdout}{result.stderr}")


def _start(home: Path, password: str) -> tuple[PostgresServer, subprocess.Popen[bytes]]:
    log = home / "server.log"
    for _ in range(START_ATTEMPTS):
        port = _free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *_as_user("INT"),  # INT ends the server at once, TERM waits for its clients
                    str(find_program("postgres")),
                    *("-D", str(home / "data")),
                    *("-c", f"listen_addresses={HOST}"),
                    *("-c", f"port={port}"),
                    *("-c", f"unix_socket_directories={home}"),
                    *("-c", "fsync=off"),
                ],
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        server = PostgresServer(port, password, process.pid)
        try:
            if _wait_until_ready(server, process):
                return server, process
        except BaseException:
            _stop(process)
            raise
    raise PostgresUnavailableError(f"postgres did not start: {log.read_text()[-1000:]}")


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes]) -> bool:
    """Return True when the server answers, False when it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            server.execute("SELECT 1")
            return True
        time.sleep(0.05)
    _stop(process)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _as_user(signal_name: str) -> list[str]:
    """What goes before a program: another user where we are root, and an end with this process."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:  # of util-linux, essential on Debian
        return []
    user = _system_user()
    change = [f"--reuid={user}", f"--regid={_group_of(user)}", "--clear-groups"] if user else []
    return [setpriv, "--pdeathsig", signal_name, *change]


def _system_user() -> str | None:
    """A user that is not root; None where this process is none itself."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _SYSTEM_USERS if name in known), None)


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def _version(folder: Path) -> float:
    with suppress(ValueError):
        return float(folder.parent.name)
    return 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
