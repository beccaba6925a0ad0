"""An extraction holds a few rows at a time, however many there are and however large they are."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.command_line import ADMW, admw_environment
from tests.extraction.extracted import execute, manifest_of

pytestmark = pytest.mark.slow

MIB = 1024  # KiB, in which the kernel counts
IDLE = 85 * MIB  # the interpreter with SQLAlchemy and a driver


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
    process = subprocess.Popen(
        [*ADMW, "extract", "--source", source_url, "--out", str(tmp_path / "out"), "--json"],
        env=admw_environment(),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    table = manifest_of(tmp_path / "out")["tables"]["big"]
    assert table["rows"] == 2**doublings
    assert table["files"][0]["bytes"] > 2**doublings * length
    assert usage.ru_maxrss < allowed, f"{usage.ru_maxrss / MIB:.0f} MiB"
