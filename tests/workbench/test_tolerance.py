"""When two values are near enough."""

from datetime import timedelta

import pytest

from admw_assets.workbench.tolerance import Tolerance, is_near


@pytest.mark.parametrize(
    ("left", "right", "tolerance", "near"),
    [
        ("1.00", "1.01", 0.01, True),
        ("1.00", "1.02", 0.01, False),
        ("x", "1", 1, False),
        (None, None, 1, True),
        (None, "0", 1, False),
        ("2024-01-01 10:00:00", "2024-01-01 11:00:00", timedelta(hours=1), True),
        ("2024-01-01 10:00:00", "2024-01-01 11:00:01", timedelta(hours=1), False),
        ("never", "2024-01-01 11:00:01", timedelta(hours=1), False),
        ("Käse", "KÄSE", str.casefold, True),
        ("Käse", "Kase", str.casefold, False),
    ],
)
def test_values_within_the_tolerance_are_near(
    left: str | None, right: str | None, tolerance: Tolerance, near: bool
) -> None:
    assert is_near(left, right, tolerance) is near
