"""Two graph assets per table, built from the ops, partitioned by data file."""

import dagster as dg

from admw_assets.core.migration import Migration
from admw_assets.core.step import Stage
from admw_assets.defs.checks import check_outputs, check_specs
from admw_assets.defs.metadata import column_schema
from admw_assets.defs.names import asset_key, asset_names, files_of
from admw_assets.defs.ops import (
    TABLE,
    WAVE,
    archive,
    load_preliminary,
    make_load_final,
    reconcile_final,
    reconcile_preliminary,
    transform,
)


def build_assets(migration: Migration) -> list[dg.AssetsDefinition]:
    """Preliminary and final asset of every table, in load order."""
    names = asset_names(migration)
    tables = [table for wave in migration.waves for table in wave]
    return [_preliminary(migration, table, names[table]) for table in tables] + [
        _final(migration, table, names[table]) for table in tables
    ]


def _preliminary(migration: Migration, table: str, name: str) -> dg.AssetsDefinition:
    key, files = asset_key(Stage.PRELIMINARY, name), files_of(name)
    settings = migration.settings(table)

    @dg.graph_asset(
        key=key,
        group_name=Stage.PRELIMINARY.value,
        partitions_def=files,
        description=f"What a `{migration.entity_feeding(table)}~…` file brings for `{table}`: "
        f"its rows in `{settings.preliminary_name}`, transformed, validated and hashed.\n\n"
        "A partition is a file of the landing folder; the job `register_files` adds new ones.",
        kinds={"spark", "table"},
        metadata={
            TABLE: table,
            "dagster/table_name": settings.preliminary_name,
            "dagster/column_schema": column_schema(migration.table(table), settings.column_prefix),
        },
        check_specs=check_specs(key, Stage.PRELIMINARY, files),
    )
    def preliminary() -> dict[str, object]:
        reconciled = reconcile_preliminary(load_preliminary(transform()))
        return {
            "result": reconciled.result,
            **check_outputs(key, Stage.PRELIMINARY, reconciled),
        }

    return preliminary


def _final(migration: Migration, table: str, name: str) -> dg.AssetsDefinition:
    key, files = asset_key(Stage.FINAL, name), files_of(name)
    upstream = _upstream(migration, table)
    load_final = make_load_final(f"load_final__{name}", list(upstream))

    @dg.graph_asset(
        key=key,
        ins=upstream,
        group_name=Stage.FINAL.value,
        partitions_def=files,
        description=_final_description(table, _parents(migration, table)),
        kinds={"sql", "table"},
        metadata={
            TABLE: table,
            WAVE: next(n for n, wave in enumerate(migration.waves) if table in wave),
            "dagster/table_name": table,
            "dagster/column_schema": column_schema(migration.table(table)),
        },
        check_specs=check_specs(key, Stage.FINAL, files),
    )
    def final(**upstream: object) -> dict[str, object]:
        reconciled = reconcile_final(load_final(**upstream))
        return {
            "result": archive(reconciled.result),
            **check_outputs(key, Stage.FINAL, reconciled),
        }

    return final


def _final_description(table: str, parents: list[str]) -> str:
    text = (
        f"The rows of a file in `{table}`, proven to be what its preliminary rows are; "
        "the file is then archived."
    )
    if not parents:
        return text
    named = ", ".join(f"`{parent}`" for parent in parents)
    return f"{text}\n\nRows without their parent are rejected: materialize {named} first."


def _upstream(migration: Migration, table: str) -> dict[str, dg.AssetIn]:
    """The table's own preliminary asset, and the final assets of its parents.

    A file needs its own preliminary rows (the same partition) and all files of the parents.
    """
    names = asset_names(migration)
    own = asset_key(Stage.PRELIMINARY, names[table])
    ins = {"preliminary": dg.AssetIn(key=own, dagster_type=dg.Nothing)}
    for parent in _parents(migration, table):
        ins[f"parent_{names[parent]}"] = dg.AssetIn(
            key=asset_key(Stage.FINAL, names[parent]),
            dagster_type=dg.Nothing,
            partition_mapping=dg.AllPartitionMapping(),
        )
    return ins


def _parents(migration: Migration, table: str) -> list[str]:
    """The tables that a table refers to, but for those in a cycle with it: lineage has none."""
    wave = next(wave for wave in migration.waves if table in wave)
    return sorted({key.parent for key in migration.table(table).foreign_keys} - set(wave))
