"""How much longer a reconciliation takes where a thousand rows differ, and how much memory.

    python -m benchmarks.reconcile_differences [--rows N]

A million rows of tests/migrations/stock, both stages, on MariaDB: once as they were delivered, once
with a thousand planted differences of ten kinds, all of which must be found, classed and named.
Ends with 1 where that is not so, where it takes more than twice as long, or where the reconciling
process needs a gibibyte.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from admw_assets.core.reconciliation import ReconciliationFailed, ReconciliationReport
from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.reporting.json_report import parse_json
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import Settings, read_settings
from admw_assets.steps.runner import STEPS, run_step
from tests import stock
from tests.mariadb_server import running_mariadb
from tests.planted_differences import Planted, plant, problems

FILE = "ITEM~20240101.000000.csv"
TABLE = "ITEM"
MOST_TIMES = 2.0
MOST_MIB = 1024


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One reconciliation in a process of its own; peak resident memory in MiB."""

    seconds: float
    peak_mib: int
    report: str
    passed: bool

    def read(self) -> ReconciliationReport:
        """Its report, as it was written."""
        return parse_json((Path(self.report) / "report.json").read_text(encoding="utf-8"))


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--reconcile", choices=list(Stage), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reconcile:
        reconcile(Stage(options.reconcile))
        return 0
    with (
        tempfile.TemporaryDirectory(prefix="admw-bench-") as folder,
        running_mariadb(buffer_pool_mib=2048, redo_log_mib=2048) as server,
        server.fresh_database() as url,
    ):
        return measure(Settings(stock.MIGRATION, url, Path(folder) / "home"), options.rows)


def measure(settings: Settings, rows: int) -> int:
    """Both stages, each without and with differences."""
    file = settings.landing / FILE
    stock.write_items(file, 1, rows)
    engine = sa.create_engine(settings.database_url)
    faults: list[str] = []
    say(f"{rows:,} rows, {os.cpu_count()} cores; seconds of one run")
    for stage in Stage:
        steps = (
            (StepKind.TRANSFORM, StepKind.LOAD) if stage is Stage.PRELIMINARY else (StepKind.LOAD,)
        )
        with open_ports(settings) as ports:
            ports.tables.initialize(ports.migration)
            for step in steps:
                run_step(StepRequest(str(file), TABLE, stage, step, "bench"), ports)
        staged = settings.work / FILE
        kept = settings.home / "kept"
        shutil.copytree(staged, kept)
        clean = reconcile_apart(settings, stage)
        if stage is Stage.PRELIMINARY:  # a good end has removed the staged parts
            shutil.rmtree(staged)
            shutil.copytree(kept, staged)
        table = {Stage.PRELIMINARY: f"PRE_{TABLE}", Stage.FINAL: TABLE}[stage]
        execute(engine, f"CREATE TABLE kept LIKE {table}")
        execute(engine, f"INSERT INTO kept SELECT * FROM {table}")
        planted = plant(engine, stage, FILE, rows)
        faults += judge(stage, clean, reconcile_apart(settings, stage), planted)
        execute(engine, f"DROP TABLE {table}")
        execute(engine, f"RENAME TABLE kept TO {table}")
        with open_ports(settings) as ports:
            run_step(StepRequest(str(file), TABLE, stage, StepKind.RECONCILE, "bench"), ports)
        shutil.rmtree(kept)
    engine.dispose()
    for fault in faults:
        say(f"FAULT: {fault}")
    return 1 if faults else 0


def judge(stage: Stage, clean: Reconciled, differing: Reconciled, planted: Planted) -> list[str]:
    """Say the figures; what is not as it must be."""
    times = differing.seconds / clean.seconds
    say(
        f"{stage}: {clean.seconds:.1f} s and {clean.peak_mib} MiB as delivered, "
        f"{differing.seconds:.1f} s and {differing.peak_mib} MiB with 1,000 differences "
        f"({times:.2f} times)"
    )
    faults = [f"{stage}: {problem}" for problem in problems(differing.read(), planted)]
    if not clean.passed:
        faults.append(f"{stage}: rows as delivered do not reconcile")
    if times > MOST_TIMES:
        faults.append(f"{stage}: {times:.2f} times as long, {MOST_TIMES} allowed")
    if differing.peak_mib >= MOST_MIB:
        faults.append(f"{stage}: {differing.peak_mib} MiB, less than {MOST_MIB} allowed")
    return faults


def reconcile_apart(settings: Settings, stage: Stage) -> Reconciled:
    """Reconcile in a process of its own."""
    variables = {
        "ADMW_MIGRATION": str(settings.migration),
        "ADMW_DATABASE_URL": settings.database_url,
        "ADMW_HOME": str(settings.home),
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reconcile_differences", "--reconcile", stage.value],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    return Reconciled(**json.loads(done.stdout.splitlines()[-1]))


def reconcile(stage: Stage) -> None:
    """The child: reconcile once, whatever comes of it, and print the figures."""
    with open_ports(read_settings(os.environ)) as ports:
        location = str(read_settings(os.environ).landing / FILE)
        request = StepRequest(location, TABLE, stage, StepKind.RECONCILE, "bench")
        started = time.monotonic()
        try:
            report, passed = STEPS[stage, StepKind.RECONCILE](request, ports).report, True
        except ReconciliationFailed as failed:
            report, passed = failed.location, False
        seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    figures = {"seconds": seconds, "peak_mib": peak, "report": report, "passed": passed}
    print(json.dumps(figures))


def execute(engine: sa.Engine, statement: str) -> None:
    """Carry out a statement past ADMW."""
    with engine.begin() as connection:
        connection.execute(sa.text(statement))


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
