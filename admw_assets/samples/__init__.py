"""Sample files for a migration: any size, the same bytes for the same seed.

`generate_for` makes them for any migration, from its DDL. `generate` makes those of the shipped
supermarket, whose files only its transforms explain: other columns than the tables have, a file
that feeds two of them, records that are dropped. Imports core, numpy and Faker.
"""

from admw_assets.samples.generator import generate
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampledTable, SampleManifest
from admw_assets.samples.migration_samples import generate_for

__all__ = [
    "PlantedFault",
    "SampleManifest",
    "SampledFile",
    "SampledTable",
    "generate",
    "generate_for",
]
