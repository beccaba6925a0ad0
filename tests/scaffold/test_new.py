"""`admw new`: what it makes of DDL, and what it leaves alone the second time."""

import ast
import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from admw_assets.cli.main import main
from admw_assets.core.errors import ConfigurationError, SchemaError
from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.new_migration import MadeMigration, NewMigration, new_migration
from admw_assets.scaffold.folder_changes import RECORD_FILE, Action

SCHEMA = """
CREATE TABLE owner (id INT PRIMARY KEY, e_mail VARCHAR(90), boss INT,
  FOREIGN KEY (boss) REFERENCES owner (id));
CREATE TABLE `on` (a CHAR(1), b DATE, area DECIMAL(4,4) NOT NULL, kind ENUM('x','y,z'),
  note JSON, tag BINARY(2), `twice` DECIMAL(5,4) AS (area * 2), owner INT NOT NULL,
  PRIMARY KEY (a, b), FOREIGN KEY (owner) REFERENCES owner (id));
"""


@pytest.fixture
def ddl(tmp_path: Path) -> Path:
    path = tmp_path / "given.sql"
    path.write_text(SCHEMA)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "Farm 7"


def actions(made: MadeMigration) -> dict[str, Action]:
    return {change.target: change.action for change in made.changes}


def changed(made: MadeMigration) -> dict[str, Action]:
    kept = (Action.SAME, Action.KEEP)
    return {path: action for path, action in actions(made).items() if action not in kept}


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_folder_is_complete_and_valid(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl))
    migration = load_migration(root)
    assert migration.name == "farm_7"
    assert migration.waves == (("owner",), ("on",))
    assert (root / "schema.sql").read_bytes() == ddl.read_bytes()
    assert migration.settings("owner").pii == {"e_mail"}
    assert not (root / "transforms.py").exists()
    first = (root / "migration.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=migration.schema.json"
    assert (root / "migration.schema.json").exists()
    assert "CREATE TABLE IF NOT EXISTS `on`" in (root / "ddl/final.sql").read_text()
    assert "`PRE_on`" in (root / "ddl/preliminary.sql").read_text()
    readme = (root / "README.md").read_text()
    assert "| 2 | on | 8 | a, b | owner | `ON~YYYYMMDD.HHMMSS.csv` |" in readme
    assert '"owner" ||--o{ "on" : "owner"' in readme
    assert (root / "diagram.svg").read_text().count("<svg") == 1


def test_golden_case_has_valid_records_and_one_reject(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl))
    case = root / "cases/on/first_look"
    assert cells(case / "input.csv") == [
        ["a", "b", "area", "kind", "note", "tag", "owner"],
        ["1", "2024-02-01", "0.0001", "x", '{"number": 1}', "0100", "1"],
        ["2", "2024-02-02", "0.0002", "", "", "", "2"],
        ["", "2024-02-03", "0.0003", "x", '{"number": 3}', "0300", "3"],
    ]
    assert cells(case / "expected.csv") == cells(case / "input.csv")[:3]
    assert cells(case / "expected_rejects.csv")[1:] == [["3", "1", "not_null", "a"]]


def test_same_ddl_changes_nothing(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl))
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert set(actions(new_migration(NewMigration(root, ddl))).values()) == {Action.SAME}
    assert set(actions(new_migration(NewMigration(root))).values()) == {Action.SAME}
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_edited_files_stay_and_others_follow_the_ddl(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl))
    edited = root / "migration.yaml"
    edited.write_text(edited.read_text().replace("percent: 100", "percent: 5"))
    case = root / "cases/owner/first_look/input.csv"
    case.write_text(case.read_text() + "9,,\n")
    (root / "diagram.svg").unlink()
    ddl.write_text(SCHEMA.replace("boss INT,", "boss INT, phone TEXT,"))

    planned = new_migration(NewMigration(root, ddl, dry_run=True))
    assert "phone" not in (root / "schema.sql").read_text()
    assert changed(new_migration(NewMigration(root, ddl))) == changed(planned)
    assert changed(planned) == {
        "README.md": Action.UPDATE,
        "cases/owner/first_look/expected.csv": Action.UPDATE,
        "cases/owner/first_look/input.csv.new": Action.BESIDE,
        "ddl/final.sql": Action.UPDATE,
        "ddl/preliminary.sql": Action.UPDATE,
        "migration.yaml.new": Action.BESIDE,
        "schema.sql": Action.UPDATE,
    }
    assert "percent: 5" in edited.read_text()
    assert "phone" in (root / "migration.yaml.new").read_text()
    assert case.read_text().endswith("9,,\n")
    assert not (root / "diagram.svg").exists()
    (root / "migration.yaml.new").unlink()
    assert changed(new_migration(NewMigration(root, ddl))) == {}


