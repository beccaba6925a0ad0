"""Corrected records in the place of their rejects; rows that the final table takes later."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest

from admw_assets.core.canonical import HashSum
from admw_assets.core.errors import LoadError, RejectLimitExceeded
from admw_assets.core.ports import (
    LoadOutcome,
    RawRecord,
    Reject,
    ReleaseOutcome,
    ReplayLoad,
    RowMark,
)
from admw_assets.core.step import Stage
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Row, Target, stage

CITIES = "CITY~20240101.000000.csv"
HOUSES = "HOUSE~20240101.000000.csv"
SQL = """
CREATE TABLE CITY (id INT NOT NULL, name VARCHAR(20), PRIMARY KEY (id));
CREATE TABLE HOUSE (id INT NOT NULL, city INT, next INT, PRIMARY KEY (id),
    CONSTRAINT in_city FOREIGN KEY (city) REFERENCES CITY (id),
    CONSTRAINT beside FOREIGN KEY (next) REFERENCES HOUSE (id));
"""


def corrected(numbers: Iterable[int]) -> Iterator[RawRecord]:
    for number in numbers:
        yield RawRecord(number, number * 100, f"corrected {number}".encode())


def reject(file: str, table: str, record: int, run: str = "run") -> Reject:
    text = f"record {record}".encode()
    return Reject(
        file, table, Stage.PRELIMINARY, record, 1, "range", "id", "bad", text, record * 100, run
    )


def replay(
    target: Target,
    table: str,
    rows: Mapping[int, Row],
    still_bad: Sequence[int] = (),
    obsolete: Sequence[RowMark] = (),
    sha256: str = "A" * 64,
    limit: int | None = None,
) -> LoadOutcome:
    """Replay records of the table's file: some are rows now, others rejects again."""
    file = CITIES if table == "CITY" else HOUSES
    model, settings = target.table(table), target.settings(table)
    folder = target.folder / f"replay-{sha256[:3]}"
    places = [(record, 1) for record in rows]
    staged = stage(model, settings, list(rows.values()), folder, positions=places)
    run = f"replay-{sha256[:3]}"
    return target.store.load_replay(
        ReplayLoad(
            file=file,
            table=model,
            settings=settings,
            run_id=run,
            sha256=sha256,
            records=tuple(sorted([*rows, *still_bad])),
            staged=staged,
            obsolete=tuple(obsolete),
            rejects=[reject(file, table, record, run) for record in still_bad],
            expected_change=0,
            dropped_change={},
            limit=limit,
            replayed=corrected,
        )
    )


def release(target: Target, table: str, limit: int | None = None) -> ReleaseOutcome | None:
    file = CITIES if table == "CITY" else HOUSES
    model, settings = target.table(table), target.settings(table)
    return target.store.release_final(file, model, settings, "release", limit, corrected)


def history(target: Target, file: str) -> list[tuple[object, ...]]:
    found = target.store.rejects(file, history=True)
    return [(r.stage.value, r.record, r.rule, r.status.value, r.replayed_text) for r in found]


def statuses(target: Target, table: str) -> list[object]:
    rows = target.query(f"SELECT admw_status FROM PRE_{table} ORDER BY admw_record_number")
    return [row[0] for row in rows]


def two_of_four(target_of: TargetOf) -> Target:
    """Cities 1 and 2 are in, records 3 and 4 are rejects."""
    target = target_of(SQL)
    rejects = [reject(CITIES, "CITY", record) for record in (3, 4)]
    target.preliminary(CITIES, "CITY", [["1", "Rome"], ["2", "Oslo"]], rejects=rejects)
    return target


def test_corrected_records_take_the_place_of_their_rejects(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    assert replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4]) == LoadOutcome(3, 1)
    rows = target.query(
        "SELECT pre_id, admw_record_number, admw_origin_file_name, admw_status FROM PRE_CITY"
        " ORDER BY 1"
    )
    assert rows[2] == (3, 3, CITIES, "loaded")
    assert history(target, CITIES) == [
        ("preliminary", 3, "range", "resolved", b"corrected 3"),
        ("preliminary", 4, "range", "rejected_again", b"corrected 4"),
        ("preliminary", 4, "range", "open", None),
    ]
    open_now = list(target.store.rejects(CITIES))
    assert [(r.record, r.run_id) for r in open_now] == [(4, "replay-AAA")]
    assert target.store.count_rejects(CITIES, "CITY", Stage.PRELIMINARY) == {"range": 1}


def test_a_replay_is_loaded_once(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    first = replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    assert replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4]) == first
    assert len(target.query("SELECT 1 FROM PRE_CITY")) == 3
    assert len(history(target, CITIES)) == 3


