"""Checks the hash that came with a record, on its raw texts; imports core and Spark.

Which convention a file follows is told by the name of its hash column, in any case:
`admw_source_hash` is the injective encoding of all other columns in file order, `admw_file_hash`
the plain concatenation of all other columns or of a configured list. In a replay the hash of a
record may be empty: that is how a person says that it was corrected.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from admw_assets.core.errors import ConfigurationError, DataFileError
from admw_assets.core.migration import SOURCE_HASH_COLUMNS
from admw_assets.core.ports import CORRECTED
from admw_assets.engines.spark.expressions import encoded, joined, sha256_hex

_ENCODED, _CONCATENATED = SOURCE_HASH_COLUMNS
RULE = "source_hash"


@dataclass(frozen=True, slots=True)
class SourceHash:
    """The hash column of a file: its position, its name, and the hash that it should hold.

    `may_be_empty`: the file holds the records of a replay.
    """

    position: int
    column: str
    delivered: Column
    expected: Column
    may_be_empty: bool = False

    @property
    def matches(self) -> Column:
        """Whether a record carries the hash of its texts; an empty one matches in a replay only."""
        # Upper case is what our extraction writes, and turning texts to it takes long.
        is_equal = (self.delivered == self.expected) | (F.upper(self.delivered) == self.expected)
        matches = F.coalesce(is_equal, F.lit(False))
        return matches | self._is_empty if self.may_be_empty else matches

    @property
    def kept(self) -> Column:
        """What is kept beside a row that matches: its hash, or CORRECTED where it has none."""
        if self.may_be_empty:
            return F.when(self._is_empty, CORRECTED).otherwise(self.expected)
        return self.expected

    @property
    def message(self) -> str:
        """What is said of a record whose hash is another."""
        wrong = "the record's texts do not have the hash"
        return f"{wrong}; empty it where you corrected them" if self.may_be_empty else wrong

    @property
    def _is_empty(self) -> Column:
        return F.coalesce(self.delivered, F.lit("")) == ""


def find_source_hash(
    names: Sequence[str],
    values: Sequence[Column],
    configured: Sequence[str] | None,
    may_be_empty: bool = False,
) -> SourceHash | None:
    """The hash column among a file's columns, None where it has none.

    `configured` are the columns under `admw_file_hash`, in order. Raises DataFileError where
    there are two hash columns, ConfigurationError where a configured column is not in the file.
    """
    found = [i for i, name in enumerate(names) if name.casefold() in SOURCE_HASH_COLUMNS]
    if not found:
        return None
    if len(found) > 1:
        raise DataFileError(
            f"The file has two hash columns: {names[found[0]]!r} and {names[found[1]]!r}.",
            next_step="Deliver one of them.",
        )
    position = found[0]
    if names[position].casefold() == _ENCODED:
        others = [value for i, value in enumerate(values) if i != position]
        expected = sha256_hex(encoded(others))
    else:
        hashed = _hashed_positions(names, position, configured)
        expected = sha256_hex(joined([F.coalesce(values[i], F.lit("")) for i in hashed]))
    return SourceHash(position, names[position], values[position], expected, may_be_empty)


def _hashed_positions(
    names: Sequence[str], position: int, configured: Sequence[str] | None
) -> list[int]:
    if configured is None:
        return [i for i in range(len(names)) if i != position]
    positions = {name.casefold(): i for i, name in enumerate(names)}
    missing = [name for name in configured if name.casefold() not in positions]
    if missing:
        raise ConfigurationError(
            f"`source_hash_columns` names {', '.join(map(repr, missing))}, which the file does "
            f"not have. It has: {', '.join(map(repr, names))}.",
            next_step="Correct `source_hash_columns` of this file in migration.yaml.",
            columns=missing,
        )
    return [positions[name.casefold()] for name in configured]
