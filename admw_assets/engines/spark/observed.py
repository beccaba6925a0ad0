"""Numbers that Spark collects of a frame while another action runs over it; imports Spark only."""

from typing import Any, cast

from py4j.protocol import Py4JError
from pyspark.sql import Column, DataFrame, Observation


class Observed:
    """Aggregates of one frame, collected by the first action that comes by it.

    Unlike an Observation it can say that the action did not come by: where the frame is part of
    a plan, Spark may leave it out (a join with nothing, `limit 0`).
    """

    def __init__(self) -> None:
        self._observation = Observation()

    def on(self, frame: DataFrame, *aggregates: Column) -> DataFrame:
        """The frame, observed; called once."""
        named = [aggregate.alias(f"a{i}") for i, aggregate in enumerate(aggregates)]
        return frame.observe(self._observation, *named)

    def values(self) -> tuple[Any, ...] | None:
        """The aggregates in order, None where there are none (yet); never waits.

        Spark fills observations in the order in which they were made: where `values` of a later
        one of the same action are there, those of this one are there or will never be.
        """
        try:
            observation = cast(Any, self._observation)._jo
            metrics = observation.getClass().getDeclaredField("metrics")
            metrics.setAccessible(True)
            if not metrics.get(observation).isDefined():
                return None
        except Py4JError:  # another Spark, with another class
            return None
        return tuple(self._observation.get[f"a{i}"] for i in range(len(self._observation.get)))
