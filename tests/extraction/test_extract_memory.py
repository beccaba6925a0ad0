"""An extraction holds a few rows at a time, however many there are and however large they are."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ADMW, admw_environment
from tests.extraction.extracted import execute, manifest_of

pytestmark = pytest.mark.slow

MIB = 1024  # KiB, in which the kernel counts
IDLE = 85 * MIB  # the interpreter with SQLAlchemy and a driver

# A new process counts what its parent held when it was forked (getrusage(2): the high-water mark
# survives exec). So a small process starts the command, and says what that one reached.
PEAK_OF = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize(
    ("doublings", "length", "allowed"),
    [
        pytest.param(16, 2_000, IDLE + 45 * MIB, id="many-rows"),  # 131 MB
        pytest.param(7, 1_000_000, IDLE + 90 * MIB, id="large-rows"),  # 128 MB
    ],
)
def test_memory_does_not_grow_with_the_table(
    source_url: str, tmp_path: Path, doublings: int, length: int, allowed: int
) -> None:
    kind = "LONGTEXT" if source_url.startswith("mysql") else "TEXT"
    execute(
        source_url,
        f"CREATE TABLE big (id INTEGER PRIMARY KEY, t {kind})",
        f"INSERT INTO big VALUES (0, '{'x' * length}')",
        *(f"INSERT INTO big SELECT id + {2**n}, t FROM big" for n in range(doublings)),
    )
    extract = [*ADMW, "extract", "--source", source_url, "--out", str(tmp_path / "out"), "--json"]
    process = subprocess.run(
        [sys.executable, "-c", PEAK_OF, *extract],
        env=admw_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    peak = int(process.stderr.splitlines()[-1])
    table = manifest_of(tmp_path / "out")["tables"]["big"]
    assert table["rows"] == 2**doublings
    assert table["files"][0]["bytes"] > 2**doublings * length
    assert peak < allowed, f"{peak / MIB:.0f} MiB"
