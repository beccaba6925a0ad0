"""What a table's assets and partitions are called."""

import re
from collections.abc import Mapping

import dagster as dg

from admw_assets.core.migration import Migration
from admw_assets.core.step import Stage

NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_]")


def asset_names(migration: Migration) -> Mapping[str, str]:
    """Every table's name in asset keys: its own, with `_` for what Dagster's names cannot hold.

    Where two tables come out alike, the later one gets a number.
    """
    names: dict[str, str] = {}
    for table in migration.schema.tables:
        plain = NOT_ALLOWED.sub("_", table)
        name, number = plain, 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[table] = name
    return names


def asset_key(stage: Stage, name: str) -> dg.AssetKey:
    """`preliminary/<table>` or `final/<table>`, from the table's asset name."""
    return dg.AssetKey([stage.value, name])


def files_of(name: str) -> dg.DynamicPartitionsDefinition:
    """The partitions of both assets of a table: a key is a data file's name."""
    return dg.DynamicPartitionsDefinition(name=partitions_name(name))


def partitions_name(name: str) -> str:
    """What the instance calls the partitions of a table, from the table's asset name."""
    return f"{name}_files"
