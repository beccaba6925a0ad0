"""Moving rows to the final table: existing keys, orphans, circles, never half a file."""

from collections.abc import Sequence

import pytest

from admw_assets.core.errors import DataFileError, LoadError, RejectLimitExceeded
from admw_assets.core.ports import LoadOutcome, RawRecord
from admw_assets.core.step import Stage
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Row, Target

CITIES = "CITY~20240101.000000.csv"
MORE_CITIES = "CITY~20240102.000000.csv"
HOUSES = "HOUSE~20240101.000000.csv"
SQL = """
CREATE TABLE CITY (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id), UNIQUE KEY n (name));
CREATE TABLE HOUSE (id INT NOT NULL, city INT, owner VARCHAR(20), PRIMARY KEY (id),
    CONSTRAINT in_city FOREIGN KEY (city) REFERENCES CITY (id));
"""
STAFF = "STAFF~20240101.000000.csv"
STAFF_SQL = """CREATE TABLE STAFF (id INT NOT NULL, boss INT, PRIMARY KEY (id),
    CONSTRAINT works_for FOREIGN KEY (boss) REFERENCES STAFF (id))"""


def bring(target: Target, file: str, table: str, rows: Sequence[Row]) -> LoadOutcome:
    target.preliminary(file, table, rows)
    return target.final(file, table)


def final_rejects(target: Target, file: str) -> list[tuple[int, str, str, str, bytes]]:
    found = target.store.rejects(file, stage=Stage.FINAL)
    return [(r.record, r.rule, r.column, r.message, r.text) for r in found]


def ids(target: Target, table: str) -> list[object]:
    return [row[0] for row in target.query(f"SELECT id FROM {table} ORDER BY id")]


def statuses(target: Target, table: str) -> list[object]:
    rows = target.query(f"SELECT admw_status FROM PRE_{table} ORDER BY admw_record_number")
    return [row[0] for row in rows]


def test_rows_carry_the_name_of_their_file(target_of: TargetOf) -> None:
    target = target_of(SQL)
    assert bring(target, CITIES, "CITY", [["1", "Rome"], ["2", "Oslo"]]) == LoadOutcome(2, 0)
    assert bring(target, MORE_CITIES, "CITY", [["3", "Bonn"]]) == LoadOutcome(1, 0)
    rows = target.query("SELECT id, name, admw_origin_file_name FROM CITY ORDER BY id")
    assert rows == [(1, "Rome", CITIES), (2, "Oslo", CITIES), (3, "Bonn", MORE_CITIES)]


def test_a_second_final_load_does_nothing(target_of: TargetOf) -> None:
    target = target_of(SQL)
    first = bring(target, CITIES, "CITY", [["1", "Rome"]])
    assert target.final(CITIES, "CITY") == first == LoadOutcome(1, 0)
    assert ids(target, "CITY") == [1]


def test_the_preliminary_stage_comes_first(target_of: TargetOf) -> None:
    target = target_of(SQL)
    with pytest.raises(LoadError, match="preliminary"):
        target.final(CITIES, "CITY")
    assert target.query("SELECT * FROM admw_ledger") == []


def test_a_key_that_another_file_brought_is_a_reject(target_of: TargetOf) -> None:
    target = target_of(SQL)
    bring(target, CITIES, "CITY", [["1", "Rome"]])
    rows = [["1", "Oslo"], ["2", "Rome"], ["1", "x"], ["3", "Bonn"]]
    assert target.preliminary(MORE_CITIES, "CITY", rows) == LoadOutcome(3, 1)
    assert target.final(MORE_CITIES, "CITY") == LoadOutcome(loaded=1, rejected=2)
    assert final_rejects(target, MORE_CITIES) == [
        (1, "existing_key", "id", f"The key (id) was brought by {CITIES}.", b"record 1"),
        (2, "existing_key", "name", f"The key (name) was brought by {CITIES}.", b"record 2"),
    ]
    assert ids(target, "CITY") == [1, 3]
    rejected = target.query("SELECT pre_id FROM PRE_CITY WHERE admw_status = 'rejected'")
    assert sorted(rejected) == [(1,), (2,)]


