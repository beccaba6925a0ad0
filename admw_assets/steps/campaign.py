"""Many files through both stages, in foreign-key waves; imports core and the runner.

Preliminary stages come first for all files; then the final stages, parents before children. The
final stage of a file whose table has a parent that failed in this run is held back (BLOCKED):
its rows would only become orphans.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import AdmwError
from admw_assets.core.migration import Migration
from admw_assets.core.ports import Ports
from admw_assets.core.step import Stage, StageOutcome, Status
from admw_assets.steps.runner import Listener, restart_stage, run_stage


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of one (file, table) that a campaign will run."""

    location: str
    table: str
    stage: Stage

    @property
    def file(self) -> str:
        """The data file's name."""
        return self.location.rpartition("/")[2]


def plan_tasks(
    migration: Migration, locations: Iterable[str], stages: Sequence[Stage]
) -> list[Task]:
    """The tasks in the order in which they must run; files of one table by extraction time.

    Raises DataFileError or ConfigurationError for a file that is not of this migration.
    """
    pairs = [
        (location, table) for location in locations for table in migration.tables_fed_by(location)
    ]
    wave_of = {table: n for n, wave in enumerate(migration.waves) for table in wave}

    def order(pair: tuple[str, str]) -> tuple[int, object, str, str]:
        location, table = pair
        name = parse_data_file_name(location)
        return wave_of[table], name.extracted_at, table, name.name

    ordered = sorted(pairs, key=order)
    return [Task(loc, table, stage) for stage in Stage if stage in stages for loc, table in ordered]


def run_tasks(
    tasks: Sequence[Task],
    ports: Ports,
    run_id: str,
    listener: Listener = lambda request, what: None,
    on_outcome: Callable[[StageOutcome], None] = lambda outcome: None,
    restart: bool = False,
) -> list[StageOutcome]:
    """Run the tasks in order and return what came of each; never raises for a failed stage."""
    outcomes: list[StageOutcome] = []
    if restart:
        outcomes += _restart(tasks, ports, run_id)
    unrestarted = {(outcome.file, outcome.table) for outcome in outcomes}
    for task in tasks:
        if (task.file, task.table) in unrestarted:
            continue
        reason = blocked_by(task, outcomes, ports.migration)
        outcome = (
            StageOutcome(task.file, task.table, task.stage, Status.BLOCKED, message=reason)
            if reason
            else run_stage(task.location, task.table, task.stage, ports, run_id, listener)
        )
        outcomes.append(outcome)
        on_outcome(outcome)
    return outcomes


def _restart(tasks: Sequence[Task], ports: Ports, run_id: str) -> list[StageOutcome]:
    """Undo in reverse order (children first, final before preliminary); the failures."""
    failures: list[StageOutcome] = []
    for task in reversed(tasks):
        try:
            restart_stage(task.location, task.table, task.stage, ports, run_id)
        except AdmwError as err:
            failures.append(
                StageOutcome(task.file, task.table, task.stage, Status.FAILED, message=str(err))
            )
    return failures


def blocked_by(task: Task, outcomes: Iterable[StageOutcome], migration: Migration) -> str:
    """Why a final stage must wait, or the empty text."""
    if task.stage is not Stage.FINAL:
        return ""
    for outcome in outcomes:
        if outcome.status is Status.COMPLETED:
            continue
        if outcome.table == task.table and outcome.file == task.file:
            return f"The {outcome.stage} stage of this file has not completed."
        if outcome.table in _ancestors(migration, task.table):
            return (
                f"Waits for {outcome.stage}/{outcome.table} of {outcome.file}, which has not "
                "completed: rows that refer to it would become orphans."
            )
    return ""


def _ancestors(migration: Migration, table: str) -> frozenset[str]:
    """All tables that a table refers to, directly or not, itself excepted."""
    found: set[str] = set()
    waiting = [table]
    while waiting:
        for key in migration.table(waiting.pop()).foreign_keys:
            if key.parent not in found and key.parent != table:
                found.add(key.parent)
                waiting.append(key.parent)
    return frozenset(found)
