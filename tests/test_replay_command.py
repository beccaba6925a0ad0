"""`admw rejects` on the command line: out, corrected, in again; what the shell learns."""

from pathlib import Path

import pytest

from tests.command_line import (
    ALL_GOOD,
    FINISHED_WITH_REJECTS,
    WRONG_USAGE,
    Project,
    describe,
)
from tests.orders import (
    CUSTOMERS,
    MIGRATION,
    ORDERS,
    correct,
    customer_line,
    write_customers,
    write_orders,
)

pytestmark = [pytest.mark.spark, pytest.mark.slow]


def test_rejects_go_out_and_come_back(tmp_path: Path) -> None:
    project = Project(MIGRATION, f"sqlite:///{tmp_path / 'admw.sqlite'}", tmp_path / "home")
    landing, out = project.home / "landing", tmp_path / "out"
    bad = [("2", "x" * 21, ""), ("3", "=1+1" + "y" * 18, "")]
    write_customers(landing, [("1", "Ann", ""), *bad])
    write_orders(landing, [("1", "2", "1.50"), ("2", "3", "2.50")])
    project.json("run", exit_code=FINISHED_WITH_REJECTS)

    done = project.admw("rejects", "export", CUSTOMERS, "--out", str(landing))
    assert done.returncode == WRONG_USAGE, describe(done)
    done = project.admw("rejects", "export", CUSTOMERS, "--out", str(out))
    assert done.returncode == ALL_GOOD, describe(done)
    data = out / f"{CUSTOMERS}.rejects.csv"
    assert f"admw rejects replay '{data}'" in done.stdout
    assert b"\r\n3,=1+1yy" in data.read_bytes()  # to be loaded again: nothing is neutralised
    done = project.admw("rejects", "export", CUSTOMERS, "--out", str(out))
    assert done.returncode == WRONG_USAGE
    assert "somebody may be correcting it" in done.stderr

    correct(data, {customer_line(bad[0]): customer_line(("2", "Bob", ""), hashed=False)})
    done = project.admw("rejects", "replay", str(data))
    assert done.returncode == FINISHED_WITH_REJECTS, describe(done)
    assert "of 2 replayed records 1 are in, 1 are rejected" in done.stdout
    done = project.admw("rejects", "replay", str(data))
    assert "These records were replayed before; nothing was done." in done.stdout

    done = project.admw("rejects", "list", "--file", CUSTOMERS, "--history")
    assert all(status in done.stdout for status in ("open", "resolved", "rejected again"))
    (released,) = project.json(
        "rejects", "replay", "--orphans", ORDERS, exit_code=FINISHED_WITH_REJECTS
    )
    assert (released["moved"], released["waiting"]) == (1, 1)
    (still,) = project.json("rejects", "list", "--file", ORDERS)
    assert (still["record"], still["rule"], still["status"]) == (2, "orphan", "open")
    assert project.admw("rejects", "replay").returncode == WRONG_USAGE
    done = project.admw("rejects", "export", CUSTOMERS, "--out", "x", "--stage", "last")
    assert done.returncode == WRONG_USAGE
