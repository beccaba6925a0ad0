"""The archive of Spark's classes: used where it is there, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from admw_assets.engines.spark.class_archive import archive_options, class_archive
from admw_assets.engines.spark.java import java_home

PROGRAM = """
import sys
from pathlib import Path

import psutil

sys.prefix = sys.argv[1] or sys.prefix
from admw_assets.engines.spark.session import SparkSettings, spark_session

spark = spark_session(SparkSettings(master="local[1]", driver_memory="512m"))
assert spark.range(3).groupBy().count().collect()[0][0] == 3
(java,) = [p for p in psutil.Process().children(recursive=True) if p.name() == "java"]
maps = Path(f"/proc/{java.pid}/maps").read_text()
print(len({line.split()[-1] for line in maps.splitlines() if "/spark-" in line}))
"""


pytestmark = pytest.mark.slow


def mapped_archives(prefix: str = "", **variables: str) -> tuple[str, str]:
    """How many archives of Spark a JVM has mapped, and what was said meanwhile."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, prefix],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


@pytest.fixture
def archive() -> Path:
    """The archive of this environment; its test needs the mark `class_archive`."""
    found = class_archive(java_home(os.environ))
    if not found.is_file():
        pytest.skip("this environment has no archive of Spark's classes (make setup makes it)")
    return found


@pytest.mark.class_archive
def test_spark_maps_the_archive_that_setup_made(archive: Path) -> None:
    assert mapped_archives() == ("1", "")


@pytest.mark.class_archive
def test_archive_of_another_class_path_is_passed_over_silently(
    archive: Path, tmp_path: Path
) -> None:
    # Spark puts this folder in front of its jars.
    assert mapped_archives(SPARK_CONF_DIR=str(tmp_path)) == ("0", "")


def test_spark_starts_with_a_damaged_archive_as_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    archive = class_archive(java_home(os.environ))
    assert archive_options(java_home(os.environ)) == []
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"\xde\x20\x00\xf0" + b"no archive" * 1000)

    assert archive_options(java_home(os.environ)) != []
    assert mapped_archives(str(tmp_path)) == ("0", "")
