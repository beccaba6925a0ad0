"""Records found again by number, as the bytes that they are in the file; imports numpy and core."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from admw_assets.core.errors import DataFileError
from admw_assets.core.ports import RawRecord
from admw_assets.engines.files.grammar import Grammar, RecordReader

_LINE_END = re.compile(b"[\r\n]")


def raw_records(
    content: BinaryIO, index: Path, grammar: Grammar, numbers: Iterable[int], record_end: bytes
) -> Iterator[RawRecord]:
    """The records of these numbers (from 1), without their line ends, by seeking.

    Raises DataFileError for a number that the index does not have.
    """
    starts = np.memmap(index, dtype="<i8", mode="r")
    reader = RecordReader(grammar, record_end)
    for number in numbers:
        if not 1 <= number < starts.size:
            raise DataFileError(
                f"There is no record {number:,}; the file has {starts.size - 1:,}.",
                next_step="The file may have been delivered anew: start the stage again.",
                record=number,
            )
        start, end = int(starts[number - 1]), int(starts[number])
        content.seek(start)
        data = content.read(end - start)
        if record_end:
            data = data[: reader.read(data).end]
        elif line_end := _LINE_END.search(data):
            data = data[: line_end.start()]
        yield RawRecord(number, start, data)
