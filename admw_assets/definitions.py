"""The code location: what `dg dev` serves and the compiler reads."""

import os
from pathlib import Path

import dagster as dg

from admw_assets.core.migration_folder import load_migration
from admw_assets.defs.assets import build_assets
from admw_assets.defs.handle_store import HandleStore
from admw_assets.defs.landing import build_register_job
from admw_assets.defs.resource import AdmwResource
from admw_assets.runtime.settings import read_settings


@dg.definitions
def defs() -> dg.Definitions:
    """Build the definitions of the migration that the environment names, or the shipped one's."""
    return build_definitions(read_settings(os.environ).migration)


def build_definitions(folder: Path) -> dg.Definitions:
    """Build the definitions of the migration in a folder."""
    migration = load_migration(folder)
    return dg.Definitions(
        assets=build_assets(migration),
        jobs=[build_register_job(migration)],
        resources={
            "admw": AdmwResource(),
            "io_manager": HandleStore(),
        },
        # One process, and so one Spark, for all ops of a run.
        executor=dg.in_process_executor,
    )
