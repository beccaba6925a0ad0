"""A process killed with SIGKILL in the middle of its work, started again: every row once."""

import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from admw_assets.core.migration_folder import load_migration
from admw_assets.core.ports import Tracker
from admw_assets.core.step import Stage, Status, StepKind
from admw_assets.runtime.local import open_tables, open_tracker
from tests import stock
from tests.command_line import FINISHED_WITH_REJECTS, Project, kill
from tests.databases import KINDS, fresh_database
from tests.final_tables import count_rows, read_rows

pytestmark = [pytest.mark.spark, pytest.mark.slow]

MOMENTS = tuple(n / 10 + 0.05 for n in range(10))
"""When the process is killed: fractions of the seconds that the step takes when left alone."""
RECORDS = 40_000
REJECTED = stock.bad_items(RECORDS)
GOOD = RECORDS - REJECTED


@dataclass(frozen=True, slots=True)
class Stock:
    """Files of one size with ids that do not overlap, in a project of their own."""

    project: Project
    files: tuple[Path, ...]

    def first_id(self, file: Path) -> int:
        return 1 + self.files.index(file) * RECORDS

    def rows(self, table: str, file: Path) -> int:
        """The rows that a table holds of one file."""
        rows = read_rows(self.project.database_url, table, ["admw_origin_file_name"])
        return Counter(rows)[(file.name,)]


def write_stock(folder: Path, url: str, files: int) -> Stock:
    names = (f"ITEM~20240101.{number:06}.csv" for number in range(files))
    paths = tuple(folder / "landing" / name for name in names)
    made = Stock(Project(stock.MIGRATION, url, folder / "home"), paths)
    for file in made.files:
        stock.write_items(file, made.first_id(file), RECORDS)
    return made


@pytest.fixture(scope="module")
def transformed(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """One file more than there are moments, all staged; the folder `saved` keeps what was."""
    folder = tmp_path_factory.mktemp("transformed")
    made = write_stock(folder, f"sqlite:///{folder / 'tracker.sqlite'}", len(MOMENTS) + 1)
    made.project.drive(Stage.PRELIMINARY, StepKind.TRANSFORM, "ITEM", *made.files).finish()
    shutil.copytree(made.project.home / "work", folder / "saved")
    return made


@pytest.fixture(params=KINDS)
def staged(request: pytest.FixtureRequest, transformed: Stock, tmp_path: Path) -> Iterator[Stock]:
    """The staged files, on an empty database whose tracker knows that they are."""
    with fresh_database(request.param, request, tmp_path) as url:
        source = transformed.project
        shutil.rmtree(source.home / "work")
        shutil.copytree(source.home.parent / "saved", source.home / "work")
        target = replace(source, database_url=url)
        with open_tables(target.settings) as tables:
            tables.initialize(load_migration(stock.MIGRATION))
        with open_tracker(source.settings) as known, open_tracker(target.settings) as tracker:
            for event in known.events():
                state = known.state(event.file, event.table, event.stage)
                assert state is not None
                tracker.record(state, event)
        yield replace(transformed, project=target)


@pytest.mark.timeout(900)
def test_load_killed_at_ten_moments_and_started_again_leaves_every_row_once(
    staged: Stock,
) -> None:
    undisturbed, *others = staged.files
    hits = 0
    for stage, table in ((Stage.PRELIMINARY, "PRE_ITEM"), (Stage.FINAL, "ITEM")):
        (seconds,) = staged.project.drive(stage, StepKind.LOAD, "ITEM", undisturbed).finish()
        for moment, file in zip(MOMENTS, others, strict=True):
            victim = staged.project.drive(stage, StepKind.LOAD, "ITEM", file)
            hits += victim.kill_after(seconds * moment)
            assert staged.rows(table, file) in (0, GOOD), f"half of a file at {moment:.0%}"
        staged.project.drive(stage, StepKind.LOAD, "ITEM", *others).finish()
        staged.project.drive(stage, StepKind.RECONCILE, "ITEM", *staged.files).finish()
        assert count_rows(staged.project.database_url, table) == GOOD * len(staged.files)
    assert hits >= len(MOMENTS) // 2, "most loads had ended before they were to be killed"
    assert_every_row_once(staged)


@pytest.mark.parametrize("kind", KINDS)
def test_run_killed_in_either_stage_and_started_again_leaves_every_row_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database(kind, request, tmp_path) as url:
        made = write_stock(tmp_path, url, 1)
        (file,) = made.files
        initialized = made.project.admw("db", "init")
        assert initialized.returncode == 0, initialized.stderr
        for stage in Stage:
            run = made.project.start("run", str(file))
            with open_tracker(made.project.settings) as tracker:
                while not _is_past_transform(tracker, file, stage):
                    assert run.poll() is None, f"ended before the {stage} stage was seen"
            kill(run)
            assert run.returncode == -signal.SIGKILL
        outcomes = made.project.json("run", str(file), exit_code=FINISHED_WITH_REJECTS)
        assert [(o["stage"], o["status"], o["loaded"], o["rejected"]) for o in outcomes] == [
            (stage, Status.COMPLETED, GOOD, REJECTED) for stage in Stage
        ]
        assert_every_row_once(made)


def _is_past_transform(tracker: Tracker, file: Path, stage: Stage) -> bool:
    state = tracker.state(file.name, "ITEM", stage)
    return state is not None and state.step not in ("", StepKind.TRANSFORM)


def assert_every_row_once(made: Stock) -> None:
    rows = Counter(read_rows(made.project.database_url, "ITEM", stock.COLUMNS))
    wanted = Counter(
        row for file in made.files for row in stock.good_items(made.first_id(file), RECORDS)
    )
    assert not (wanted - rows), f"lost: {list(wanted - rows)[:3]}"
    assert not (rows - wanted), f"doubled or changed: {list(rows - wanted)[:3]}"
    rejects = Counter(r["file"] for r in made.project.json("rejects", "list"))
    assert rejects == {file.name: REJECTED for file in made.files}
    states = made.project.json("status")
    assert {(s["loaded"], s["rejected"], s["mismatched"]) for s in states} == {(GOOD, REJECTED, 0)}