def test_files_of_a_table_that_is_gone_are_removed_unless_edited(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl))
    (root / "cases/on/first_look/expected.csv").write_text("mine\n")
    ddl.write_text(SCHEMA.partition("CREATE TABLE `on`")[0])
    new_migration(NewMigration(root, ddl))
    assert [path.name for path in (root / "cases/on").rglob("*.csv")] == ["expected.csv"]


def test_transforms_are_written_only_where_asked_for(root: Path, ddl: Path) -> None:
    new_migration(NewMigration(root, ddl, transforms=("ON",)))
    assert load_migration(root).settings("on").transform == "on"
    (function,) = [
        node
        for node in ast.parse((root / "transforms.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    ]
    returned = function.body[-1]
    assert isinstance(returned, ast.Return) and isinstance(returned.value, ast.Call)
    names = [ast.literal_eval(argument) for argument in returned.value.args]
    assert names == ["admw_record_number", "a", "b", "area", "kind", "note", "tag", "owner"]
    assert changed(new_migration(NewMigration(root, ddl))) == {}  # asked for once is enough
    new_migration(NewMigration(root, ddl, transforms=("owner",)))
    assert load_migration(root).settings("owner").transform == "owner"


def test_unknown_table_for_a_transform_is_refused(root: Path, ddl: Path) -> None:
    with pytest.raises(SchemaError, match="no table 'ovner'"):
        new_migration(NewMigration(root, ddl, transforms=("ovner",)))
    assert not root.exists()


def test_folder_with_other_things_is_refused(root: Path, ddl: Path) -> None:
    root.mkdir()
    (root / "thesis.txt").write_text("work of years")
    with pytest.raises(ConfigurationError, match="holds files, but neither"):
        new_migration(NewMigration(root, ddl))


def test_folder_made_by_hand_keeps_all_its_files(root: Path, ddl: Path) -> None:
    root.mkdir()
    (root / "schema.sql").write_text(SCHEMA)
    (root / "migration.yaml").write_text("name: mine\n")
    made = new_migration(NewMigration(root, ddl))
    assert changed(made)["migration.yaml.new"] is Action.BESIDE
    assert (root / "migration.yaml").read_text() == "name: mine\n"
    assert (root / RECORD_FILE).exists()


def test_preliminary_tables_get_another_prefix_where_theirs_is_taken(root: Path, ddl: Path) -> None:
    ddl.write_text("CREATE TABLE a (x INT); CREATE TABLE pre_A (x INT);")
    new_migration(NewMigration(root, ddl))
    assert load_migration(root).settings("a").preliminary_name == "PRELIMINARY_a"


def test_table_names_that_no_file_can_have_get_a_file(root: Path, ddl: Path) -> None:
    ddl.write_text("CREATE TABLE `a/b~c` (x INT); CREATE TABLE `yes` (x INT);")
    new_migration(NewMigration(root, ddl))
    assert load_migration(root).files["A_B_C"].feeds == ["a/b~c"]


@pytest.fixture
def admw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["admw", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(str(ended.value.code or 0)), printed.out, printed.err

    return run


def test_command_shows_what_changed(
    root: Path, ddl: Path, admw: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, _ = admw("new", str(root), "--ddl", str(ddl), "--name", "farm")
    assert code == 0 and "+ migration.yaml" in out
    assert "Migration farm: 2 tables in 2 load waves." in out
    ddl.write_text(SCHEMA.replace("boss INT,", "boss INT, phone TEXT,"))
    code, out, _ = admw("new", str(root), "--ddl", str(ddl), "--dry-run")
    assert code == 0 and "+    pii: [e_mail, phone]" in out and "nothing was written" in out
    code, out, _ = admw("new", str(root), "--ddl", str(ddl), "--json")
    document = json.loads(out)
    assert document["changes"]["schema.sql"] == "update" and document["name"] == "farm"


def test_command_reports_what_edits_do_not_fit(
    root: Path, ddl: Path, admw: Callable[..., tuple[int, str, str]]
) -> None:
    admw("new", str(root), "--ddl", str(ddl))
    edited = root / "migration.yaml"
    edited.write_text(edited.read_text().replace("[e_mail]", "[e_mail, boss]"))
    ddl.write_text(SCHEMA.replace("boss", "chief"))
    code, out, err = admw("new", str(root), "--ddl", str(ddl))
    assert code == 2 and "~ schema.sql" in out and "'boss' is unknown" in err
