"""Numbers of records as people write them: `17,23-30`; imports core.errors only."""

import re
from collections.abc import Sequence

from admw_assets.core.errors import ConfigurationError

_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", re.ASCII)


def parse_record_numbers(text: str) -> tuple[int, ...]:
    """The numbers, ascending and once each; raises ConfigurationError."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last or last - first >= 10_000_000:
            raise ConfigurationError(
                f"{part.strip()!r} is no number of a record, nor a range of them.",
                next_step="Write them like 17,23-30; the first record after the header is 1.",
            )
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def written_numbers(numbers: Sequence[int]) -> str:
    """Ascending numbers in the same form."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(map(str, part)) for part in parts)
