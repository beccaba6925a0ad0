"""Tables in a circle: rows move before their parents, and no orphan stays unseen."""

import pytest

from admw_assets.core.ports import LoadOutcome
from admw_assets.core.reconciliation import UnmetReferences
from admw_assets.core.step import Stage
from admw_assets.steps.verdict_checks import orphans
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Row, Target

SHOPS, CLERKS = "SHOP~1.csv", "CLERK~1.csv"
SQL = """
CREATE TABLE SHOP (id INT NOT NULL, manager INT, PRIMARY KEY (id));
CREATE TABLE CLERK (id INT NOT NULL, shop INT NOT NULL, PRIMARY KEY (id),
    CONSTRAINT works_in FOREIGN KEY (shop) REFERENCES SHOP (id));
ALTER TABLE SHOP ADD CONSTRAINT managed_by FOREIGN KEY (manager) REFERENCES CLERK (id);
"""


@pytest.fixture
def target(target_of: TargetOf) -> Target:
    return target_of(SQL)


def preliminary(target: Target, shops: list[Row], clerks: list[Row]) -> None:
    target.preliminary(SHOPS, "SHOP", shops)
    target.preliminary(CLERKS, "CLERK", clerks)


def unmet(target: Target, table: str) -> list[UnmetReferences]:
    return target.store.unmet_references(target.table(table), target.settings(table))


def orphan_records(target: Target, file: str) -> list[int]:
    return [r.record for r in target.store.rejects(file, stage=Stage.FINAL) if r.rule == "orphan"]


def test_parents_that_are_still_to_come_are_no_orphans(target: Target) -> None:
    preliminary(target, [["1", "7"], ["2", None]], [["7", "1"], ["8", "2"]])
    assert target.final(SHOPS, "SHOP") == LoadOutcome(2, 0)
    assert unmet(target, "SHOP") == [UnmetReferences("SHOP", ("manager",), "CLERK", 0, 1)]
    assert target.final(CLERKS, "CLERK") == LoadOutcome(2, 0)
    assert unmet(target, "SHOP") == unmet(target, "CLERK") == []


def test_row_whose_parent_is_not_among_those_to_come_is_an_orphan(target: Target) -> None:
    preliminary(target, [["1", "7"], ["2", "9"]], [["7", "1"], ["8", "2"]])
    assert target.final(SHOPS, "SHOP") == LoadOutcome(1, 1)
    assert orphan_records(target, SHOPS) == [2]
    assert target.final(CLERKS, "CLERK") == LoadOutcome(1, 1)  # shop 2 is not there
    assert orphan_records(target, CLERKS) == [2]
    assert unmet(target, "CLERK") == []


def test_rows_wait_while_nothing_of_the_parent_has_arrived(target: Target) -> None:
    target.preliminary(SHOPS, "SHOP", [["1", "7"], ["2", "9"]])
    assert target.final(SHOPS, "SHOP") == LoadOutcome(2, 0)
    waiting = unmet(target, "SHOP")
    assert waiting == [UnmetReferences("SHOP", ("manager",), "CLERK", 0, 2)]
    assert orphans(0, waiting).passed
    assert "2 rows of SHOP for CLERK" in orphans(0, waiting).message
    target.preliminary(CLERKS, "CLERK", [["7", "1"]])
    target.final(CLERKS, "CLERK")
    missing = unmet(target, "CLERK")
    assert missing == [UnmetReferences("SHOP", ("manager",), "CLERK", 1, 0)]
    assert not orphans(0, missing).passed
    assert "1 rows of SHOP refer by (manager) to rows of CLERK" in orphans(0, missing).message


def test_parent_that_is_rejected_afterwards_is_missed(target: Target) -> None:
    preliminary(target, [["1", "7"], ["2", "8"]], [["7", "1"], ["8", "5"]])
    assert target.final(SHOPS, "SHOP") == LoadOutcome(2, 0)
    assert target.final(CLERKS, "CLERK") == LoadOutcome(1, 1)  # clerk 8: there is no shop 5
    assert unmet(target, "CLERK") == [UnmetReferences("SHOP", ("manager",), "CLERK", 1, 0)]


def test_parents_in_another_file_of_the_same_table_are_no_orphans(target_of: TargetOf) -> None:
    target = target_of(
        "CREATE TABLE PART (id INT NOT NULL, part_of INT, PRIMARY KEY (id),"
        " FOREIGN KEY (part_of) REFERENCES PART (id));"
    )
    first, second = "PART~1.csv", "PART~2.csv"
    target.preliminary(first, "PART", [["1", "8"], ["2", "9"], ["3", "5"], ["4", "3"]])
    target.preliminary(second, "PART", [["8", None], ["9", "7"]])
    assert target.final(first, "PART") == LoadOutcome(2, 2)
    assert orphan_records(target, first) == [3, 4]  # 5 is nowhere, and so 3 is gone for 4
    assert unmet(target, "PART") == [UnmetReferences("PART", ("part_of",), "PART", 0, 2)]
    assert target.final(second, "PART") == LoadOutcome(1, 1)  # 9 is an orphan itself
    assert unmet(target, "PART") == [UnmetReferences("PART", ("part_of",), "PART", 1, 0)]
