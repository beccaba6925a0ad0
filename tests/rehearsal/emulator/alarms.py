"""Alarms look at the metric of their own dimensions; the stock ones look at all of that name."""

import types
from typing import Any

from ministack.services import cloudwatch


def install() -> None:
    """Show each alarm the points of its own metric alone."""
    stock = cloudwatch._evaluate_alarm

    def evaluate(alarm: dict[str, Any]) -> None:
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or ()}
        key = (
            alarm.get("Namespace"),
            alarm.get("MetricName"),
            cloudwatch._dims_key(dimensions),
        )
        points = {key: cloudwatch._metrics.get(key) or []}
        types.FunctionType(stock.__code__, {**vars(cloudwatch), "_metrics": points})(alarm)

    cloudwatch._evaluate_alarm = evaluate
