"""Rows that somebody touches between load and reconcile: the stage fails and names them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from admw_assets.core.ports import Ports
from admw_assets.core.reconciliation import ReconciliationFailed
from admw_assets.core.step import Stage, Status, StepKind, StepRequest
from admw_assets.runtime.local import open_ports
from admw_assets.steps.runner import run_step
from tests import stock
from tests.command_line import Project
from tests.databases import KINDS, fresh_database
from tests.final_tables import read_rows

pytestmark = pytest.mark.spark

RECORDS = 300
FIRST_IDS = {Stage.PRELIMINARY: 1, Stage.FINAL: 30_001}
TABLES = {Stage.PRELIMINARY: "PRE_ITEM", Stage.FINAL: "ITEM"}

Alteration = tuple[int, str, Callable[[str], str | None]]
ALTERATIONS: dict[str, Alteration] = {
    "another text": (17, "note", lambda note: "another"),
    "a space more": (17, "name", lambda name: name + " "),
    "a space less": (17, "note", str.rstrip),
    "lower case": (17, "name", str.lower),
    "an accent less": (19, "note", lambda note: note.replace("ö", "o")),
    "another emoji": (19, "note", lambda note: note.replace("😀", "😁")),
    "the empty string for NULL": (20, "note", lambda note: ""),
    "NULL for the empty string": (21, "note", lambda note: None),
    "NULL for a number": (17, "weight_kg", lambda weight: None),
    "a cent": (17, "price", lambda price: str(Decimal(price) + Decimal("0.01"))),
    "the last decimal": (17, "weight_kg", lambda weight: str(Decimal(weight) + Decimal("0.0001"))),
    "a millisecond": (17, "made_at", lambda time: time[:-1] + str((int(time[-1]) + 1) % 10)),
    "a boolean": (17, "active", lambda active: str(1 - int(active))),
}
"""Record, column, and what becomes of its value; NULL comes in as the empty text."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file whose load step of one stage has ended, before its reconcile step."""

    ports: Ports
    engine: sa.Engine
    location: Path
    stage: Stage
    table: sa.Table

    def column(self, name: str) -> sa.Column[object]:
        """A column of the target as this stage's table calls it."""
        return self.table.c[f"pre_{name}" if self.stage is Stage.PRELIMINARY else name]

    def id_of(self, record: int) -> int:
        return FIRST_IDS[self.stage] + record - 1

    def where(self, record: int) -> sa.ColumnElement[bool]:
        return self.column("id") == self.id_of(record)

    def execute(self, statement: sa.Executable) -> None:
        with self.engine.begin() as connection:
            changed = connection.execute(statement)
            assert changed.rowcount == 1, f"nothing was tampered with: {statement}"

    def run(self, step: StepKind) -> None:
        run_step(_request(self.location, self.stage, step), self.ports)

    def failed_reconcile(self) -> str:
        """Reconcile, which must fail, and return the message."""
        with pytest.raises(ReconciliationFailed) as failure:
            self.run(StepKind.RECONCILE)
        state = self.ports.tracker.state(self.location.name, "ITEM", self.stage)
        assert state is not None
        assert state.status is Status.FAILED
        assert state.message == str(failure.value)
        return str(failure.value)

    def named(self, kind: str, record: int, message: str) -> bool:
        """True where message and report both name that record's row as this kind of wrong."""
        state = self.ports.tracker.state(self.location.name, "ITEM", self.stage)
        assert state is not None
        assert state.report is not None
        report = (Path(state.report) / "report.txt").read_text(encoding="utf-8")
        row = re.compile(rf"{kind} row .*\b(pre_)?id={self.id_of(record)}\b")
        return bool(row.search(message) and row.search(report))


def _request(location: Path, stage: Stage, step: StepKind) -> StepRequest:
    return StepRequest(str(location), "ITEM", stage, step, "tampering")


@pytest.fixture(scope="module", params=KINDS)
def both_stages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Stage, Loaded]]:
    """One file loaded up to the preliminary, one up to the final reconcile step."""
    folder = tmp_path_factory.mktemp(f"tampering_{request.param}")
    files = {
        Stage.PRELIMINARY: folder / "ITEM~20240101.000001.csv",
        Stage.FINAL: folder / "ITEM~20240101.000002.csv",
    }
    for stage, file in files.items():
        stock.write_items(file, FIRST_IDS[stage], RECORDS)
    with fresh_database(request.param, request, folder) as url:
        project = Project(stock.MIGRATION, url, folder / "home")
        transform = (Stage.PRELIMINARY, StepKind.TRANSFORM)
        project.drive(*transform, "ITEM", *files.values()).finish()
        engine = sa.create_engine(url)
        with open_ports(project.settings) as ports:
            for file in files.values():
                run_step(_request(file, Stage.PRELIMINARY, StepKind.LOAD), ports)
            moved = files[Stage.FINAL]
            run_step(_request(moved, Stage.PRELIMINARY, StepKind.RECONCILE), ports)
            run_step(_request(moved, Stage.FINAL, StepKind.LOAD), ports)
            tables = {
                stage: sa.Table(TABLES[stage], sa.MetaData(), autoload_with=engine)
                for stage in files
            }
            loaded = {s: Loaded(ports, engine, file, s, tables[s]) for s, file in files.items()}
            yield loaded
            for each in loaded.values():  # what was put back as it was must reconcile
                each.run(StepKind.RECONCILE)
        engine.dispose()


