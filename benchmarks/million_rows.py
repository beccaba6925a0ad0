"""`make bench`: a million customers through both stages on MariaDB, beside the bare floor.

The floor is what the database alone needs for the same rows on the same machine in the same run:
`LOAD DATA LOCAL` of the finished values into a table without keys, and `INSERT ... SELECT` from
there into a table with the final table's keys. No check, no hash, no tracker.

    python -m benchmarks.million_rows [--rows N] [--docs docs/benchmarks.md]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pymysql
from sqlalchemy import make_url

from tests.mariadb_server import running_mariadb

TABLE = "customer"
MIB = 1024 * 1024
MARKER = "<!-- figures of make bench -->"


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of wall clock; `peak_mib` is the resident memory of all our processes at its peak."""

    rows: int
    floor_load: float
    floor_insert: float
    whole_command: float
    stages: dict[str, float]
    peak_mib: int
    small_files: float

    @property
    def floor(self) -> float:
        """What the database alone needs."""
        return self.floor_load + self.floor_insert


def main() -> None:
    """Measure, print, and with --docs write the figures into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--docs", type=Path)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="admw-bench-") as folder,
        running_mariadb(buffer_pool_mib=2048, redo_log_mib=2048) as server,
        server.fresh_database() as url,
    ):
        figures = measure(Path(folder), url, options.rows)
    text = render(figures)
    print(text)
    if options.docs:
        head = options.docs.read_text().partition(MARKER)[0]
        options.docs.write_text(f"{head}{MARKER}\n\n{text}")


def measure(folder: Path, url: str, rows: int) -> Figures:
    """Run ADMW, then the floor, then the ten small files, on one server."""
    home = folder / "home"
    options = ["--database-url", url, "--home", str(home), "--json"]
    for table, count in (("country", 32), (TABLE, rows)):
        admw("sample", "--out", str(home / table), "--rows", str(count), "--table", table)
    admw("run", "--landing", str(home / "country"), *options)
    print(f"{rows:,} {TABLE} records through both stages …", file=sys.stderr)
    with PeakMemory() as memory:
        outcomes, whole = admw("run", "--landing", str(home / TABLE), *options)
    stages = {o["stage"]: o["seconds"] for o in outcomes}
    if [o["status"] for o in outcomes] != ["COMPLETED"] * 2 or outcomes[1]["loaded"] != rows:
        raise SystemExit(f"The run did not load all rows: {outcomes}")
    print("The floor …", file=sys.stderr)
    floor_load, floor_insert = measure_floor(url, folder / "rows.tsv", rows)
    print("Ten small files …", file=sys.stderr)
    small = folder / "small"
    admw("sample", "--out", str(small / "landing"), "--rows", "1000")
    small_options = ["--database-url", f"sqlite:///{small}/small.sqlite", "--home", str(small)]
    _, small_files = admw("run", *small_options, "--json")
    return Figures(rows, floor_load, floor_insert, whole, stages, memory.peak // MIB, small_files)


def admw(*arguments: str) -> tuple[list[dict[str, Any]], float]:
    """Run the command line; its document and its seconds, start of Python and Spark included."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "admw_assets.cli.main", *arguments],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("ADMW_")},
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"admw {' '.join(arguments[:1])} failed: {done.stdout}{done.stderr}")
    document = json.loads(done.stdout) if "--json" in arguments else []
    return document, time.monotonic() - started


def measure_floor(url: str, rows_file: Path, rows: int) -> tuple[float, float]:
    """Seconds of LOAD DATA LOCAL and of INSERT ... SELECT of the rows that ADMW has loaded."""
    target = make_url(url)
    connection = pymysql.connect(
        host=target.host,
        port=target.port or 3306,
        user=target.username,
        password=target.password or "",
        database=target.database,
        charset="utf8mb4",
        local_infile=True,
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        columns = f"SELECT * FROM {TABLE} LIMIT 0"
        cursor.execute(f"CREATE TABLE floor_rows AS {columns}")
        cursor.execute(f"CREATE TABLE floor_final LIKE {TABLE}")
        cursor.execute(
            f"SELECT * FROM {TABLE} INTO OUTFILE %s CHARACTER SET utf8mb4", (str(rows_file),)
        )
        started = time.monotonic()
        loaded = cursor.execute(
            "LOAD DATA LOCAL INFILE %s INTO TABLE floor_rows CHARACTER SET utf8mb4",
            (str(rows_file),),
        )
        load = time.monotonic() - started
        started = time.monotonic()
        inserted = cursor.execute("INSERT INTO floor_final SELECT * FROM floor_rows")
        insert = time.monotonic() - started
    if loaded != rows or inserted != rows:
        raise SystemExit(f"The floor loaded {loaded} and inserted {inserted} of {rows} rows.")
    return load, insert


class PeakMemory:
    """Samples the resident memory of this process' children, the database server excepted."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.2):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    if "mariadbd" not in process.name():
                        total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)


def render(figures: Figures) -> str:
    """The figures as a Markdown table, ratios to the floor first."""
    both = sum(figures.stages.values())
    lines = [
        f"{figures.rows:,} rows of `{TABLE}`, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}. Seconds of one run; compare, do not quote.",
        "",
        "| what | seconds | times the floor |",
        "|---|---:|---:|",
        f"| floor: `LOAD DATA LOCAL` | {figures.floor_load:.1f} | |",
        f"| floor: `INSERT ... SELECT` | {figures.floor_insert:.1f} | |",
        f"| **floor** | **{figures.floor:.1f}** | **1.0** |",
        *(
            f"| {stage} stage | {seconds:.1f} | {seconds / figures.floor:.1f} |"
            for stage, seconds in figures.stages.items()
        ),
        f"| **both stages** | **{both:.1f}** | **{both / figures.floor:.1f}** |",
        f"| `admw run`, start of Python and Spark included | {figures.whole_command:.1f} | "
        f"{figures.whole_command / figures.floor:.1f} |",
        f"| ten small files in one `admw run` (SQLite) | {figures.small_files:.1f} | |",
        "",
        f"Peak memory of all ADMW processes: {figures.peak_mib:,} MiB.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