def test_a_key_that_stood_there_before_is_a_reject(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.execute("INSERT INTO CITY (id, name) VALUES (1, 'Rome')")
    assert bring(target, CITIES, "CITY", [["1", "Oslo"]]) == LoadOutcome(0, 1)
    assert "before any file" in final_rejects(target, CITIES)[0][3]


def test_an_existing_key_fails_the_stage_where_the_settings_say_so(target_of: TargetOf) -> None:
    target = target_of(SQL, on_existing_key="fail")
    bring(target, CITIES, "CITY", [["1", "Rome"]])
    with pytest.raises(LoadError, match=r"1 rows.*existing_key.*record 2.*brought by") as caught:
        bring(target, MORE_CITIES, "CITY", [["5", "Bonn"], ["1", "Oslo"]])
    assert caught.value.context["found"] == 1
    assert ids(target, "CITY") == [1]
    assert final_rejects(target, MORE_CITIES) == []


def test_orphans_are_rejects_and_rows_without_a_reference_are_not(target_of: TargetOf) -> None:
    target = target_of(SQL)
    bring(target, CITIES, "CITY", [["1", "Rome"]])
    rows = [["1", "1", "a"], ["2", "9", "b"], ["3", None, "c"]]
    assert bring(target, HOUSES, "HOUSE", rows) == LoadOutcome(2, 1)
    message = "Table CITY has no row with (id) = (9)."
    assert final_rejects(target, HOUSES) == [(2, "orphan", "city", message, b"record 2")]
    assert ids(target, "HOUSE") == [1, 3]
    assert statuses(target, "HOUSE") == ["loaded", "rejected", "loaded"]


def test_orphans_fail_the_stage_where_the_settings_say_so(target_of: TargetOf) -> None:
    target = target_of(SQL, tables={"HOUSE": {"on_orphan": "fail"}})
    with pytest.raises(LoadError, match=r"2 rows.*orphan.*record 1: Table CITY has no row"):
        bring(target, HOUSES, "HOUSE", [["1", "8", "a"], ["2", "9", "b"], ["3", None, "c"]])
    assert ids(target, "HOUSE") == []
    assert statuses(target, "HOUSE") == ["loaded"] * 3


def test_a_missing_parent_of_a_pii_column_is_masked(target_of: TargetOf) -> None:
    target = target_of(SQL, tables={"HOUSE": {"pii": ["city"]}})
    bring(target, HOUSES, "HOUSE", [["1", "4711", "a"]])
    assert "4711" not in final_rejects(target, HOUSES)[0][3]


def test_references_over_several_columns_count_where_no_column_is_null(
    target_of: TargetOf,
) -> None:
    target = target_of("""
        CREATE TABLE A (x INT NOT NULL, y VARCHAR(5) NOT NULL, PRIMARY KEY (x, y));
        CREATE TABLE B (id INT NOT NULL, x INT, y VARCHAR(5), PRIMARY KEY (id),
            FOREIGN KEY (x, y) REFERENCES A (x, y));""")
    bring(target, "A~1.csv", "A", [["1", "one"]])
    rows = [["1", "1", "one"], ["2", "1", None], ["3", "1", "two"], ["4", None, "two"]]
    assert bring(target, "B~1.csv", "B", rows) == LoadOutcome(3, 1)
    [(record, _, column, message, _)] = final_rejects(target, "B~1.csv")
    assert (record, column) == (3, "x, y")
    assert message == "Table A has no row with (x, y) = (1, two)."


def test_a_row_may_refer_to_a_later_row_of_its_own_file(target_of: TargetOf) -> None:
    target = target_of(STAFF_SQL)
    rows = [["1", "2"], ["2", "3"], ["3", "3"], ["4", None]]
    assert bring(target, STAFF, "STAFF", rows) == LoadOutcome(4, 0)


def test_who_refers_to_an_orphan_is_an_orphan(target_of: TargetOf) -> None:
    target = target_of(STAFF_SQL)
    bring(target, STAFF, "STAFF", [["100", None]])
    rows = [["1", "2"], ["2", "3"], ["3", "99"], ["4", "100"], ["5", "4"], ["6", "6"]]
    assert bring(target, "STAFF~2.csv", "STAFF", rows) == LoadOutcome(3, 3)
    assert [record for record, *_ in final_rejects(target, "STAFF~2.csv")] == [1, 2, 3]
    assert ids(target, "STAFF") == [4, 5, 6, 100]


def test_the_child_of_an_existing_key_finds_its_parent_there(target_of: TargetOf) -> None:
    target = target_of(STAFF_SQL)
    bring(target, STAFF, "STAFF", [["1", None]])
    assert bring(target, "STAFF~2.csv", "STAFF", [["1", None], ["2", "1"]]) == LoadOutcome(1, 1)


def test_tables_that_refer_to_each_other_can_be_loaded(target_of: TargetOf) -> None:
    target = target_of("""
        CREATE TABLE A (id INT NOT NULL, b INT, PRIMARY KEY (id));
        CREATE TABLE B (id INT NOT NULL, a INT, PRIMARY KEY (id),
            CONSTRAINT ba FOREIGN KEY (a) REFERENCES A (id));
        ALTER TABLE A ADD CONSTRAINT ab FOREIGN KEY (b) REFERENCES B (id);""")
    assert bring(target, "A~1.csv", "A", [["1", "10"]]) == LoadOutcome(1, 0)
    assert bring(target, "B~1.csv", "B", [["10", "1"]]) == LoadOutcome(1, 0)
    for table in ("A", "B"):
        store, model = target.store, target.table(table)
        store.undo(f"{table}~1.csv", model, target.settings(table), Stage.FINAL)
        assert ids(target, table) == []


def test_more_rejects_than_allowed_move_nothing_and_are_kept(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(HOUSES, "HOUSE", [["1", "8", "a"], ["2", "9", "b"], ["3", None, "c"]])
    with pytest.raises(RejectLimitExceeded, match="2 orphan in city"):
        target.final(HOUSES, "HOUSE", limit=1)
    assert ids(target, "HOUSE") == []
    assert statuses(target, "HOUSE") == ["loaded"] * 3
    assert len(final_rejects(target, HOUSES)) == 2
    bring(target, CITIES, "CITY", [["8", "Rome"]])
    assert target.final(HOUSES, "HOUSE", limit=1) == LoadOutcome(2, 1)
    assert len(final_rejects(target, HOUSES)) == 1


def test_rejects_without_a_readable_file_have_no_text(target_of: TargetOf) -> None:
    def unreadable(_numbers: object) -> "list[RawRecord]":
        raise DataFileError("gone")

    target = target_of(SQL)
    target.preliminary(HOUSES, "HOUSE", [["1", "8", "a"]])
    outcome = target.store.load_final(
        HOUSES,
        target.table("HOUSE"),
        target.settings("HOUSE"),
        "run",
        None,
        unreadable,  # type: ignore[arg-type]
    )
    assert outcome == LoadOutcome(0, 1)
    assert [text for *_, text in final_rejects(target, HOUSES)] == [b""]


def test_a_preliminary_row_that_vanished_stops_the_load(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(CITIES, "CITY", [["1", "Rome"], ["2", "Oslo"]])
    target.execute("DELETE FROM PRE_CITY WHERE pre_id = 2")
    with pytest.raises(LoadError, match=r"1 rows.*had brought 2"):
        target.final(CITIES, "CITY")
    assert ids(target, "CITY") == []


def test_text_references_compare_as_the_collation_says(mysql_target_of: TargetOf) -> None:
    target = mysql_target_of("""
        CREATE TABLE A (id VARCHAR(9) NOT NULL, PRIMARY KEY (id)) COLLATE utf8mb4_general_ci;
        CREATE TABLE B (id INT NOT NULL, a VARCHAR(9), PRIMARY KEY (id),
            FOREIGN KEY (a) REFERENCES A (id)) COLLATE utf8mb4_general_ci;""")
    bring(target, "A~1.csv", "A", [["abc"]])
    assert bring(target, "B~1.csv", "B", [["1", "ABC"], ["2", "abd"]]) == LoadOutcome(1, 1)
    assert bring(target, "A~2.csv", "A", [["ABC "], ["x"]]) == LoadOutcome(1, 1)
