"""Folders that are right, and every way of being wrong with its message."""

from pathlib import Path

import pytest

from admw_assets.core.configuration import OnConflict, RowsPerRecord
from admw_assets.core.errors import ConfigurationError, SchemaError
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration

SCHEMA = """
CREATE TABLE person (id INT PRIMARY KEY, Email VARCHAR(99) NOT NULL, ok BOOL, weight FLOAT);
CREATE TABLE badge (id INT PRIMARY KEY, owner INT, doubled INT AS (id * 2),
  CONSTRAINT badge_owner FOREIGN KEY (owner) REFERENCES person (id));
"""


def load(
    folder: Path, yaml: str = "name: shop", schema: str = SCHEMA, transforms: str | None = None
) -> Migration:
    (folder / "schema.sql").write_text(schema)
    (folder / "migration.yaml").write_text(yaml)
    if transforms is not None:
        (folder / "transforms.py").write_text(transforms)
    return load_migration(folder)


def problems(folder: Path, yaml: str, **files: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, yaml, **files)
    found = caught.value.context["problems"]
    assert isinstance(found, list)
    assert all(str(problem) in str(caught.value) for problem in found)
    return [str(problem) for problem in found]


def test_smallest_migration(tmp_path: Path) -> None:
    migration = load(tmp_path)
    assert migration.name == "shop"
    assert migration.waves == (("person",), ("badge",))
    assert set(migration.files) == {"PERSON", "BADGE"}
    assert migration.tables_fed_by("person~20240101.000000.csv") == ("person",)
    settings = migration.settings("PERSON")
    assert (settings.preliminary_name, settings.column_prefix) == ("PRE_person", "pre_")


def test_shipped_migrations_are_right() -> None:
    root = Path(__file__).parents[2] / "admw_assets/migrations"
    folders = [path.parent for path in root.glob("*/migration.yaml")]
    assert folders
    for folder in folders:
        assert load_migration(folder).schema.tables


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    migration = load(
        tmp_path,
        """
# yaml-language-server: $schema=../docs/migration.schema.json
name: shop
prefixes: {table: P_, column: p_}
format: {delimiter: "\\t", null_marker: "NULL", encoding: latin-1}
rejects: {count: 5}
booleans: {true: [yes, Y, 1], false: [no, N, 01, ~]}
files:
  CROWD: {feeds: [PERSON, badge], format: {header: false, columns: [a, b, c, d, e, f]}}
  LATE: {feeds: [badge]}
tables:
  Person:
    transform: clean
    rows_per_record: many
    columns: {EMAIL: b}
    ignore: [f]
    on_orphan: fail
    pii: [email]
    float_decimals: {WEIGHT: 3}
""",
        transforms="def clean(df):\n    return df\n",
    )
    assert migration.tables_fed_by("CROWD~20240101.000000.csv") == ("person", "badge")
    assert migration.entity_feeding("badge") == "CROWD"
    assert migration.format_of("LATE~20240101.000000.csv").encoding == "iso8859-1"
    settings = migration.settings("person")
    assert settings.columns == {"Email": "b"}
    assert settings.pii == {"Email"}
    assert settings.float_decimals == {"weight": 3}
    assert settings.rows_per_record is RowsPerRecord.MANY
    assert settings.on_orphan is OnConflict.FAIL
    assert settings.rejects.count == 5
    assert settings.booleans.true == ["yes", "Y", "1"]
    assert settings.booleans.false == ["no", "N", "01", "~"]
    assert migration.settings("badge").on_orphan is OnConflict.REJECT


@pytest.mark.parametrize("key", ["true", "True", '"true"', "'true'"])
def test_booleans_may_be_written_with_or_without_quotes(tmp_path: Path, key: str) -> None:
    migration = load(tmp_path, f"name: shop\nbooleans: {{{key}: [true, on], false: [False]}}")
    assert migration.configuration.booleans.true == ["true", "on"]
    assert migration.configuration.booleans.false == ["False"]