@pytest.fixture
def preliminary(both_stages: dict[Stage, Loaded]) -> Iterator[Loaded]:
    yield from _put_back(both_stages[Stage.PRELIMINARY])


@pytest.fixture
def final(both_stages: dict[Stage, Loaded]) -> Iterator[Loaded]:
    yield from _put_back(both_stages[Stage.FINAL])


@pytest.fixture(params=list(Stage))
def loaded(request: pytest.FixtureRequest, both_stages: dict[Stage, Loaded]) -> Iterator[Loaded]:
    yield from _put_back(both_stages[request.param])


def _put_back(loaded: Loaded) -> Iterator[Loaded]:
    """Put the rows back as they were, once the test is over."""
    table = loaded.table
    with loaded.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
    yield loaded
    with loaded.engine.begin() as connection:
        connection.execute(sa.delete(table))
        connection.execute(sa.insert(table), rows)


def _insert_copy(loaded: Loaded, record: int, **others: object) -> sa.Executable:
    """A row copied, with other values in some columns."""
    table = loaded.table
    values = [sa.literal(others[c.name]) if c.name in others else c for c in table.columns]
    copied = sa.select(*values).where(loaded.where(record))
    return sa.insert(table).from_select(list(table.columns.keys()), copied)


def test_deleted_row_fails_the_stage_and_is_named(loaded: Loaded) -> None:
    loaded.execute(sa.delete(loaded.table).where(loaded.where(17)))
    message = loaded.failed_reconcile()
    assert loaded.named("missing", 17, message), message
    assert "1 lost" in message


@pytest.mark.parametrize("alteration", ALTERATIONS.values(), ids=list(ALTERATIONS))
def test_altered_cell_fails_the_stage_and_its_row_is_named(
    loaded: Loaded, alteration: Alteration
) -> None:
    record, name, alter = alteration
    column = loaded.column(name)
    url = loaded.engine.url.render_as_string(hide_password=False)
    rows = read_rows(url, loaded.table.name, [loaded.column("id").name, column.name])
    (value,) = (row[1] for row in rows if row[0] == str(loaded.id_of(record)))
    altered = alter(value or "")
    assert altered != value
    statement = sa.text(
        f"UPDATE {loaded.table.name} SET {column.name} = :value WHERE {loaded.column('id').name}"
        " = :id"
    )
    loaded.execute(statement.bindparams(value=altered, id=loaded.id_of(record)))
    message = loaded.failed_reconcile()
    assert loaded.named("changed", record, message), message


def test_doubled_row_fails_the_stage_and_is_named(preliminary: Loaded) -> None:
    preliminary.execute(_insert_copy(preliminary, 17, admw_row_number=2))
    message = preliminary.failed_reconcile()
    assert preliminary.named("doubled", 17, message), message
    assert "1 too many" in message


def test_row_that_nobody_brought_fails_the_stage_and_is_named(preliminary: Loaded) -> None:
    preliminary.execute(_insert_copy(preliminary, 17, admw_record_number=RECORDS + 1))
    message = preliminary.failed_reconcile()
    assert re.search(rf"extra row .*record {RECORDS + 1}", message), message


def test_one_row_lost_and_one_doubled_fails_the_stage_though_the_count_is_right(
    preliminary: Loaded,
) -> None:
    preliminary.execute(sa.delete(preliminary.table).where(preliminary.where(17)))
    preliminary.execute(_insert_copy(preliminary, 18, admw_row_number=2))
    message = preliminary.failed_reconcile()
    assert preliminary.named("missing", 17, message), message
    assert preliminary.named("doubled", 18, message), message


def test_altered_row_hash_fails_the_stage_and_its_row_is_named(preliminary: Loaded) -> None:
    forged = sa.update(preliminary.table).values(admw_row_hash="F" * 64)
    preliminary.execute(forged.where(preliminary.where(17)))
    message = preliminary.failed_reconcile()
    assert preliminary.named("changed", 17, message), message


def test_row_that_nobody_brought_to_the_final_table_is_named(final: Loaded) -> None:
    final.execute(_insert_copy(final, 17, id=final.id_of(RECORDS + 1)))
    message = final.failed_reconcile()
    assert final.named("extra", RECORDS + 1, message), message
