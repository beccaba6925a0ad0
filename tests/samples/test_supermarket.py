"""The supermarket's folder: its schema, its configuration, and both together."""

import sqlalchemy as sa

from admw_assets.core.configuration import RowsPerRecord
from admw_assets.core.migration_folder import load_migration
from tests.samples.reading import SUPERMARKET

TABLES = {
    *("country", "staff", "customer", "brand", "category", "product"),
    *("product_secondary_category", "purchase", "purchase_item", "cart_item"),
}


def test_folder_is_a_migration_of_ten_tables_without_notes() -> None:
    migration = load_migration(SUPERMARKET)
    assert set(migration.schema.tables) == TABLES
    assert migration.schema.notes == ()
    assert set(migration.files) == {
        *("COUNTRY", "STAFF", "CUSTOMER", "BRAND", "CATEGORY", "PRODUCT"),
        *("PURCHASE", "PURCHASE_ITEM", "CART_ITEM"),
    }


def test_products_feed_two_tables_parent_first() -> None:
    migration = load_migration(SUPERMARKET)
    fed = migration.tables_fed_by("PRODUCT~20240101.000000.csv")
    assert fed == ("product", "product_secondary_category")
    assert migration.settings(fed[1]).rows_per_record is RowsPerRecord.MANY


def test_foreign_keys_come_from_create_and_from_alter_table() -> None:
    schema = load_migration(SUPERMARKET).schema
    keys = {
        (table.name, *key.columns, key.parent)
        for table in schema.tables.values()
        for key in table.foreign_keys
    }
    assert len(keys) == 14
    assert {("staff", "manager_id", "staff"), ("category", "parent_id", "category")} <= keys
    assert {table for table, _ in schema.alterations} == {"category", "product", "purchase"}


def test_schema_is_taken_by_the_server_as_it_stands(mysql_url: str) -> None:
    script = (SUPERMARKET / "schema.sql").read_text(encoding="utf-8")
    engine = sa.create_engine(mysql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("SET foreign_key_checks = 0"))
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(sa.text(statement.replace(":", "\\:")))
    assert set(sa.inspect(engine).get_table_names()) == TABLES
    engine.dispose()
