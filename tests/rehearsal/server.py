"""Starts the AWS emulator and stops it again; standard library, `spark_runtime`, pymysql's server.

The emulator runs in its own environment, `.venv-rehearsal`, made by scripts/setup_rehearsal.sh.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.rehearsal.spark_runtime import SparkRuntime, spark_runtime

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-rehearsal"
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; `runs` holds a file for each Glue job that runs now."""

    url: str
    region: str
    account: str
    runs: Path
    log: Path
    pid: int

    def environment(self) -> dict[str, str]:
        """What boto3 and the AWS command line read: the account's own administrator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def glue_processes(self) -> list[dict[str, Any]]:
        """The Glue jobs that run now: pid, job, arguments."""
        found = []
        for path in sorted(self.runs.glob("*.json")):
            try:
                found.append(json.loads(path.read_text()))
            except (FileNotFoundError, json.JSONDecodeError):
                continue  # it has just ended, or just begun
        return found


def emulator_missing() -> str | None:
    """Say what is missing, None where the emulator can start."""
    if (ENVIRONMENT / ".requirements").exists():
        return None
    return "the AWS emulator is not installed; run: bash scripts/setup_rehearsal.sh .venv-rehearsal"


@contextmanager
def running_emulator(glue_slots: int = 2, with_spark: bool = True) -> Iterator[Emulator]:
    """Start an empty emulator on 127.0.0.1 and end it, and what it started, with the block.

    Without Spark no Glue job can run, and it starts sooner.
    """
    nothing = SparkRuntime(Path(), Path(), Path(), Path(), "")
    runtime = spark_runtime(ENVIRONMENT / "spark") if with_spark else nothing
    folder = Path(tempfile.mkdtemp(prefix="admw-aws-"))
    runs = folder / "runs"
    runs.mkdir()
    glue = {key: str(value) for key, value in asdict(runtime).items()}
    glue |= {"runs": str(runs), "slots": glue_slots}
    ready = folder / "ready.json"
    log = folder / "emulator.log"
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "tests.rehearsal.emulator"]
    command += ["--ready-file", str(ready), "--glue", json.dumps(glue)]
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "ADMW_", "PYSPARK_", "SPARK_", "PYTHON"))
    }
    environment |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    with log.open("w") as output:
        process = subprocess.Popen(
            [*_tied_to_parent(), *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        told = _wait_until_ready(process, ready, log)
        yield Emulator(told["url"], told["region"], told["account"], runs, log, process.pid)
    finally:
        _stop(process, runs)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if ready.exists():
            told = json.loads(ready.read_text())
            try:
                with urllib.request.urlopen(f"{told['url']}/_ministack/health", timeout=5):
                    return told
            except (urllib.error.URLError, OSError):
                pass
        time.sleep(0.05)
    raise RuntimeError(f"The AWS emulator did not start:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes], runs: Path) -> None:
    """End the emulator's group of processes (its Lambdas are in it) and its Glue jobs."""
    for path in runs.glob("*.json"):
        _signal_group(json.loads(path.read_text())["pid"], signal.SIGKILL)
    _signal_group(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _tied_to_parent() -> list[str]:
    # setpriv (util-linux) makes the kernel end the emulator when this process dies by SIGKILL.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []
