"""The Spark session: made on one machine, taken as it is where one exists already (Glue)."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from admw_assets.engines.spark.class_archive import archive_options
from admw_assets.engines.spark.java import java_home

_LOG_CONFIGURATION = Path(__file__).with_name("log4j2.properties")
_LAUNCHED_BY_SPARK = "PYSPARK_GATEWAY_PORT"  # set where spark-submit (or Glue) started Python
_JOB_SETTINGS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "false",
    # With it Spark 3.5.6 may take an alias of the same select for a column of the input.
    "spark.sql.lateralColumnAlias.enableImplicitResolution": "false",
    # Spark 4 knows fewer character sets and refuses what one does not have, unless it is told not
    # to (Spark SQL migration guide, 3.5 to 4.0); the encoding rule does its own judging.
    "spark.sql.legacy.javaCharsets": "true",
    "spark.sql.legacy.codingErrorAction": "true",
    # Rows, rejects and dropped rows are written side by side in the order of the file: without
    # these two Spark sorts every task's rows by their folder first.
    "spark.sql.maxConcurrentOutputFileWriters": "4",
    "spark.sql.optimizer.plannedWrite.enabled": "false",
    # Small enough that the cores come to an end together; a part is a piece of work for the loader
    # too.
    "spark.sql.files.maxPartitionBytes": "16m",
}


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """How a local Spark is started; `scratch` holds its temporary files (None: the system's)."""

    master: str = "local[*]"
    driver_memory: str = "2g"
    shuffle_partitions: int = 4
    scratch: Path | None = None


def spark_session(
    settings: SparkSettings, environment: Mapping[str, str] | None = None
) -> SparkSession:
    """Return the running session, or start one as `settings` say.

    Where Spark itself started this Python (spark-submit, Glue), its session comes back unchanged.
    `environment` (default: the process's) tells where Java is. Starting takes 2-5 seconds.
    Raises ConfigurationError where no Java serves.
    """
    environment = os.environ if environment is None else environment
    if (running := SparkSession.getActiveSession()) is not None:
        return running
    if _LAUNCHED_BY_SPARK in environment:
        return SparkSession.Builder().getOrCreate()
    java = java_home(environment)
    builder = SparkSession.Builder().master(settings.master).appName("admw")
    for key, value in _local_settings(settings, java).items():
        builder = builder.config(key, value)
    with _launch_environment(java):
        return builder.getOrCreate()


def job_session(spark: SparkSession) -> SparkSession:
    """Return a session of its own on the same Spark, with the settings that transforms rely on."""
    session = spark.newSession()
    for key, value in _JOB_SETTINGS.items():
        session.conf.set(key, value)
    return session


def _local_settings(settings: SparkSettings, java: Path) -> dict[str, str]:
    scratch = settings.scratch or Path(tempfile.gettempdir())
    return {
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": " ".join(_java_options(java)),
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "admw-spark-warehouse"),
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def _java_options(java: Path) -> list[str]:
    return [
        f'"-Dlog4j2.configurationFile={_LOG_CONFIGURATION.as_uri()}"',
        "-XX:+UseParallelGC",
        # Tables with many columns give methods beyond 8,000 bytecodes, which the JVM would
        # otherwise interpret for ever.
        "-XX:-DontCompileHugeMethods",
        "-Xss4m",
        *archive_options(java),
    ]


@contextmanager
def _launch_environment(java: Path) -> Iterator[None]:
    """Set what the launcher of the JVM reads from the environment, for as long as it starts."""
    wanted = {
        "JAVA_HOME": str(java),
        "SPARK_LOCAL_IP": "127.0.0.1",  # else Spark warns about the host's name
        "PYSPARK_PYTHON": sys.executable,
    }
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
