"""Taking one stage of one file back, as if it had never run."""

import pytest

from admw_assets.core.errors import LoadError
from admw_assets.core.ports import LoadOutcome
from admw_assets.core.step import Stage
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

CITIES, HOUSES = "CITY~20240101.000000.csv", "HOUSE~20240101.000000.csv"
OTHER = "CITY~20240102.000000.csv"
SQL = """
CREATE TABLE CITY (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id));
CREATE TABLE HOUSE (id INT NOT NULL, city INT, PRIMARY KEY (id),
    CONSTRAINT in_city FOREIGN KEY (city) REFERENCES CITY (id) ON DELETE CASCADE);
"""


def undo(target: Target, file: str, table: str, stage: Stage) -> None:
    target.store.undo(file, target.table(table), target.settings(table), stage)


def contents(target: Target) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, without times and ids."""
    queries = {
        "pre": "SELECT admw_origin_file_name, pre_id, admw_status FROM PRE_CITY ORDER BY 1, 2",
        "final": "SELECT admw_origin_file_name, id FROM CITY ORDER BY 1, 2",
        "ledger": "SELECT file_name, stage, rows_loaded, rows_rejected FROM admw_ledger"
        " ORDER BY 1, 2",
        "rejects": "SELECT file_name, stage, record_number FROM admw_rejects ORDER BY 1, 2, 3",
    }
    return {name: target.query(sql) for name, sql in queries.items()}


def test_both_stages_undone_leave_what_was_there_before(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(OTHER, "CITY", [["1", "Rome"]])
    target.final(OTHER, "CITY")
    before = contents(target)
    target.preliminary(CITIES, "CITY", [["1", "x"], ["2", "y"], ["2", "z"]])
    loaded = contents(target)
    assert target.final(CITIES, "CITY") == LoadOutcome(1, 1)
    after = contents(target)
    undo(target, CITIES, "CITY", Stage.FINAL)
    assert contents(target) == loaded
    assert target.final(CITIES, "CITY") == LoadOutcome(1, 1)
    assert contents(target) == after
    undo(target, CITIES, "CITY", Stage.FINAL)
    undo(target, CITIES, "CITY", Stage.PRELIMINARY)
    assert contents(target) == before


def test_the_preliminary_stage_is_not_undone_before_the_final_one(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(CITIES, "CITY", [["1", "Rome"]])
    target.final(CITIES, "CITY")
    before = contents(target)
    with pytest.raises(LoadError, match="stand in the final table"):
        undo(target, CITIES, "CITY", Stage.PRELIMINARY)
    assert contents(target) == before


def test_rows_that_others_refer_to_stay(target_of: TargetOf) -> None:
    """Also where the foreign key would delete the children along."""
    target = target_of(SQL)
    target.preliminary(CITIES, "CITY", [["1", "Rome"]])
    target.final(CITIES, "CITY")
    target.preliminary(HOUSES, "HOUSE", [["1", "1"]])
    target.final(HOUSES, "HOUSE")
    with pytest.raises(LoadError, match=f"'HOUSE'.*{HOUSES}.*Undo the final stage of 'HOUSE'"):
        undo(target, CITIES, "CITY", Stage.FINAL)
    assert target.query("SELECT id FROM HOUSE") == [(1,)]
    undo(target, HOUSES, "HOUSE", Stage.FINAL)
    undo(target, CITIES, "CITY", Stage.FINAL)
    assert target.query("SELECT id FROM CITY") == []


def test_rows_that_refer_to_each_other_go_together(target_of: TargetOf) -> None:
    target = target_of("""CREATE TABLE CITY (id INT NOT NULL, near INT, PRIMARY KEY (id),
        CONSTRAINT n FOREIGN KEY (near) REFERENCES CITY (id))""")
    target.preliminary(CITIES, "CITY", [["1", "2"], ["2", "1"], ["3", "3"]])
    target.final(CITIES, "CITY")
    target.preliminary(OTHER, "CITY", [["4", "1"]])
    target.final(OTHER, "CITY")
    with pytest.raises(LoadError, match=OTHER):
        undo(target, CITIES, "CITY", Stage.FINAL)
    undo(target, OTHER, "CITY", Stage.FINAL)
    undo(target, CITIES, "CITY", Stage.FINAL)
    assert contents(target)["final"] == []


def test_undoing_what_never_ran_does_nothing(target_of: TargetOf) -> None:
    target = target_of(SQL)
    undo(target, CITIES, "CITY", Stage.FINAL)
    undo(target, CITIES, "CITY", Stage.PRELIMINARY)
    assert not any(contents(target).values())
