"""Schemas in the shapes of well-known public ones, each as a program of its time would dump it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import SchemaError
from admw_assets.core.load_order import deferred_foreign_keys, load_waves
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.preliminary_names import prefixed
from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.live_schema import compare_live_schema
from admw_assets.engines.database.store import DatabaseTableStore
from admw_assets.runtime.new_migration import NewMigration, new_migration

FOLDER = Path(__file__).parent / "schemas" / "public"
NAMES = sorted(path.stem for path in FOLDER.glob("*.sql"))
WAVES = {
    "accounts": [4, 3],
    "blog": [6],
    "film_rental": [4, 2, 2, 2, 1, 1, 1],
    "music_store": [3, 2, 2, 2],
    "staff_history": [3, 3],
    "webshop": [3, 1],
    "wholesale": [3, 2, 1],
    "wiki": [6],
    "world_atlas": [2, 1],
}
"""The number of tables in each load wave."""


@pytest.fixture(params=NAMES)
def migration(request: pytest.FixtureRequest, tmp_path: Path) -> Migration:
    """A migration as `admw new` makes it of the schema."""
    folder = tmp_path / request.param
    new_migration(NewMigration(folder, FOLDER / f"{request.param}.sql"))
    return load_migration(folder)


@pytest.mark.parametrize("name", NAMES)
def test_schema_has_its_waves(name: str) -> None:
    schema = parse_schema((FOLDER / f"{name}.sql").read_text())
    assert [len(wave) for wave in load_waves(schema)] == WAVES[name]


def test_circle_of_two_tables_is_deferred() -> None:
    schema = parse_schema((FOLDER / "film_rental.sql").read_text())
    assert {key.name for _, key in deferred_foreign_keys(schema)} == {
        "fk_shop_clerk",
        "fk_clerk_shop",
    }


def test_tables_are_created_once(migration: Migration, database_url: str) -> None:
    database = connect(database_url)
    store = DatabaseTableStore(database, migration.schema)
    try:
        made = store.initialize(migration)
        assert len(made) > 2 * len(migration.schema.tables)
        assert store.initialize(migration) == []
        assert compare_live_schema(database, migration.schema) == []
        present = {name.casefold() for name in sa.inspect(database.engine).get_table_names()}
    finally:
        database.close()
    for name in migration.schema.tables:
        assert {name.casefold(), migration.settings(name).preliminary_name.casefold()} <= present


def test_long_names_are_shortened_and_stay_apart() -> None:
    long = "n" * 63
    first, second = prefixed("PRE_", f"{long}1"), prefixed("PRE_", f"{long}2")
    assert len(first) == len(second) == 64
    assert first != second
    assert first.startswith("PRE_nnn")
    assert prefixed("PRE_", "n" * 60) == "PRE_" + "n" * 60


@pytest.mark.parametrize(
    "definition",
    [
        "`where` geometry NOT NULL SRID 0",
        "`where` POINT DEFAULT NULL",
        "/*!50705 `where` GEOMETRY */ /*!80003 SRID 0 */ /*!50705 NOT NULL */",
    ],
)
def test_spatial_column_is_refused_with_its_line_and_a_way_out(definition: str) -> None:
    with pytest.raises(SchemaError) as caught:
        parse_schema(f"CREATE TABLE place (\n  id INT PRIMARY KEY,\n  {definition}\n);")
    assert "line 3: table 'place'" in caught.value.message
    assert "'where' has the spatial type" in caught.value.message
    assert "Leave the column out" in caught.value.next_step
