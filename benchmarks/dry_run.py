"""How long `admw dry-run` takes for a million records: `python -m benchmarks.dry_run [TABLE]`.

Prints seconds of wall clock and of processor time, so that a busy machine can be told from a slow
program: with two cores the wall clock cannot be less than half of the processor time.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ADMW = (sys.executable, "-m", "admw_assets.cli.main")
ROWS = "1000000"
_POLL_SECONDS = 0.2


def main() -> None:
    """Make the file, run the command, print what it took."""
    table = sys.argv[1] if sys.argv[1:] else "customer"
    with tempfile.TemporaryDirectory(prefix="admw-bench-") as folder:
        made = ("sample", "--out", folder, "--rows", ROWS, "--table", table)
        subprocess.run([*ADMW, *made], check=True, stdout=subprocess.DEVNULL)
        (file,) = Path(folder).glob("*~*")
        wall, busy = measure("dry-run", str(file))
    print(f"{int(ROWS):,} records of {table}, {os.cpu_count()} cores.")
    print(f"admw dry-run: {wall:.1f} s of wall clock, {busy:.1f} s of processor time")


def measure(*arguments: str) -> tuple[float, float]:
    """Seconds of wall clock and of processor time of a command with all that it starts."""
    started = time.monotonic()
    process = psutil.Popen([*ADMW, *arguments], stdout=subprocess.DEVNULL)
    busy: dict[int, float] = {}
    while process.poll() is None:
        try:
            for one in (process, *process.children(recursive=True)):
                times = one.cpu_times()
                busy[one.pid] = times.user + times.system
        except psutil.Error:
            pass  # it has just ended
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - started, sum(busy.values())


if __name__ == "__main__":
    main()
