"""`python -m tests.rehearsal`, or `make rehearse`: all of it, with a timeline.

python -m tests.rehearsal [PART ...]     only these parts, after the deployment
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console

from admw_assets.engines.database.connection import connect
from admw_assets.engines.database.tracker import DatabaseTracker
from tests.mariadb_server import mariadb_missing, running_mariadb
from tests.rehearsal.account import Account
from tests.rehearsal.parity import run_locally
from tests.rehearsal.scenarios import deployment, failures, migration, permissions
from tests.rehearsal.server import emulator_missing, running_emulator
from tests.rehearsal.timeline import Timeline

PARTS = ("migration", "again", "batch", "broken", "killed", "function", "permissions", "destroy")


@contextmanager
def opened_account(timeline: Timeline) -> Iterator[Account]:
    """An empty account with an empty database; all of it goes with the block."""
    with (
        tempfile.TemporaryDirectory(prefix="admw-rehearsal-") as folder,
        running_mariadb(buffer_pool_mib=128) as server,
        server.fresh_database() as url,
        closing(connect(url)) as database,
        running_emulator() as emulator,
    ):
        timeline.note(f"emulator and MariaDB {server.port} started")
        yield Account(emulator, url, DatabaseTracker(database), Path(folder), timeline)


def rehearse(
    account: Account, parts: tuple[str, ...], local_url: str
) -> dict[str, tuple[int, int]]:
    """Deploy, then these parts in their order; the rows of both sides by table.

    A part that fails does not keep the others from being tried.
    """
    timeline, folder = account.timeline, account.folder
    landing, made, home = folder / "landing", folder / "made", folder / "local"
    made.mkdir()
    counts: dict[str, tuple[int, int]] = {}

    def migrate() -> None:
        files = migration.write_files(landing)
        with ThreadPoolExecutor(max_workers=1) as pool:
            local = pool.submit(run_locally, landing, home, local_url)
            migration.migrate(account, files)
            local.result()
        timeline.note("the same files moved locally")
        counts.update(migration.compare(account, home, local_url))

    def again() -> None:
        deployment.deploy_again(account)
        deployment.plan_worker_type(account)
        deployment.deploy_broken(account)

    def broken() -> None:
        failures.wrong_name(account, made)
        failures.broken_file(account, made)

    def permitted() -> None:
        verdicts = permissions.take_away_each(account, made)
        proven = [v for v in verdicts if v.proven]
        timeline.note(f"{len(proven)} of {len(verdicts)} granted actions proven:")
        for role, actions in permissions.by_role(proven).items():
            timeline.note(f"  {role}: {actions}")
        timeline.note("not proven here, with AWS's page that asks for them:")
        for action, reason in permissions.not_proven(verdicts).items():
            timeline.note(f"  {action}: {reason}")
        unexplained = [v for v in verdicts if not v.proven and not permissions.is_explained(v)]
        assert not unexplained, unexplained

    steps: dict[str, tuple[str, Callable[[], None]]] = {
        "migration": ("Ten files through both stages, and parity with a local run", migrate),
        "again": ("Deploy again, plan a change, roll back what is broken", again),
        "batch": ("A batch by one command", lambda: migration.migrate_in_a_batch(account, made)),
        "broken": ("A wrong name and a broken file", broken),
        "killed": ("A Glue job killed mid-load", lambda: failures.killed_job(account, made)),
        "function": (
            "A function that fails twice",
            lambda: failures.failing_function(account, made),
        ),
        "permissions": ("Each granted action taken away", permitted),
        "destroy": ("Destroy, and again with its data", lambda: deployment.destroy(account)),
    }
    with timeline.part("Compile and deploy by change set"):
        deployment.deploy_from_nothing(account)
    if "migration" not in parts:
        with timeline.part("The table that the others need"):
            migration.prepare(account, landing)
    for part in parts:
        title, run = steps[part]
        try:
            with timeline.part(title):
                run()
        except Exception as err:
            timeline.note(f"FAILED: {type(err).__name__}: {err}", "red")
    return counts


def main(arguments: list[str]) -> int:
    """Rehearse what is asked for, else everything; 1 where something is not as it must be."""
    parts = tuple(arguments) or PARTS
    if missing := emulator_missing() or mariadb_missing():
        print(f"The rehearsal cannot start: {missing}", file=sys.stderr)
        return 2
    if unknown := [part for part in parts if part not in PARTS]:
        print(f"No such part: {unknown}. There are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    timeline = Timeline(Console(highlight=False))
    counts: dict[str, tuple[int, int]] = {}
    try:
        with opened_account(timeline) as account:
            local = account.database_url + "_local"
            with local_database(account.database_url, local):
                counts = rehearse(account, parts, local)
    except AssertionError as err:
        timeline.note(f"FAILED: {err}", "red")
    timeline.show(counts)
    return 1 if timeline.failed else 0


@contextmanager
def local_database(beside: str, url: str) -> Iterator[None]:
    """A second database on the same server, for the run that AWS is held against."""
    import sqlalchemy as sa

    name = url.rpartition("/")[2]
    engine = sa.create_engine(beside, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
        try:
            yield
        finally:
            connection.execute(sa.text(f"DROP DATABASE {name}"))
    engine.dispose()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
