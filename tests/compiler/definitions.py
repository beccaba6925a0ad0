"""Definitions made of assets, for tests of the frontend."""

from collections.abc import Sequence

import dagster as dg

from admw_assets.defs.handle_store import HandleStore
from admw_assets.defs.resource import AdmwResource


def definitions_of(assets: Sequence[dg.AssetsDefinition]) -> dg.Definitions:
    """Definitions with the resources that ADMW's ops ask for."""
    return dg.Definitions(
        assets=assets, resources={"admw": AdmwResource(), "io_manager": HandleStore()}
    )
