"""A real MariaDB server for tests and benchmarks, started from the installed program.

It listens on 127.0.0.1 only, keeps its data in a temporary folder, and ends with the `with` block
that started it, or with the process that runs the block, however that ends.
"""

import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pymysql

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
INSTALL_COMMAND = "sudo apt-get install mariadb-server-core mariadb-client-core"
START_SECONDS = 60
STOP_SECONDS = 30
START_ATTEMPTS = 3

# Debian puts the server into /usr/sbin, which is not on every user's PATH.
_SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


class MariaDbUnavailableError(Exception):
    """The server program is missing, or the server did not start."""


@dataclass(frozen=True, slots=True)
class MariaDbServer:
    """A running server and a user of it that may do everything."""

    port: int
    user: str
    password: str
    pid: int
    data_dir: Path

    def url(self, database: str = "") -> str:
        """Return the SQLAlchemy URL of a database, or of the server without one."""
        return f"mysql+pymysql://{self.user}:{self.password}@{HOST}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one administrative statement on a connection of its own."""
        connection = pymysql.connect(
            host=HOST, port=self.port, user=self.user, password=self.password, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Create an empty utf8mb4 database with a random name; yield its URL; drop it."""
        name = f"admw_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name}")


def find_program(name: str) -> str | None:
    """Return the path of a server program, or None where it is not installed."""
    return shutil.which(name, path=_SEARCH_PATH)


def mariadb_missing() -> str | None:
    """Say which program is missing and how to install it; None when all are there."""
    missing = [name for name in ("mariadbd", "mariadb-install-db") if find_program(name) is None]
    if not missing:
        return None
    return f"{' and '.join(missing)} not found; install with: {INSTALL_COMMAND}"


@contextmanager
def running_mariadb(
    buffer_pool_mib: int = 512, redo_log_mib: int = 96, options: Sequence[str] = ()
) -> Iterator[MariaDbServer]:
    """Start a server with an empty data folder and stop it at the end of the block.

    Args:
        buffer_pool_mib: size of InnoDB's buffer pool in MiB.
        redo_log_mib: size of InnoDB's redo log in MiB; a bulk load of more than this waits for
            checkpoints, so a benchmark sets it higher.
        options: further options of mariadbd.

    Raises:
        MariaDbUnavailableError: the program is missing, or the server did not come up.
    """
    if (missing := mariadb_missing()) is not None:
        raise MariaDbUnavailableError(missing)
    # Socket paths may have 107 bytes at most, so the folder does not go below a long TMPDIR.
    home = Path(tempfile.mkdtemp(prefix="admw-mariadb-", dir="/tmp"))
    try:
        _create_system_tables(home)
        server, process = _start(home, buffer_pool_mib, redo_log_mib, options)
        try:
            yield server
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _create_system_tables(home: Path) -> None:
    result = subprocess.run(
        [
            str(find_program("mariadb-install-db")),
            "--no-defaults",
            *_as_current_user(),
            f"--datadir={home / 'data'}",
            f"--tmpdir={home}",  # servers that start at once may meet in a shared one
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    if result.returncode != 0:
        raise MariaDbUnavailableError(f"mariadb-install-db failed: {result.stdout}{result.stderr}")


def _start(
    home: Path, buffer_pool_mib: int, redo_log_mib: int, options: Sequence[str]
) -> tuple[MariaDbServer, subprocess.Popen[bytes]]:
    user, password = "root", secrets.token_hex(12)
    setup = home / "setup.sql"
    setup.touch(mode=0o600)
    # The server runs this before it takes connections. One statement a line is its rule.
    setup.write_text(
        f"CREATE OR REPLACE USER '{user}'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{user}'@'127.0.0.1' WITH GRANT OPTION;\n"
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n",
        encoding="ascii",
    )
    for attempt in range(1, START_ATTEMPTS + 1):
        port = _free_port()
        process = subprocess.Popen(
            [
                *_tied_to_parent(),
                str(find_program("mariadbd")),
                "--no-defaults",
                *_as_current_user(),
                f"--datadir={home / 'data'}",
                f"--tmpdir={home}",
                f"--socket={home / 'socket'}",
                f"--pid-file={home / 'pid'}",
                f"--log-error={home / 'error.log'}",
                f"--init-file={setup}",
                f"--bind-address={HOST}",
                f"--port={port}",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--local-infile=ON",
                "--max-allowed-packet=64M",
                f"--innodb-buffer-pool-size={buffer_pool_mib}M",
                f"--innodb-log-file-size={redo_log_mib}M",
                # Written at every commit, flushed once a second: safe against a killed process.
                "--innodb-flush-log-at-trx-commit=2",
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        server = MariaDbServer(port, user, password, process.pid, home / "data")
        try:
            started = _wait_until_ready(server, process)
        except BaseException:
            _stop(process)
            raise
        if started:
            return server, process
        log.warning("mariadbd did not start on port %s (attempt %s)", port, attempt)
    error_log = home / "error.log"
    errors = re.findall(r".*\[ERROR\].*", error_log.read_text() if error_log.exists() else "")
    raise MariaDbUnavailableError("mariadbd did not start: " + "\n".join(errors[-5:]))


def _wait_until_ready(server: MariaDbServer, process: subprocess.Popen[bytes]) -> bool:
    """Return True when the server answers, False when it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(pymysql.err.OperationalError):
            server.execute("SELECT 1")
            return True
        time.sleep(0.05)
    _stop(process)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _as_current_user() -> list[str]:
    # mariadbd refuses to run as root unless it is told to.
    return ["--user=root"] if os.geteuid() == 0 else []


def _tied_to_parent() -> list[str]:
    # setpriv (util-linux) makes the kernel end the server when this process dies by SIGKILL.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
