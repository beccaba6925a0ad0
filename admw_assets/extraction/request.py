"""What is asked of an extraction, and how it is written on the command line; imports core."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
DEFAULT_FILE_BYTES = 500_000_000


class HashConvention(StrEnum):
    """The hash that every row carries in its last column; the column has the same name."""

    SOURCE_HASH = "admw_source_hash"
    FILE_HASH = "admw_file_hash"
    NONE = "none"


class FileCompression(StrEnum):
    """How data files are compressed."""

    NONE = "none"
    GZ = "gz"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class FileLimit:
    """The most that one file may hold: records, or bytes of text before compression."""

    rows: int | None = None
    bytes: int | None = DEFAULT_FILE_BYTES


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """Where the source is; `password` is for a URL that has none, neither is ever shown."""

    url: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ExtractRequest:
    """One extraction into `folder`; `where` (SQL) and `hash_columns` are by table."""

    source: SourceAddress
    folder: Path
    tables: tuple[str, ...] = ()  # none: all
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    workers: int = 1
    hash: HashConvention = HashConvention.SOURCE_HASH
    hash_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    limit: FileLimit = FileLimit()
    compression: FileCompression = FileCompression.NONE
    restart: bool = False

    def __post_init__(self) -> None:
        if self.hash_columns and self.hash is not HashConvention.FILE_HASH:
            raise ConfigurationError(
                "--hash-columns goes with --hash admw_file_hash only: admw_source_hash is always "
                "over all columns.",
                next_step="Give --hash admw_file_hash, or leave --hash-columns out.",
            )


def parse_conditions(texts: Iterable[str]) -> dict[str, str]:
    """`TABLE: SQL condition` by table; raises ConfigurationError for anything else."""
    return _by_table(texts, ":", "--where", "TABLE: SQL condition")


def parse_hash_columns(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """`TABLE=a,b,c` by table; raises ConfigurationError for anything else."""
    lists = _by_table(texts, "=", "--hash-columns", "TABLE=column,column")
    return {
        table: tuple(name.strip() for name in names.split(",")) for table, names in lists.items()
    }


def parse_size(text: str) -> int:
    """The bytes of `500MB`, `1.5 GB` or `64MiB` (MB is 10**6, MiB 2**20)."""
    match = _SIZE.fullmatch(text.strip())
    size = 0
    if match is not None:
        base = 1024 if match[3] else 1000
        size = int(float(match[1]) * base ** _POWERS[match[2].upper()])
    if size < 1:
        raise ConfigurationError(
            f"{text!r} is no file size.", next_step="Write it as 500MB, 2GB or 64MiB."
        )
    return size


def _by_table(texts: Iterable[str], separator: str, option: str, form: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        table, given, value = (part.strip() for part in text.partition(separator))
        if not (table and given and value):
            raise ConfigurationError(
                f"{option} {text!r} cannot be read.", next_step=f'Write it as {option} "{form}".'
            )
        if table in found:
            raise ConfigurationError(
                f"{option} was given twice for table {table!r}.",
                next_step="Put both into one.",
                table=table,
            )
        found[table] = value
    return found
