"""Counts the records of a content and writes down where they start; imports numpy and core.

This is the independent side of the conservation of records: it shares no code with the readers
that load them. Memory stays within a few windows, whatever the size of the content.
"""

from dataclasses import dataclass
from typing import BinaryIO

from admw_assets.core.errors import DataFileError
from admw_assets.engines.files.batch import Batch, RecordFinder
from admw_assets.engines.files.layout import read_window
from admw_assets.engines.files.limits import Limits
from admw_assets.engines.files.text_encoding import TextEncoding

_LONG_RECORD = 4  # windows; wider ones are read one record at a time
_INDEX_TYPE = "<i8"

QUOTE_RULE = "quote"
ENCODING_RULE = "encoding"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found: records, blank lines between them, malformed records by number."""

    records: int
    blank_lines: int
    malformed: dict[int, str]


def scan(
    name: str,
    content: BinaryIO,
    start: int,
    finder: RecordFinder,
    encoding: TextEncoding,
    index: BinaryIO,
    limits: Limits,
) -> Scan:
    """Find all records from `start` on.

    `index` receives the offset of each record's start and at last the content's size, as 64-bit
    little-endian integers. Raises DataFileError where a record, or the number of malformed ones,
    exceeds the limits.
    """
    malformed: dict[int, str] = {}
    records = blank_lines = 0
    position, size = start, limits.chunk_bytes
    while True:
        window, final = read_window(content, position, size)
        is_long = size > _LONG_RECORD * limits.chunk_bytes
        batch = (finder.first if is_long else finder.many)(window, final)
        if not batch.consumed and not final:
            _require_record_size(name, records, position, len(window), limits)
            size *= 2
            continue
        if batch.starts.size:
            malformed.update(_malformed(window, batch, encoding, records))
            _require_few(name, malformed, limits)
            index.write((batch.starts + position).astype(_INDEX_TYPE).tobytes())
        records += int(batch.starts.size)
        blank_lines += batch.blank_lines
        position += batch.consumed
        size = limits.chunk_bytes
        if final and batch.consumed == len(window):
            break
    index.write(position.to_bytes(8, "little"))
    return Scan(records, blank_lines, malformed)


def _malformed(
    window: bytes, batch: Batch, encoding: TextEncoding, records_before: int
) -> dict[int, str]:
    """The malformed records of a batch by number, in ascending order."""
    rules = {
        ordinal: ENCODING_RULE for ordinal in encoding.faults(window, batch.starts, batch.consumed)
    }
    rules |= dict.fromkeys(batch.malformed, QUOTE_RULE)
    return {records_before + ordinal + 1: rules[ordinal] for ordinal in sorted(rules)}


def _require_record_size(name: str, records: int, position: int, size: int, limits: Limits) -> None:
    if size >= limits.max_record_bytes:
        raise DataFileError(
            f"{name}: record {records + 1:,} at offset {position:,} is longer than "
            f"{limits.max_record_bytes:,} bytes.",
            next_step="Look for a quote that is never closed; check `quote`, `escape` and "
            "`quoted_newlines` of this file in migration.yaml.",
            file=name,
            record=records + 1,
            offset=position,
        )


def _require_few(name: str, malformed: dict[int, str], limits: Limits) -> None:
    if len(malformed) > limits.max_malformed:
        number, rule = next(iter(malformed.items()))
        raise DataFileError(
            f"{name}: more than {limits.max_malformed:,} records are malformed; the first is "
            f"record {number:,} ({rule}).",
            next_step="Check `delimiter`, `quote`, `escape` and `encoding` of this file in "
            "migration.yaml.",
            file=name,
            record=number,
        )
