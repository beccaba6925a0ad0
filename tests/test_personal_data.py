"""Values of personal columns leave the tables and the rejects store nowhere.

Canaries stand in every personal column: of good rows, of rejects of every rule, of altered rows.
After runs that end well and in every kind of failure, everything that people or other programs
read is searched for them.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.step import Stage, StepKind
from admw_assets.reporting.report_folder import RENDERINGS
from tests import people
from tests.command_line import (
    ALL_GOOD,
    FINISHED_WITH_REJECTS,
    STAGE_FAILED,
    WRONG_USAGE,
    Project,
    describe,
)
from tests.databases import KINDS, fresh_database

pytestmark = [pytest.mark.spark, pytest.mark.slow]

EVERY_RULE = {
    *people.FAULTS,
    "fields",
    "quote",
    "encoding",
    "duplicate_key",
    "source_hash",
    "orphan",
    "existing_key",
}
PEOPLE = "PERSON~20240101.000000.csv"
HASHED = "PERSON~20240101.000001.csv"
ALTERED = {
    Stage.PRELIMINARY: "PERSON~20240101.000002.csv",
    Stage.FINAL: "PERSON~20240101.000003.csv",
}
CLASHING = "PERSON~20240101.000004.csv"
HEADLESS = "PERSON~20240101.000005.csv"
CROWDED = "PERSON~20240101.000006.csv"
LETTERS = "LETTER~20240101.000000.csv"
REFUSED = "LETTER~20240101.000001.csv"
EXPLODING = "LETTER~20240101.000002.csv"

EXPORTS = "exports"
"""A folder of the home: exported records hold what was delivered, their side files do not."""


class Told:
    """Everything that the commands have printed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.text = ""

    def admw(self, *arguments: str, exit_code: int | None = None) -> str:
        """Run a command, keep what it prints, and return it."""
        done = self.project.admw(*arguments)
        if exit_code is not None:
            assert done.returncode == exit_code, describe(done)
        return self._keep(done)

    def _keep(self, done: subprocess.CompletedProcess[str]) -> str:
        self.text += f"\n--- {done.args}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module", params=KINDS)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    """A home in which everything has happened that can happen to personal data."""
    folder = tmp_path_factory.mktemp(f"people_{request.param}")
    with fresh_database(request.param, request, folder) as url:
        told = Told(Project(people.MIGRATION, url, folder / "home"))
        engine = sa.create_engine(url)
        _run_with_rejects(told)
        _run_with_altered_rows(told, engine)
        _run_into_errors(told, engine)
        _ask_for_everything(told)
        yield told
        engine.dispose()


def _landed(told: Told, name: str) -> Path:
    return told.project.home / "landing" / name


def _run_with_rejects(told: Told) -> None:
    people.write_people(_landed(told, PEOPLE), range(1, 21), faults=True)
    people.write_hashed_people(_landed(told, HASHED), range(20, 26))  # 20 is there already
    letters = [(1, "canary1@example.com", "dear canary"), (2, "canary0@nowhere.com", "canary")]
    people.write_letters(_landed(told, LETTERS), letters)
    told.admw("run", exit_code=FINISHED_WITH_REJECTS)


def _run_with_altered_rows(told: Told, engine: sa.Engine) -> None:
    """Alter what was loaded in either table, so that both reconciliations fail."""
    files = {stage: _landed(told, name) for stage, name in ALTERED.items()}
    people.write_people(files[Stage.PRELIMINARY], range(130, 160))
    people.write_people(files[Stage.FINAL], range(230, 260))
    for step in (StepKind.TRANSFORM, StepKind.LOAD):
        told.project.drive(Stage.PRELIMINARY, step, "PERSON", *files.values()).finish()
    _damage(engine, "PRE_PERSON", "pre_", "canary1", ALTERED[Stage.PRELIMINARY])
    told.admw("run", str(files[Stage.PRELIMINARY]), exit_code=STAGE_FAILED)
    final = files[Stage.FINAL]
    told.admw("run", str(final), "--stage", "preliminary", exit_code=ALL_GOOD)
    told.project.drive(Stage.FINAL, StepKind.LOAD, "PERSON", final).finish()
    _damage(engine, "PERSON", "", "canary2", ALTERED[Stage.FINAL])
    extra = f"('canary99@example.com', 'Canary Extra', '{ALTERED[Stage.FINAL]}')"
    _execute(engine, f"INSERT INTO PERSON (email, name, admw_origin_file_name) VALUES {extra}")
    told.admw("run", str(final), exit_code=STAGE_FAILED)


