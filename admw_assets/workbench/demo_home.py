"""A home with something to see in every notebook: `python -m admw_assets.workbench.demo_home DIR`.

Sample files of the supermarket, some records of them faulty, through both stages into SQLite. Then
the final products are altered behind the pipeline's back, so that reconciliation finds something.
"""

import logging
import sys
from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa

from admw_assets.core.step import Stage
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import SHIPPED_MIGRATION, Settings
from admw_assets.samples import generate
from admw_assets.steps.campaign import plan_tasks, run_tasks

log = logging.getLogger(__name__)

_ALTERED = (
    "UPDATE product SET price = printf('%.2f', price + 0.01) WHERE id % 7 = 1",
    "UPDATE product SET listed_at = datetime(listed_at, '+1 hour') WHERE id % 7 = 2",
    "UPDATE product SET name = upper(name) WHERE id % 7 = 3",
)


def make_demo_home(home: Path, rows: int = 1_000, only: Collection[str] = ()) -> Settings:
    """Make the home unless it is there; `rows` are records of the largest file, `only` are the
    kinds of file to migrate (default: all)."""
    settings = Settings(SHIPPED_MIGRATION, f"sqlite:///{home}/admw.sqlite", home)
    done = home / "demo_home_is_complete"
    if done.exists():
        return settings
    generate(settings.landing, rows, bad=2)
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        landed = sorted(settings.landing.glob("*~*"))
        files = [str(p) for p in landed if not only or p.name.partition("~")[0] in only]
        tasks = plan_tasks(ports.migration, files, tuple(Stage))
        run_tasks(tasks, ports, "demo", on_outcome=lambda o: log.info("%s %s", o.table, o.status))
    with sa.create_engine(settings.database_url).begin() as connection:
        for statement in _ALTERED:
            connection.execute(sa.text(statement))
    done.touch()
    return settings


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    make_demo_home(Path(sys.argv[1]).absolute())
