"""A Spark that starts when it is first needed and ends with whoever opened it."""

from collections.abc import Callable
from concurrent.futures import Executor

from pyspark.sql import SparkSession

from admw_assets.engines.spark.session import SparkSettings, spark_session


class LocalSpark:
    """Hands out one session; `close` stops it where this object has started it."""

    def __init__(self, settings: SparkSettings) -> None:
        self._settings = settings
        self._session: SparkSession | None = None
        self._is_ours = False

    def session(self) -> SparkSession:
        """The session; starting it takes 2-5 seconds."""
        if self._session is None:
            self._is_ours = SparkSession.getActiveSession() is None
            self._session = spark_session(self._settings)
        return self._session

    def start(self, pool: Executor) -> Callable[[], SparkSession]:
        """Start on another thread where no session is running; returns what waits for it.

        A running session is known to the thread that uses it only, so it is asked for here.
        """
        if SparkSession.getActiveSession() is not None:
            return self.session
        return pool.submit(self.session).result

    def close(self) -> None:
        """Stop Spark, unless it was running before; its JVM ends with this process."""
        if self._session is not None and self._is_ours:
            self._session.stop()
        self._session = None