def _damage(engine: sa.Engine, table: str, c: str, some: str, file: str) -> None:
    """Alter, swap, copy and delete; `c` is the prefix of the columns."""
    mine = f"admw_origin_file_name = '{file}' AND {c}email LIKE '{some}"
    for change in (
        f"UPDATE {table} SET {c}note = 'another canary' WHERE {mine}3%'",
        f"UPDATE {table} SET {c}city = {c}note WHERE {mine}41%'",
        f"UPDATE {table} SET {c}city = {c}email WHERE {mine}50%'",
        f"UPDATE {table} SET {c}points = 77007700 WHERE {mine}51%'",
        f"UPDATE {table} SET {c}badge = NULL, {c}level = 'high' WHERE {mine}53%'",
        f"DELETE FROM {table} WHERE {mine}52%'",
    ):
        _execute(engine, change)


def _run_into_errors(told: Told, engine: sa.Engine) -> None:
    """Errors whose messages quote values: of the server, of a transform, of a missing header."""
    _execute(engine, "CREATE UNIQUE INDEX person_points ON PERSON (points)", rows=None)
    people.write_people(_landed(told, CLASHING), (71, 71))
    clashing = _landed(told, CLASHING)
    clashing.write_bytes(
        clashing.read_bytes().replace(b"canary71@", b"canary72@", 1).replace(b"gale 71", b"gale", 1)
    )
    same = [(number, "canary1@example.com", "a canary letter") for number in (3, 5)]
    people.write_letters(_landed(told, REFUSED), same)
    if engine.dialect.name == "mysql":
        _execute(engine, "UPDATE PRE_LETTER SET pre_body = '1'")
        _execute(engine, "ALTER TABLE PRE_LETTER MODIFY pre_body INT", rows=None)
    else:
        _execute(engine, "CREATE UNIQUE INDEX letter_body ON PRE_LETTER (pre_body)", rows=None)
    exploding = [(4, "canary1@example.com", "explode, canary")]
    people.write_letters(_landed(told, EXPLODING), exploding)
    headless = _landed(told, HEADLESS)
    people.write_people(headless, (91, 92))
    headless.write_bytes(headless.read_bytes().partition(b"\n")[2])
    people.write_people(_landed(told, CROWDED), [300] * 32)  # more rejects than are allowed
    names = (CLASHING, REFUSED, EXPLODING, HEADLESS, CROWDED)
    told.admw("run", *(str(_landed(told, n)) for n in names), "--json", exit_code=STAGE_FAILED)


def _ask_for_everything(told: Told) -> None:
    told.admw("status")
    told.admw("status", "--json")
    told.admw("rejects", "list")
    told.admw("rejects", "list", "--history")
    told.admw("rejects", "export", PEOPLE, "--out", str(told.project.home / EXPORTS))
    told.admw("rejects", "replay", "--orphans")
    told.admw("verify")
    told.admw("report", "--all")
    told.admw("report", "--all", "--json")
    for file in (PEOPLE, HASHED, LETTERS, CROWDED, *ALTERED.values()):
        told.admw("report", file)
        told.admw("report", file, "--json")
    told.admw("report", "NOTHING~20240101.000000.csv", exit_code=WRONG_USAGE)


def _execute(engine: sa.Engine, statement: str, rows: int | None = 1) -> None:
    with engine.begin() as connection:
        done = connection.execute(sa.text(statement))
        assert rows is None or done.rowcount >= rows, statement


