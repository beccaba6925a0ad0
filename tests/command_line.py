"""The command line as a user starts it: `admw` in a process of its own, its options filled in."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admw_assets.core.step import Stage, StepKind
from admw_assets.runtime.settings import Settings

REPOSITORY = Path(__file__).parents[1]
ADMW = (sys.executable, "-m", "admw_assets.cli.main")
ALL_GOOD = 0
STAGE_FAILED = 1
WRONG_USAGE = 2
FINISHED_WITH_REJECTS = 3


def admw_environment() -> dict[str, str]:
    """The environment without anything that would steer `admw` from outside; a small Spark."""
    outside = ("ADMW_", "DAGSTER_")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(outside)}
    return inherited | {"ADMW_SPARK_MASTER": "local[2]", "ADMW_SPARK_MEMORY": "1g"}


def admw(*arguments: str, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `subprocess.TimeoutExpired` after so many seconds."""
    return subprocess.run(
        [*ADMW, *arguments],
        env=admw_environment(),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Project:
    """One migration, one target database and one working folder (`--home`)."""

    migration: Path
    database_url: str
    home: Path

    @property
    def options(self) -> list[str]:
        """The options that every command takes."""
        return [
            *("--migration", str(self.migration)),
            *("--database-url", self.database_url),
            *("--home", str(self.home)),
        ]

    @property
    def settings(self) -> Settings:
        """The same as settings, for a test that works on the ports itself."""
        return Settings(self.migration, self.database_url, self.home)

    @property
    def variables(self) -> dict[str, str]:
        """The same options as environment variables."""
        return {
            "ADMW_MIGRATION": str(self.migration),
            "ADMW_DATABASE_URL": self.database_url,
            "ADMW_HOME": str(self.home),
        }

    def admw(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command with the project's options to its end."""
        return admw(*arguments, *self.options)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that prints nothing, in a process group of its own, so that it can be
        killed with all that it has started."""
        return subprocess.Popen(
            [*ADMW, *arguments, *self.options],
            env=admw_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def drive(self, stage: Stage, step: StepKind, table: str, *files: Path) -> "Driven":
        """Start one step for these files in a process of its own and wait until it begins."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.step_driver", stage, step, table, *map(str, files)],
            cwd=REPOSITORY,
            env=admw_environment() | self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise AssertionError(f"the step did not begin:\n{process.communicate()[1]}")
        return Driven(process)

    def json(self, *arguments: str, exit_code: int = ALL_GOOD) -> list[dict[str, Any]]:
        """Run a command with `--json` and return its document; the exit code must be this one."""
        done = self.admw(*arguments, "--json")
        assert done.returncode == exit_code, describe(done)
        return json.loads(done.stdout)


@dataclass(frozen=True, slots=True)
class Driven:
    """A process of tests.step_driver that has just begun its first step."""

    process: subprocess.Popen[str]

    def finish(self) -> list[float]:
        """Wait for the end; the seconds that the step took for each file."""
        out, errors = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, errors
        return [json.loads(line)["seconds"] for line in out.splitlines()]

    def kill_after(self, seconds: float) -> bool:
        """Kill it with SIGKILL; True where the step had not ended by then."""
        time.sleep(seconds)
        return kill(self.process) == ""


def kill(process: subprocess.Popen[str]) -> str:
    """SIGKILL a process and all that it has started; what it had printed and nobody read."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    out, _ = process.communicate()
    return out or ""


def describe(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed, for a failing test."""
    out = "\n".join(_failures(done.stdout)) or done.stdout
    return f"exit code {done.returncode}\nstdout:\n{out}\nstderr:\n{done.stderr}"


def _failures(document: str) -> list[str]:
    """What failed stages say in the JSON of a run; nothing where it is none."""
    try:
        outcomes = json.loads(document)
        failed = [o for o in outcomes if o["status"] == "FAILED"]
        return [f"{o['stage']}/{o['table']} FAILED: {o['message']}" for o in failed]
    except (ValueError, TypeError, KeyError):
        return []
