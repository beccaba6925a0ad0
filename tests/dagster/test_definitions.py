"""The definitions of a migration: assets, checks, lineage, partitions, ops."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from admw_assets.core.configuration import MigrationConfiguration
from admw_assets.core.ddl import parse_schema
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import STAGE_STEPS, Stage
from admw_assets.definitions import defs
from admw_assets.defs.assets import build_assets
from admw_assets.defs.names import asset_names
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from tests.dagster.graph_edges import edges_of, ops_of

PROJECT = Path(__file__).parents[2]
WITHOUT_PARENTS = {"category", "country", "staff"}
PARENTS = {
    "brand": {"country"},
    "cart_item": {"customer", "product"},
    "customer": {"country"},
    "product": {"brand", "category"},
    "product_secondary_category": {"category", "product"},
    "purchase": {"customer", "staff"},
    "purchase_item": {"product", "purchase"},
} | {table: set[str]() for table in WITHOUT_PARENTS}
"""What the shipped schema.sql says, read by hand; `category` and `staff` refer to themselves."""

CHECKS = {
    "preliminary": {"conservation", "source_hash", "row_hash", "reject_limit"},
    "final": {"conservation", "row_hash", "orphans", "reject_limit"},
}


@pytest.fixture(scope="module")
def migration() -> Migration:
    return load_migration(SHIPPED_MIGRATION)


@pytest.fixture(scope="module")
def assets(migration: Migration) -> dict[str, dg.AssetsDefinition]:
    return {asset.key.to_user_string(): asset for asset in build_assets(migration)}


def _migration(schema: str) -> Migration:
    configuration = MigrationConfiguration(name="odd")
    return Migration(Path("odd"), configuration, parse_schema(schema))


def test_definitions_load_and_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMW_MIGRATION", raising=False)
    loaded = defs()
    dg.Definitions.validate_loadable(loaded)
    keys = {key.to_user_string() for key in loaded.resolve_asset_graph().get_all_asset_keys()}
    assert keys == {f"{stage}/{table}" for stage in CHECKS for table in PARENTS}
    assert loaded.executor is dg.in_process_executor


def test_definitions_load_without_a_warning() -> None:
    """In a process of its own: Dagster warns once for each place."""
    code = (
        "import warnings, dagster as dg\n"
        "warnings.simplefilter('error')\n"
        "from admw_assets.definitions import defs\n"
        "dg.Definitions.validate_loadable(defs())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["check", "list"])
def test_dg_reads_the_definitions(command: str) -> None:
    dg_program = Path(sys.executable).with_name("dg")
    done = subprocess.run(
        [dg_program, command, "defs"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_lineage_is_the_foreign_keys(assets: dict[str, dg.AssetsDefinition]) -> None:
    for table, parents in PARENTS.items():
        assert _upstream(assets[f"preliminary/{table}"]) == set()
        assert _upstream(assets[f"final/{table}"]) == {f"preliminary/{table}"} | {
            f"final/{parent}" for parent in parents
        }


def _upstream(asset: dg.AssetsDefinition) -> set[str]:
    return {dep.asset_key.to_user_string() for dep in asset.get_asset_spec(asset.key).deps}


def test_both_assets_of_a_table_have_its_files_as_partitions(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    for key, asset in assets.items():
        assert isinstance(asset.partitions_def, dg.DynamicPartitionsDefinition)
        assert asset.partitions_def.name == f"{key.split('/')[1]}_files"


def test_a_file_needs_all_files_of_its_parents(assets: dict[str, dg.AssetsDefinition]) -> None:
    """Between dynamic partitions Dagster's own mapping is by equal keys: silently wrong here."""
    for key, asset in assets.items():
        for dep in asset.get_asset_spec(asset.key).deps:
            mapping = dep.partition_mapping
            if dep.asset_key.path[0] == "final":
                assert isinstance(mapping, dg.AllPartitionMapping), (key, dep.asset_key)
            else:
                assert mapping is None, (key, dep.asset_key)


