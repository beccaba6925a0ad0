"""Writes the files of the sample shop, and the manifest of what must come of them."""

from dataclasses import replace
from pathlib import Path

import yaml

from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.errors import ConfigurationError
from admw_assets.samples.file_writing import SampleRun, check_numbers, write_file
from admw_assets.samples.goods import BRAND, CATEGORY, PRODUCT
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampleManifest
from admw_assets.samples.people import COUNTRY, CUSTOMER, STAFF
from admw_assets.samples.sales import CART_ITEM, PURCHASE, PURCHASE_ITEM
from admw_assets.samples.sample_file import SampleFile, sizes_for

SUPERMARKET = Path(__file__).parents[1] / "migrations" / "supermarket"
SAMPLE_FILES = (
    COUNTRY, BRAND, CATEGORY, STAFF, CUSTOMER, PRODUCT, PURCHASE, PURCHASE_ITEM, CART_ITEM,
)  # fmt: skip
"""All kinds of file, parents before children."""

MOST_ROWS = 500_000_000  # beyond, keys would meet those of planted records


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
    records = {each.entity: sizes.of(each.entity) for each in SAMPLE_FILES}
    shop = SampleRun(out, seed, bad, sizes, records, configuration)
    files: list[SampledFile] = []
    faults: list[PlantedFault] = []
    for each in (sample,) if sample else SAMPLE_FILES:
        for delivery in range(2 if each.second_delivery and not sample else 1):
            sampled, planted = write_file(shop, each, delivery)
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
    check_numbers(rows, bad, sizes_for(1).country if sample is COUNTRY else MOST_ROWS)