def _readable_files(home: Path) -> dict[str, str]:
    """The files of a home that anybody may read, by their place in it."""
    kept_apart = {"landing", "work", "archive"}
    exported = f"{EXPORTS}/{PEOPLE}.rejects.csv"
    return {
        str(path.relative_to(home)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(home.rglob("*"))
        if path.is_file()
        and path.relative_to(home).parts[0] not in kept_apart
        and str(path.relative_to(home)) != exported
    }


def _rows(url: str, table: str, without: str = "") -> list[str]:
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            found = sa.Table(table, sa.MetaData(), autoload_with=connection)
            columns = [column for column in found.columns if column.name != without]
            return [str(tuple(row)) for row in connection.execute(sa.select(*columns))]
    finally:
        engine.dispose()


def test_every_rule_has_rejected_something(told: Told) -> None:
    """Or this module would search where nothing can be."""
    rejects = told.project.json("rejects", "list")
    assert EVERY_RULE - {reject["rule"] for reject in rejects} == set()
    assert all(people.leaks(reject["text"]) for reject in rejects), "the store keeps the record"
    assert not [leak for r in rejects for leak in people.leaks(json.dumps({**r, "text": ""}))]


def test_reports_and_logs_hold_no_personal_value(told: Told) -> None:
    files = _readable_files(told.project.home)
    names = {Path(name).name for name in files}
    assert names >= {*RENDERINGS, "admw.log", "cutover.html", f"{PEOPLE}.rejects.reasons.csv"}
    assert any(name.startswith("manifests/") for name in files)
    assert f"reports/{CROWDED}/preliminary-PERSON/report.html" in files
    assert "PERSON FAILED" in files["logs/admw.log"]  # what a mail would say
    assert {name: found for name, text in files.items() if (found := people.leaks(text))} == {}


def test_every_planned_failure_has_happened(told: Told) -> None:
    failed = {
        (state["file"], state["stage"]): state["message"]
        for state in told.project.json("status")
        if state["status"] == "FAILED"
    }
    expected = {(file, stage.value) for stage, file in ALTERED.items()}
    expected |= {(CLASHING, "final"), (EXPLODING, "preliminary"), (HEADLESS, "preliminary")}
    expected |= {(CROWDED, "preliminary")}
    assert expected <= failed.keys()
    assert {file for file, _ in failed} == {file for file, _ in expected} | {REFUSED}


def test_nothing_that_was_printed_holds_a_personal_value(told: Told) -> None:
    assert "reconcile" in told.text
    assert people.leaks(told.text) == []


@pytest.mark.parametrize(
    ("table", "without"),
    [
        ("admw_tracker", ""),
        ("admw_events", ""),
        ("admw_ledger", ""),
        ("admw_manifests", ""),
        ("admw_rejects", "record_text"),
    ],
)
def test_admws_own_tables_hold_no_personal_value(told: Told, table: str, without: str) -> None:
    rows = _rows(told.project.database_url, table, without)
    if table == "admw_rejects":  # what a replay brought is a record's text as well
        rows = [row for row in rows if "b'" not in row]
    assert rows
    assert [leak for row in rows for leak in people.leaks(row)] == []


def test_reports_show_what_is_not_personal_and_marks_for_the_rest(told: Told) -> None:
    for stage, file in ALTERED.items():
        folder = told.project.home / "reports" / file / f"{stage}-PERSON"
        assert not json.loads((folder / "report.json").read_text())["passed"]
        for name in ("detail.csv", "report.html", "report.json"):
            text = (folder / name).read_text()
            assert people.PUBLIC in text and "pii:" in text, name
        assert "shown as fingerprints" in (folder / "report.html").read_text()


def test_the_same_value_has_the_same_mark_within_a_report_only(told: Told) -> None:
    def mark(report: str) -> str:
        document = json.loads((told.project.home / "reports" / report).read_text())
        seen = [
            row["delivered"]["level"] for row in document["passes"] if row["delivered"]["level"]
        ]
        assert len(seen) > 1 and len(set(seen)) == 1
        return seen[0]

    first = mark(f"{PEOPLE}/preliminary-PERSON/report.json")
    assert first.startswith("pii:")
    assert first != mark(f"{PEOPLE}/final-PERSON/report.json")