def test_every_asset_has_the_blocking_checks_of_its_stage_by_file(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    for key, asset in assets.items():
        specs = list(asset.check_specs)
        assert {spec.name for spec in specs} == CHECKS[key.split("/")[0]]
        assert all(spec.blocking for spec in specs)
        assert all(spec.partitions_def == asset.partitions_def for spec in specs)


def test_every_asset_is_made_of_the_steps_of_its_stage(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    for asset in assets.values():
        stage = Stage(asset.key.path[0])
        names = [op.name for op in ops_of(asset)]
        assert len(names) == 3
        assert all(n.startswith(step) for n, step in zip(names, STAGE_STEPS[stage], strict=True))


def test_what_an_op_gives_is_what_the_next_one_takes(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    """Dagster compares types only when the op runs."""
    for key, asset in assets.items():
        edges = list(edges_of(asset))
        assert len(edges) == 2, key
        for edge in edges:
            assert edge.given.typing_type not in (dg.Nothing, object), edge
            assert edge.fits, edge


def test_edge_between_ops_of_other_types_is_found() -> None:
    @dg.op
    def number() -> int:
        return 1

    @dg.op
    def text(value: str) -> str:
        return value

    @dg.graph_asset
    def mismatched():
        return text(number())

    assert [edge.fits for edge in edges_of(mismatched)] == [False]


def test_ops_of_one_name_are_one_op(assets: dict[str, dg.AssetsDefinition]) -> None:
    by_name: dict[str, object] = {}
    for asset in assets.values():
        for op in ops_of(asset):
            assert by_name.setdefault(op.name, op) is op


def test_ops_say_where_they_run_in_production(assets: dict[str, dg.AssetsDefinition]) -> None:
    for asset in assets.values():
        for op in ops_of(asset):
            assert op.tags["admw/runtime"] in ("glue", "lambda")


def test_only_loads_write_tables_and_wait_for_the_database_pool(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    for asset in assets.values():
        for op in ops_of(asset):
            assert op.pool == ("database" if op.name.startswith("load_") else None)


def test_columns_are_shown_as_the_schema_has_them(
    assets: dict[str, dg.AssetsDefinition],
) -> None:
    metadata = assets["preliminary/country"].metadata_by_key[
        dg.AssetKey(["preliminary", "country"])
    ]
    schema = metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    first = schema.columns[0]
    assert (first.name, first.type) == ("pre_code", "char(2)")
    assert first.description == "ISO 3166-1 alpha-2"
    assert not first.constraints.nullable
    assert metadata["dagster/table_name"] == "PRE_country"


def test_table_names_that_dagster_cannot_hold_become_names_that_it_can() -> None:
    migration = _migration(
        "CREATE TABLE `order details` (id INT PRIMARY KEY);"
        "CREATE TABLE `order-details` (id INT PRIMARY KEY);"
        "CREATE TABLE `größe$` (id INT PRIMARY KEY);"
    )
    assert asset_names(migration) == {
        "order details": "order_details",
        "order-details": "order_details_2",
        "größe$": "gr__e_",
    }
    dg.Definitions.validate_loadable(
        dg.Definitions(build_assets(migration), resources={"admw": object()})
    )


def test_cycle_of_foreign_keys_is_no_cycle_of_assets() -> None:
    migration = _migration(
        "CREATE TABLE team (id INT PRIMARY KEY, captain INT);"
        "CREATE TABLE player (id INT PRIMARY KEY, team INT REFERENCES team (id),"
        " FOREIGN KEY (team) REFERENCES team (id));"
        "ALTER TABLE team ADD FOREIGN KEY (captain) REFERENCES player (id);"
    )
    built = {asset.key.to_user_string(): asset for asset in build_assets(migration)}
    assert _upstream(built["final/team"]) == {"preliminary/team"}
    assert _upstream(built["final/player"]) == {"preliminary/player"}
