"""How many rejects a file may have; core.configuration and step."""

from admw_assets.core.configuration import RejectLimit
from admw_assets.core.step import Counts


def allowed_rejects(limit: RejectLimit, expected: int) -> int | None:
    """The number of rejects allowed among `expected` rows; None: any number."""
    bounds: list[int] = []
    if limit.count is not None:
        bounds.append(limit.count)
    if limit.percent is not None:
        bounds.append(int(expected * limit.percent / 100))
    return min(bounds) if bounds else None


def left_for_final(limit: RejectLimit, preliminary: Counts) -> int | None:
    """What the preliminary stage's rejects leave of the allowed number to the final stage."""
    allowed = allowed_rejects(limit, preliminary.expected or 0)
    return None if allowed is None else max(0, allowed - (preliminary.rejected or 0))
