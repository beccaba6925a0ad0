"""Tolerances: how far apart two values may be before they count as different; pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

Tolerance = int | float | Decimal | timedelta | Callable[[str], str]
"""A number (of the column's unit), a time, or a function after which both texts must be equal."""


def is_near(left: str | None, right: str | None, tolerance: Tolerance) -> bool:
    """Whether two texts are the same within a tolerance; NULL is near NULL only."""
    if left is None or right is None:
        return left is right
    if isinstance(tolerance, timedelta):
        try:
            return abs(datetime.fromisoformat(left) - datetime.fromisoformat(right)) <= tolerance
        except (ValueError, TypeError):
            return left == right
    if isinstance(tolerance, (int, float, Decimal)):
        try:
            return abs(Decimal(left) - Decimal(right)) <= Decimal(str(tolerance))
        except InvalidOperation:
            return left == right
    return tolerance(left) == tolerance(right)
