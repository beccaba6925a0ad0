"""Files whose columns are not those of the configuration: what is refused, what is allowed."""

from typing import Any

from admw_assets.core.configuration import ExtraColumns, FileFormat, MissingColumns
from admw_assets.core.ddl import parse_schema
from admw_assets.core.drift import Drift, can_fill, default_text, find_drift
from admw_assets.core.schema import Table
from tests.engines.spark.jobs import table_settings

(TABLE,) = parse_schema(
    "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, city VARCHAR(20),"
    " level VARCHAR(9) NOT NULL DEFAULT 'none', amount DECIMAL(9,2) DEFAULT 0,"
    " note VARCHAR(9) DEFAULT NULL, made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
).tables.values()
ALL = ("id", "name", "city", "level", "amount", "note", "made")


def drift(
    *delivered: str, file_format: FileFormat | None = None, table: Table = TABLE, **settings: Any
) -> tuple[Drift, Drift]:
    """What differs, and what of it is refused."""
    rules = table_settings(**settings)
    found = find_drift(delivered, file_format or FileFormat(), table, rules)
    return found, found.refused(table, rules)


def test_columns_as_configured_do_not_differ() -> None:
    assert drift(*map(str.upper, ALL), "admw_source_hash") == (Drift(), Drift())
    names = [name.replace("city", "town") for name in ALL]
    assert drift(*names, "locker", columns={"city": "Town"}, ignore=("LOCKER",))[0] == Drift()


def test_columns_that_the_database_computes_are_left_to_it() -> None:
    (table,) = parse_schema(
        "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(9), loud VARCHAR(9) AS (UPPER(name)))"
    ).tables.values()
    found, refused = drift("id", "name", "LOUD", table=table)
    assert (found, refused) == (Drift(computed=("LOUD",)), Drift())
    assert found.sentences(table_settings()) == (
        "Columns that the database computes itself were neither loaded nor compared: LOUD.",
    )
    assert drift("id", "loud", table=table, columns={"name": "loud"})[0] == Drift()
    assert drift("id", "name", "loud", table=table, ignore=("loud",))[0] == Drift()
    assert drift("loud", table=table)[1].computed == ()
    kept = drift("id", "name", "loud", table=table, extra_columns=ExtraColumns.KEEP)
    assert kept == (Drift(extra=("loud",)), Drift())


def test_both_kinds_of_difference_are_refused_by_default() -> None:
    found, refused = drift("id", "name", "town", "level", "amount", "note", "made")
    assert found.extra == ("town",)
    assert [c.name for c in found.missing] == ["city"]
    assert refused == found


def test_policies_allow_what_they_name_and_nothing_else() -> None:
    names = ("id", "name", "town", "level", "amount", "note", "made")
    _, refused = drift(*names, extra_columns=ExtraColumns.IGNORE)
    assert (refused.extra, [c.name for c in refused.missing]) == ((), ["city"])
    _, refused = drift(*names, missing_columns=MissingColumns.FILL)
    assert (refused.extra, refused.missing) == (("town",), ())


def test_only_columns_with_a_constant_default_or_null_are_filled() -> None:
    fillable = [c.name for c in TABLE.columns if can_fill(c)]
    assert fillable == ["city", "level", "amount", "note"]
    texts = {name: default_text(TABLE.column(name)) for name in fillable}
    assert texts == {"city": None, "level": "none", "amount": "0", "note": None}
    _, refused = drift("id", missing_columns=MissingColumns.FILL)
    assert [c.name for c in refused.missing] == ["name", "made"]


def test_key_columns_are_never_filled() -> None:
    (table,) = parse_schema(
        "CREATE TABLE t (id INT DEFAULT 1, name VARCHAR(9), PRIMARY KEY (id))"
    ).tables.values()
    _, refused = drift("name", table=table, missing_columns=MissingColumns.FILL)
    assert [c.name for c in refused.missing] == ["id"]


def test_file_without_any_column_of_the_table_is_refused_whatever_the_policies() -> None:
    (table,) = parse_schema("CREATE TABLE t (a INT, b INT)").tables.values()
    allowed = {"extra_columns": ExtraColumns.KEEP, "missing_columns": MissingColumns.FILL}
    found, refused = drift("17", "4", table=table, **allowed)
    assert refused == found != Drift()


def test_with_a_transform_only_listed_columns_can_be_told_from_others() -> None:
    assert drift("x", "y", transform="make")[0] == Drift()
    listed = FileFormat(columns=["x", "z"])
    found, refused = drift("x", "y", file_format=listed, transform="make")
    assert (found.extra, found.unlisted) == (("y",), ("z",))
    assert refused == found
    _, refused = drift(
        *("x", "y"), file_format=listed, transform="make", extra_columns=ExtraColumns.KEEP
    )
    assert (refused.extra, refused.unlisted) == ((), ("z",))


def test_report_says_what_was_done_about_it() -> None:
    found, _ = drift("id", "name", "level", "note", "made", "town")
    rules = table_settings(extra_columns=ExtraColumns.KEEP, missing_columns=MissingColumns.FILL)
    assert found.sentences(rules) == (
        "Columns of the file that the migration does not know were kept with the preliminary rows "
        "only: town.",
        "Columns that the file does not bring were filled: city (NULL), amount (its default).",
    )
