"""Names of preliminary tables and columns, never longer than MySQL allows; imports core only."""

import hashlib

from admw_assets.core.table_keys import LONGEST_NAME

_MARK_LENGTH = 8
LONGEST_PREFIX = LONGEST_NAME // 2
"""Characters; a longer prefix would leave nothing to tell shortened names apart by eye."""


def prefixed(prefix: str, name: str) -> str:
    """Prefix and name; what is too long is cut and ends in `_` and a mark of the whole name.

    The mark is the first eight hex digits of the name's SHA-256, so the answer depends on
    nothing but the two arguments (MySQL manual, "Identifier Length Limits": 64 characters).
    """
    whole = prefix + name
    if len(whole) <= LONGEST_NAME:
        return whole
    mark = hashlib.sha256(name.encode()).hexdigest()[:_MARK_LENGTH]
    return f"{whole[: LONGEST_NAME - _MARK_LENGTH - 1]}_{mark}"
