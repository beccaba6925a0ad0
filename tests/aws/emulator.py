"""A plain AWS emulator for the tests of the runtime: S3, SNS, SQS, secrets, state machines.

It is the emulator of the rehearsal without the rehearsal's additions, so machines here only pass.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ENVIRONMENT = Path(__file__).parents[2] / ".venv-rehearsal"
REGION = "eu-central-1"
_HOST = "127.0.0.1"
_START_SECONDS = 60


def emulator_missing() -> str | None:
    """Say what is missing, None where the emulator can start."""
    if (ENVIRONMENT / "bin" / "ministack").exists():
        return None
    return "the AWS emulator is not installed; run: bash scripts/setup_rehearsal.sh .venv-rehearsal"


@contextmanager
def running_emulator(folder: Path) -> Iterator[str]:
    """Start an empty emulator on 127.0.0.1, yield its URL, stop it."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "ADMW_", "PYTHON"))
    } | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": _HOST,
        "MINISTACK_HOST": _HOST,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    setpriv = shutil.which("setpriv")  # ends the emulator when this process is killed
    tied = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    log = folder / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*tied, str(ENVIRONMENT / "bin" / "python"), "-m", "ministack"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://{_HOST}:{port}"
        _wait_until_ready(process, url, log)
        yield url
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{url}/_ministack/health", timeout=5),
        ):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The AWS emulator did not start:\n{log.read_text()[-2000:]}")