def test_words_that_yaml_1_1_takes_for_booleans_are_texts(tmp_path: Path) -> None:
    migration = load(
        tmp_path, "name: shop\nformat: {null_marker: no}\ntables: {person: {pii: [ok]}}"
    )
    assert migration.configuration.format.null_marker == "no"


def wrong_configurations() -> list[tuple[str, list[str]]]:
    """The pairs of wrong_configurations.txt: a migration.yaml, and a line for each problem."""
    _, *entries = (Path(__file__).parent / "wrong_configurations.txt").read_text().split(">>>\n")
    pairs = [entry.split("\n---\n") for entry in entries]
    return [(yaml, expected.splitlines()) for yaml, expected in pairs]


@pytest.mark.parametrize(
    ("yaml", "expected"), [*wrong_configurations(), ("name: \x01", ["is no YAML"])]
)
def test_problem_names_file_key_and_fix(tmp_path: Path, yaml: str, expected: list[str]) -> None:
    found = problems(tmp_path, yaml)
    assert len(found) == len(expected)
    for problem, text in zip(found, expected, strict=True):
        assert text in problem
        assert problem.startswith("migration.yaml")
        assert problem.endswith(".")


def test_several_problems_come_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            tmp_path,
            "name: a\non_orphan: x\nformat: {headr: true}",
            schema="CREATE TABLE t (a UUID)",
        )
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("has 3 problems:")
    assert lines[1].startswith("- schema.sql, line 1: table 't' column 'a' has the type 'UUID'")
    assert lines[2].startswith("- migration.yaml, line 2: `on_orphan`")
    assert lines[3].startswith("- migration.yaml, line 3: `format.headr`")


def test_schema_alone_at_fault_is_a_schema_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="'UUID', which is none of MySQL's"):
        load(tmp_path, schema="CREATE TABLE t (a UUID)")


def test_missing_files_and_folder(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"schema\.sql is missing(.|\n)*migration\.yaml is"
    ):
        load_migration(tmp_path)
    with pytest.raises(ConfigurationError, match="There is no migration folder"):
        load_migration(tmp_path / "nowhere")


def test_file_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "migration.yaml").write_bytes(b"name: \xff")
    with pytest.raises(ConfigurationError, match=r"migration\.yaml cannot be read"):
        load_migration(tmp_path)


@pytest.mark.parametrize(
    "transforms",
    [
        "def f(df): ...",
        "f = print",
        "from os import path as f",
        "if True:\n    pass\ndef f(df): ...",
    ],
)
def test_transform_is_found_without_importing(tmp_path: Path, transforms: str) -> None:
    code = transforms + "\nraise SystemExit('was imported')\n"
    migration = load(tmp_path, "name: a\ntables: {person: {transform: f}}", transforms=code)
    assert migration.settings("person").transform == "f"


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        (
            "def clean(df): ...",
            "function of transforms.py 'cleam' is unknown. Did you mean 'clean'?",
        ),
        ("class cleam: ...", "is unknown. Known: none."),
        ("def (", "transforms.py, line 1: is no Python"),
        ("\0", "is no Python"),
    ],
)
def test_transform_that_is_not_there(tmp_path: Path, transforms: str, message: str) -> None:
    yaml = "name: a\ntables: {person: {transform: cleam}}"
    (found,) = problems(tmp_path, yaml, transforms=transforms)
    assert message in found


def test_fingerprint_follows_each_file(tmp_path: Path) -> None:
    def fingerprint(folder: str, **files: str) -> str:
        (tmp_path / folder).mkdir()
        return load(tmp_path / folder, **files).fingerprint

    first = fingerprint("a")
    assert fingerprint("b") == first
    assert fingerprint("c", schema=SCHEMA + " ") != first
    assert fingerprint("d", yaml="name: shop2") != first
    assert fingerprint("e", transforms="") == first
    assert fingerprint("f", transforms=" ") != first


def test_file_that_no_rule_fits(tmp_path: Path) -> None:
    migration = load(tmp_path)
    with pytest.raises(ConfigurationError, match=r"called 'PERSO'. Known: BADGE, PERSON"):
        migration.file_rules("PERSO~20240101.000000.csv")
