"""Sample files for the supermarket migration: any size, the same bytes for the same seed.

Imports core (formats and hashes) and numpy.
"""

from admw_assets.samples.generator import generate
from admw_assets.samples.manifest import PlantedFault, SampledFile, SampledTable, SampleManifest

__all__ = ["PlantedFault", "SampleManifest", "SampledFile", "SampledTable", "generate"]
