"""The canonical encoding of a row, once: what is hashed, whoever computes it.

`engines.spark` and `engines.database` render the same to Spark SQL, MySQL and SQLite, and
tests/canonical holds that they agree. Imports core.canonical_text, which has the text of a value
by its type.

A row is the concatenation over its columns, in schema order, of `~` for NULL and
`<characters>:<text>` otherwise (characters are Unicode code points), so that ("ab", "c") and
("a", "bc"), or NULL and the empty string, never come out alike. Its hash is the upper-case hex
SHA-256 of that in UTF-8.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from admw_assets.core.canonical_text import FIRST_WHOLE_FLOAT as FIRST_WHOLE_FLOAT
from admw_assets.core.canonical_text import canonical_text as canonical_text

NULL = "~"

NO_HASH = "0" * 64
"""What stands in the place of a hash that nobody will compare, or that must not fit."""


def encode_row(texts: Iterable[str | None]) -> str:
    """The injective encoding of canonical (or raw) texts."""
    return "".join(NULL if text is None else f"{len(text)}:{text}" for text in texts)


def row_hash(texts: Iterable[str | None]) -> str:
    """The row hash: upper-case hex SHA-256 of the encoded canonical texts."""
    return sha256_text(encode_row(texts))


def source_hash(texts: Iterable[str | None]) -> str:
    """`admw_source_hash`: the same encoding over raw texts in file order, NULL as None."""
    return sha256_text(encode_row(texts))


def file_hash(texts: Iterable[str | None]) -> str:
    """`admw_file_hash`: over the plain concatenation of raw texts, NULL and empty as nothing."""
    return sha256_text("".join(text or "" for text in texts))


@dataclass(frozen=True, slots=True)
class HashSum:
    """A sum over row hashes that does not depend on their order.

    `high` adds up the first eight hex digits of every hash as an integer, `low` the next eight.
    Both stay below 2**63 up to 2**31 rows, so every engine computes them in plain integers.
    """

    count: int = 0
    high: int = 0
    low: int = 0

    @classmethod
    def of(cls, hashes: Iterable[str]) -> "HashSum":
        """The sum over hex hashes."""
        count = high = low = 0
        for digest in hashes:
            count += 1
            high += int(digest[:8], 16)
            low += int(digest[8:16], 16)
        return cls(count, high, low)

    @classmethod
    def parse(cls, text: str) -> "HashSum":
        """What `text` gave; raises ValueError for anything else."""
        count, high, low = (int(part) for part in text.split(":"))
        return cls(count, high, low)

    @property
    def text(self) -> str:
        """`count:high:low` in decimal digits."""
        return f"{self.count}:{self.high}:{self.low}"

    def __add__(self, other: "HashSum") -> "HashSum":
        return HashSum(self.count + other.count, self.high + other.high, self.low + other.low)

    def __sub__(self, other: "HashSum") -> "HashSum":
        return HashSum(self.count - other.count, self.high - other.high, self.low - other.low)


def sha256_text(text: str) -> str:
    """The upper-case hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest().upper()
