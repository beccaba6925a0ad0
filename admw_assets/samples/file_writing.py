"""Writes one file of samples: sound records, planted ones between them, and what must come of it.

Streams: a batch of rows is in memory at a time. Imports core and numpy.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from admw_assets.core.configuration import FileFormat, FileRules, MigrationConfiguration
from admw_assets.core.errors import ConfigurationError
from admw_assets.samples.csv_text import field_text
from admw_assets.samples.draws import Draws
from admw_assets.samples.faults import FINAL, PRELIMINARY, Fault
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampledTable
from admw_assets.samples.planting import Planting, planted_lines, plantings, sound_lines
from admw_assets.samples.sample_file import SampleFile, Sizes

_STAMPS = ("20240101.000000", "20240102.000000")
_BATCH = 50_000  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class SampleRun:
    """What all files of one call have in common; `records` are the sound ones, by entity."""

    out: Path
    seed: int
    bad: int
    sizes: Sizes
    records: Mapping[str, int]
    configuration: MigrationConfiguration

    def rules(self, sample: SampleFile) -> FileRules | None:
        """The rules of migration.yaml for a kind of file, where it has some."""
        return next(
            (
                rules
                for name, rules in self.configuration.files.items()
                if name.casefold() == sample.entity.casefold()
            ),
            None,
        )

    def file_format(self, sample: SampleFile) -> FileFormat:
        """How the records of a kind of file are written."""
        rules = self.rules(sample)
        return (rules and rules.format) or self.configuration.format


def check_numbers(rows: int, bad: int, most: int) -> None:
    """Refuse numbers that make no sense; raises ConfigurationError."""
    if not 1 <= rows <= most:
        raise ConfigurationError(
            f"{rows} rows cannot be made.", next_step=f"Ask for 1 to {most} rows.", rows=rows
        )
    if not 0 <= bad <= 10_000:
        raise ConfigurationError(
            f"{bad} records of every kind of fault cannot be planted.",
            next_step="Ask for 0 to 10000.",
            bad=bad,
        )


def second_records(records: int) -> int:
    """How many sound records a second delivery brings."""
    return max(3, records // 10)


def write_file(
    run: SampleRun, sample: SampleFile, delivery: int
) -> tuple[SampledFile, list[PlantedFault]]:
    """Write one file; a second delivery brings a tenth as many new rows as the first."""
    size = run.records[sample.entity]
    first, faults = 0, sample.faults
    if delivery:
        first, size, faults = size, second_records(size), sample.later_faults
    planted = plantings(sample, faults, run.bad, size)
    if delivery:
        planted = [replace(planting, twin=planting.place) for planting in planted]
    name = f"{sample.entity}~{_STAMPS[delivery]}.csv"
    expected, dropped = _write_records(
        run, sample, delivery, range(first, first + size), planted, name
    )
    found = _planted_faults(sample, planted, name)
    rejected = Counter((fault.table, fault.stage) for fault in found)
    for planting in planted:
        expected.update(planting.fault.sound)
    tables = tuple(
        SampledTable(
            table,
            expected[table] + rejected[table, PRELIMINARY] + rejected[table, FINAL],
            dropped[table],
            rejected[table, PRELIMINARY],
            rejected[table, FINAL],
        )
        for table in sample.tables
    )
    return SampledFile(name, size + len(planted), tables), found


def _write_records(
    run: SampleRun,
    sample: SampleFile,
    delivery: int,
    rows: range,
    planted: Sequence[Planting],
    name: str,
) -> tuple[Counter[str], Counter[str]]:
    """Write header, sound and planted records; returns expected and dropped rows by table."""
    file_format, rules = run.file_format(sample), run.rules(sample)
    lines = planted_lines(sample, planted, run.seed, delivery, run.sizes, file_format, rules)
    waiting = deque(zip(planted, lines, strict=True))
    expected: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    header = sample.columns + ((sample.hash_column,) if sample.hash_column else ())
    with (run.out / name).open("wb") as file:
        if file_format.header:
            names = file_format.delimiter.join(field_text(name, file_format) for name in header)
            file.write(_encoded([names], sample, file_format))
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            draws = Draws(run.seed, sample.entity, np.arange(batch.start, batch.stop))
            sound, made = sound_lines(sample, draws, run.sizes, file_format, rules)
            records = _interleaved(sound, start, waiting)
            file.write(_encoded(records, sample, file_format))
            expected.update({table: count for table, (count, _) in made.items()})
            dropped.update({table: count for table, (_, count) in made.items()})
    return expected, dropped


def _interleaved(sound: list[str], start: int, waiting: deque[tuple[Planting, str]]) -> list[str]:
    """The sound lines of a batch that begins at `start`, with the planted ones at their places."""
    records: list[str] = []
    written = 0
    while waiting and waiting[0][0].after <= start + len(sound):
        planting, line = waiting.popleft()
        upto = planting.after - start
        records += sound[written:upto]
        records.append(line)
        written = upto
    return records + sound[written:]


def _encoded(lines: list[str], sample: SampleFile, file_format: FileFormat) -> bytes:
    text = sample.line_end.join([*lines, ""])
    return text.encode(file_format.encoding, errors="surrogateescape")


def _planted_faults(
    sample: SampleFile, planted: Sequence[Planting], name: str
) -> list[PlantedFault]:
    """A fault for every table that a planted record is rejected for."""
    return [
        PlantedFault(
            name, planting.record, table, fault.stage, fault.rule, fault.column, fault.kind
        )
        for planting in planted
        for fault in (planting.fault,)
        for table in _tables_at_fault(sample, fault)
    ]


def _tables_at_fault(sample: SampleFile, fault: Fault) -> tuple[str, ...]:
    return (fault.table,) if fault.table else sample.tables
