"""Writes the files of the sample shop, and the manifest of what must come of them."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml

from admw_assets.core.configuration import FileFormat, FileRules, MigrationConfiguration
from admw_assets.core.errors import ConfigurationError
from admw_assets.samples.draws import Draws
from admw_assets.samples.faults import FINAL, PRELIMINARY, Fault
from admw_assets.samples.goods import BRAND, CATEGORY, PRODUCT
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampledTable, SampleManifest
from admw_assets.samples.people import COUNTRY, CUSTOMER, STAFF
from admw_assets.samples.planting import Planting, planted_lines, plantings, sound_lines
from admw_assets.samples.sales import CART_ITEM, PURCHASE, PURCHASE_ITEM
from admw_assets.samples.sample_file import SampleFile, Sizes, sizes_for

SUPERMARKET = Path(__file__).parents[1] / "migrations" / "supermarket"
SAMPLE_FILES = (
    COUNTRY, BRAND, CATEGORY, STAFF, CUSTOMER, PRODUCT, PURCHASE, PURCHASE_ITEM, CART_ITEM,
)  # fmt: skip
"""All kinds of file, parents before children."""

_STAMPS = ("20240101.000000", "20240102.000000")
_BATCH = 50_000  # rows in memory at a time
_MOST_ROWS = 500_000_000  # beyond, keys would meet those of planted records


@dataclass(frozen=True, slots=True)
class _Shop:
    """What all files of one call have in common."""

    out: Path
    seed: int
    bad: int
    sizes: Sizes
    configuration: MigrationConfiguration

    def rules(self, sample: SampleFile) -> FileRules | None:
        return self.configuration.files.get(sample.entity)

    def file_format(self, sample: SampleFile) -> FileFormat:
        rules = self.rules(sample)
        return (rules and rules.format) or self.configuration.format


def generate(
    out: Path, rows: int, bad: int = 0, seed: int = 1, table: str | None = None
) -> SampleManifest:
    """Write the sample shop's ten files and `sample.json` into the folder `out`.

    `rows` is the number of records of the biggest file, PURCHASE_ITEM; the others follow in
    proportion, with least sizes. With `table` only the file that feeds it is written, with
    exactly `rows` records, whose foreign keys fit the files that the same `rows` give without
    `table`. `bad` records of every kind of fault come on top. The same arguments give the same
    bytes. Raises ConfigurationError where a number or name makes no sense.
    """
    sample = _sample_file(table) if table else None
    _check_numbers(rows, bad, sample)
    sizes = sizes_for(rows)
    if sample:
        sizes = replace(sizes, **{sample.entity.lower(): rows})
    else:  # every key that comes again in the second delivery has a brand of its own
        sizes = replace(sizes, brand=max(sizes.brand, bad * len(BRAND.later_faults)))
    configuration = MigrationConfiguration.model_validate(
        yaml.safe_load((SUPERMARKET / "migration.yaml").read_text(encoding="utf-8"))
    )
    out.mkdir(parents=True, exist_ok=True)
    shop = _Shop(out, seed, bad, sizes, configuration)
    files: list[SampledFile] = []
    faults: list[PlantedFault] = []
    for each in (sample,) if sample else SAMPLE_FILES:
        for delivery in range(2 if each.second_delivery and not sample else 1):
            sampled, planted = _write_file(shop, each, delivery)
            files.append(sampled)
            faults.extend(planted)
    manifest = SampleManifest(seed, rows, bad, tuple(files), tuple(faults))
    manifest.write(out)
    return manifest


def _sample_file(table: str) -> SampleFile:
    for sample in SAMPLE_FILES:
        if table.casefold() in (sample.entity.casefold(), *sample.tables):
            return sample
    known = ", ".join(name for sample in SAMPLE_FILES for name in sample.tables)
    raise ConfigurationError(
        f"The sample shop has no table {table!r}.", next_step=f"Known: {known}.", table=table
    )


def _check_numbers(rows: int, bad: int, sample: SampleFile | None) -> None:
    most = sizes_for(1).country if sample is COUNTRY else _MOST_ROWS
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


def _write_file(
    shop: _Shop, sample: SampleFile, delivery: int
) -> tuple[SampledFile, list[PlantedFault]]:
    """Write one file; a second delivery brings a tenth as many new rows as the first."""
    size = shop.sizes.of(sample.entity)
    first, faults = 0, sample.faults
    if delivery:
        first, size, faults = size, max(3, size // 10), sample.later_faults
    planted = plantings(sample, faults, shop.bad, size)
    if delivery:
        planted = [replace(planting, twin=planting.place) for planting in planted]
    name = f"{sample.entity}~{_STAMPS[delivery]}.csv"
    expected, dropped = _write_records(
        shop, sample, delivery, range(first, first + size), planted, name
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
    shop: _Shop,
    sample: SampleFile,
    delivery: int,
    rows: range,
    planted: Sequence[Planting],
    name: str,
) -> tuple[Counter[str], Counter[str]]:
    """Write header, sound and planted records; returns expected and dropped rows by table."""
    file_format, rules = shop.file_format(sample), shop.rules(sample)
    lines = planted_lines(sample, planted, shop.seed, delivery, shop.sizes, file_format, rules)
    waiting = deque(zip(planted, lines, strict=True))
    expected: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    header = sample.columns + ((sample.hash_column,) if sample.hash_column else ())
    with (shop.out / name).open("wb") as file:
        file.write(_encoded([file_format.delimiter.join(header)], sample, file_format))
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            draws = Draws(shop.seed, sample.entity, np.arange(batch.start, batch.stop))
            sound, made = sound_lines(sample, draws, shop.sizes, file_format, rules)
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
