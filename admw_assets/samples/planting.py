"""Faulty records: where they stand in a file, and their lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from admw_assets.core.configuration import FileFormat, FileRules
from admw_assets.samples.csv_text import csv_lines, field_text, hashes_of
from admw_assets.samples.draws import Draws
from admw_assets.samples.faults import Damage, Fault
from admw_assets.samples.sample_file import SampleFile, Sizes

SPARE_ROWS = 1_000_000_000
"""From this place on rows have keys that no sound row has and nobody refers to."""
SPARE_PER_DELIVERY = 100_000_000
_NOT_UTF8 = "\udcff\udcfe"  # the bytes FF FE, written with `surrogateescape`


@dataclass(frozen=True, slots=True)
class Planting:
    """A faulty record after the first `after` sound ones of a file; `place` is its n-th spare
    row, `twin` the sound row whose key it takes."""

    after: int
    place: int
    twin: int
    fault: Fault

    @property
    def record(self) -> int:
        """Its record number, from 1."""
        return self.after + self.place + 1


def plantings(
    sample: SampleFile, faults: Sequence[Fault], each: int, sound_records: int
) -> list[Planting]:
    """`each` records of every fault, spread evenly over a file, none before the first record."""
    total = each * len(faults)
    planted: list[Planting] = []
    for place in range(total):
        after = 1 + place * (sound_records - 1) // total
        twin = after - 1
        while sample.is_dropped(twin):
            twin -= 1
        planted.append(Planting(after, place, twin, faults[place % len(faults)]))
    return planted


def planted_lines(
    sample: SampleFile,
    planted: Sequence[Planting],
    seed: int,
    delivery: int,
    sizes: Sizes,
    file_format: FileFormat,
    rules: FileRules | None,
) -> Iterator[str]:
    """The line of every planting, in order, without line end."""
    if not planted:
        return
    spare = SPARE_ROWS + delivery * SPARE_PER_DELIVERY
    places = np.array([p.place for p in planted], dtype=np.int64)
    rows = _records(sample, Draws(seed, sample.entity, places + spare), sizes)
    twins = np.array([p.twin for p in planted], dtype=np.int64)
    twin_rows = _records(sample, Draws(seed, sample.entity, twins), sizes)
    for planting, row, twin in zip(planted, rows, twin_rows, strict=True):
        row |= sample.planted_cells(planting.place)
        if planting.fault.drawn:
            row |= planting.fault.drawn(planting.place)
        yield _line(sample, planting.fault, row, twin, file_format, rules)


def _records(sample: SampleFile, draws: Draws, sizes: Sizes) -> list[dict[str, str | None]]:
    columns = sample.build(draws, sizes)
    return [dict(zip(sample.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _line(
    sample: SampleFile,
    fault: Fault,
    row: dict[str, str | None],
    twin: dict[str, str | None],
    file_format: FileFormat,
    rules: FileRules | None,
) -> str:
    if fault.damage in (Damage.REPEATED_KEY, Damage.EXISTING_KEY):
        row |= {name: twin[name] for name in fault.cells}
    elif fault.damage is Damage.CELLS:
        row |= fault.cells
    hashes = hashes_of(sample, [[text] for text in row.values()], rules)
    if fault.damage is Damage.TAMPERED:
        row |= fault.cells
    fields = [field_text(text, file_format) for text in row.values()] + (hashes or [])
    damaged = next(iter(fault.cells), sample.columns[-1])
    at = sample.columns.index(damaged)
    return file_format.delimiter.join(_damaged(fields, fault.damage, at, file_format))


def _damaged(fields: list[str], damage: Damage, at: int, file_format: FileFormat) -> list[str]:
    quote = file_format.quote or ""
    inner = "late delivery"
    match damage:
        case Damage.TOO_FEW_FIELDS:
            return fields[:-1]
        case Damage.TOO_MANY_FIELDS:
            return [*fields, "surplus"]
        case Damage.UNCLOSED_QUOTE:
            return [*fields[:at], f"{quote}{inner}", *fields[at + 1 :]]
        case Damage.TEXT_AFTER_QUOTE:
            return [*fields[:at], f"{quote}{inner}{quote} again", *fields[at + 1 :]]
        case Damage.INVALID_BYTES:
            return [*fields[:at], inner + _NOT_UTF8, *fields[at + 1 :]]
        case _:
            return fields


def sound_lines(
    sample: SampleFile,
    draws: Draws,
    sizes: Sizes,
    file_format: FileFormat,
    rules: FileRules | None,
) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """The lines of sound rows, and what they make: table -> (expected rows, dropped rows)."""
    columns = sample.build(draws, sizes)
    hashes = hashes_of(sample, columns, rules)
    lines = csv_lines(sample, columns, hashes, file_format)
    made = sample.outcome(columns) if sample.outcome else {sample.tables[0]: (len(lines), 0)}
    return lines, made
