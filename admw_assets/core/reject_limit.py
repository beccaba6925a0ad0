"""How many rejects a file may have; imports core.configuration."""

from admw_assets.core.configuration import RejectLimit


def allowed_rejects(limit: RejectLimit, expected: int) -> int | None:
    """The number of rejects allowed among `expected` rows; None: any number."""
    bounds: list[int] = []
    if limit.count is not None:
        bounds.append(limit.count)
    if limit.percent is not None:
        bounds.append(int(expected * limit.percent / 100))
    return min(bounds) if bounds else None