def test_the_ledger_knows_what_must_stand_in_the_table(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    replay(target, "CITY", {3: ["3", "Bonn"], 4: ["4", "Riga"]})
    model, settings = target.table("CITY"), target.settings("CITY")
    found = target.store.replayed_preliminary(CITIES, model, settings)
    assert (found.rows, found.agrees, found.altered) == (4, True, 0)
    target.execute("UPDATE PRE_CITY SET pre_name = 'Roma' WHERE pre_id = 1")
    assert target.store.replayed_preliminary(CITIES, model, settings).altered == 1
    target.execute("DELETE FROM PRE_CITY WHERE pre_id = 1")
    assert not target.store.replayed_preliminary(CITIES, model, settings).agrees


def test_duplicates_do_not_count_in_what_must_stand_there(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(CITIES, "CITY", [["1", "Rome"], ["1", "Oslo"]])
    (checksum,) = target.query("SELECT checksum FROM admw_ledger")[0]
    hashes = [str(row[0]) for row in target.query("SELECT admw_row_hash FROM PRE_CITY")]
    assert checksum == HashSum.of(hashes).text


def test_a_corrected_record_with_a_key_of_the_file_is_rejected_again(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.preliminary(HOUSES, "HOUSE", [["1", None, None]])
    assert replay(target, "CITY", {3: ["2", "Bonn"], 4: ["4", "Riga"]}) == LoadOutcome(3, 1)
    (again,) = target.store.rejects(CITIES)
    assert (again.record, again.rule, again.text) == (3, "duplicate_key", b"corrected 3")
    assert "stands in record 2 already" in again.message
    model, settings = target.table("CITY"), target.settings("CITY")
    assert target.store.replayed_preliminary(CITIES, model, settings).agrees


def test_an_earlier_row_keeps_its_key_from_a_lower_record(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(
        CITIES,
        "CITY",
        [["7", "Rome"]],
        positions=[(2, 1)],
        rejects=[reject(CITIES, "CITY", 1)],
    )
    assert replay(target, "CITY", {1: ["7", "Bonn"]}) == LoadOutcome(1, 1)
    assert target.query("SELECT pre_name FROM PRE_CITY") == [("Rome",)]


def test_more_rejects_than_allowed_leave_all_as_it_was(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    with pytest.raises(RejectLimitExceeded, match="nothing was replayed"):
        replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4], limit=0)
    assert history(target, CITIES) == [
        ("preliminary", 3, "range", "open", None),
        ("preliminary", 4, "range", "open", None),
    ]
    assert target.store.replays(CITIES) == []
    assert len(target.query("SELECT 1 FROM PRE_CITY")) == 2


def test_rows_of_a_replay_wait_for_the_final_table_that_is_loaded(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.final(CITIES, "CITY")
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    assert statuses(target, "CITY") == ["loaded", "loaded", "waiting"]
    assert release(target, "CITY") == ReleaseOutcome(1, 3, 0)
    assert statuses(target, "CITY") == ["loaded"] * 3
    assert release(target, "CITY") == ReleaseOutcome(0, 3, 0)
    assert target.query("SELECT id FROM CITY ORDER BY id") == [(1,), (2,), (3,)]


def test_nothing_is_released_before_the_final_load(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    assert release(target, "CITY") is None
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    assert target.final(CITIES, "CITY") == LoadOutcome(3, 0)


def test_orphans_are_released_when_their_parents_have_come(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(
        HOUSES, "HOUSE", [["1", "7", None], ["2", "8", None], ["3", None, "1"], ["4", None, None]]
    )
    assert target.final(HOUSES, "HOUSE") == LoadOutcome(1, 3)  # 3 stands beside orphan 1
    before = history(target, HOUSES)
    assert release(target, "HOUSE") == ReleaseOutcome(0, 1, 3)
    assert history(target, HOUSES) == before
    target.preliminary(CITIES, "CITY", [["7", "Rome"]])
    target.final(CITIES, "CITY")
    assert release(target, "HOUSE") == ReleaseOutcome(2, 3, 1)
    assert target.query("SELECT id FROM HOUSE ORDER BY id") == [(1,), (3,), (4,)]
    assert statuses(target, "HOUSE") == ["loaded", "rejected", "loaded", "loaded"]
    assert [row[:4] for row in history(target, HOUSES)] == [
        ("final", 1, "orphan", "resolved"),
        ("final", 2, "orphan", "open"),
        ("final", 3, "orphan", "resolved"),
    ]
    (waiting,) = target.store.rejects(HOUSES)
    assert (waiting.text, waiting.run_id) == (b"record 2", "run")


def test_a_corrected_orphan_moves_with_its_new_value(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(CITIES, "CITY", [["7", "Rome"]])
    target.final(CITIES, "CITY")
    target.preliminary(HOUSES, "HOUSE", [["1", "9", None], ["2", "8", None]])
    target.final(HOUSES, "HOUSE")
    model, settings = target.table("HOUSE"), target.settings("HOUSE")
    old = target.store.marks_of(HOUSES, model, settings, [1, 2])
    rows = {1: ["1", "7", None], 2: ["2", "6", None]}
    assert replay(target, "HOUSE", rows, obsolete=old) == LoadOutcome(2, 0)
    assert target.store.replayed_preliminary(HOUSES, model, settings).agrees
    assert release(target, "HOUSE") == ReleaseOutcome(1, 1, 1)
    assert target.query("SELECT id, city FROM HOUSE") == [(1, 7)]
    assert history(target, HOUSES) == [
        ("final", 1, "orphan", "resolved", b"corrected 1"),
        ("final", 2, "orphan", "rejected_again", b"corrected 2"),
        ("final", 2, "orphan", "open", None),
    ]
    (again,) = target.store.rejects(HOUSES)
    assert (again.text, again.message) == (
        b"corrected 2",
        "Table CITY has no row with (id) = (6).",
    )


def test_a_key_that_has_become_free_is_released(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.execute("INSERT INTO CITY (id, name) VALUES (7, 'Rome')")
    target.preliminary(CITIES, "CITY", [["7", "Bonn"], ["8", "Riga"]])
    assert target.final(CITIES, "CITY") == LoadOutcome(1, 1)
    assert release(target, "CITY") == ReleaseOutcome(0, 1, 1)
    target.execute("DELETE FROM CITY WHERE id = 7")
    assert release(target, "CITY") == ReleaseOutcome(1, 2, 0)
    assert target.query("SELECT name FROM CITY WHERE id = 7") == [("Bonn",)]
    assert [row[2:4] for row in history(target, CITIES)] == [("existing_key", "resolved")]


def test_more_rejects_than_the_final_stage_allows_move_nothing(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.execute("INSERT INTO CITY (id, name) VALUES (3, 'x'), (4, 'y')")
    target.final(CITIES, "CITY")
    replay(target, "CITY", {3: ["3", "Bonn"], 4: ["4", "Riga"]})
    with pytest.raises(RejectLimitExceeded, match="nothing was moved"):
        release(target, "CITY", limit=1)
    assert statuses(target, "CITY") == ["loaded", "loaded", "waiting", "waiting"]
    assert release(target, "CITY", limit=2) == ReleaseOutcome(0, 2, 2)


def test_undo_of_one_table_leaves_replays_of_others_unfinished(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.preliminary(CITIES, "HOUSE", [["1", None, None]])
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    target.store.finish_replay(CITIES, "A" * 64)
    model, settings = target.table("HOUSE"), target.settings("HOUSE")
    target.store.undo(CITIES, model, settings, Stage.PRELIMINARY)
    assert [r.finished for r in target.store.replays(CITIES)] == [False]


def test_a_row_of_the_final_table_is_not_changed_by_a_replay(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.final(CITIES, "CITY")
    model, settings = target.table("CITY"), target.settings("CITY")
    old = target.store.marks_of(CITIES, model, settings, [1])
    with pytest.raises(LoadError, match=r"Record 1 .* final table has already; nothing was"):
        replay(target, "CITY", {1: ["1", "Roma"]}, obsolete=old)
    assert target.query("SELECT pre_name FROM PRE_CITY WHERE pre_id = 1") == [("Rome",)]


def test_records_are_known_as_they_came_last(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    found = target.store.current_records(CITIES, [3, 4, 5])
    assert [(raw.number, raw.data) for raw in found] == [(3, b"corrected 3"), (4, b"record 4")]


def test_undo_forgets_replays_and_takes_what_waits(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    model, settings = target.table("CITY"), target.settings("CITY")
    target.final(CITIES, "CITY")
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    target.store.undo(CITIES, model, settings, Stage.FINAL)
    assert statuses(target, "CITY") == ["loaded"] * 3
    assert target.final(CITIES, "CITY") == LoadOutcome(3, 0)
    target.store.undo(CITIES, model, settings, Stage.FINAL)
    target.store.undo(CITIES, model, settings, Stage.PRELIMINARY)
    assert target.store.replays(CITIES) == []
    assert history(target, CITIES) == []


def test_finished_replays_are_told_from_others(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    replay(target, "CITY", {3: ["3", "Bonn"]}, still_bad=[4])
    replay(target, "CITY", {4: ["4", "Riga"]}, sha256="B" * 64)
    target.store.finish_replay(CITIES, "A" * 64)
    assert {r.sha256[0]: (r.rows_added, r.finished) for r in target.store.replays(CITIES)} == {
        "A": (1, True),
        "B": (1, False),
    }


def test_tables_of_an_earlier_version_are_completed(target_of: TargetOf) -> None:
    target = two_of_four(target_of)
    target.execute("ALTER TABLE admw_rejects DROP COLUMN status")
    target.execute("ALTER TABLE admw_rejects DROP COLUMN replayed_text")
    made = target.store.initialize(target.migration)
    assert made == [
        "Added column status to table admw_rejects.",
        "Added column replayed_text to table admw_rejects.",
    ]
    assert [row[3] for row in history(target, CITIES)] == ["open", "open"]
