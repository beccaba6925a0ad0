"""Loading staged parts: whole or not at all, once, duplicates as the target's collations see."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from admw_assets.core.errors import LoadError, RejectLimitExceeded
from admw_assets.core.migration import ORIGIN_COLUMN
from admw_assets.core.ports import LoadOutcome, Reject
from admw_assets.core.step import Stage
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

FILE = "T~20240101.000000.csv"
SQL = """CREATE TABLE T (id INT NOT NULL, name VARCHAR(20), code VARCHAR(20), PRIMARY KEY (id),
    UNIQUE KEY by_name (name, code))"""
TEXT_KEY = "CREATE TABLE T (id VARCHAR(20) {collation} NOT NULL, PRIMARY KEY (id))"


def reject(record: int, rule: str = "not_null", column: str = "name") -> Reject:
    return Reject(
        FILE, "T", Stage.PRELIMINARY, record, 1, rule, column, "message", b"a;\xff", 17, "run"
    )


def kept(target: Target) -> list[tuple[int, str, str, str, bytes]]:
    return [(r.record, r.rule, r.column, r.message, r.text) for r in target.store.rejects(FILE)]


def ids(target: Target) -> list[object]:
    return [row[0] for row in target.query("SELECT pre_id FROM PRE_T ORDER BY pre_id")]


def nothing_is_there(target: Target) -> bool:
    return not (target.query("SELECT * FROM PRE_T") or target.query("SELECT * FROM admw_ledger"))


def test_rows_of_several_parts_and_rejects_go_in_together(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [[str(n), f"name {n}", None] for n in range(1, 8)]
    outcome = target.preliminary(FILE, "T", rows, parts=3, rejects=[reject(8), reject(9)])
    assert outcome == LoadOutcome(loaded=7, rejected=2)
    assert ids(target) == [1, 2, 3, 4, 5, 6, 7]
    assert list(target.store.rejects()) == [reject(8), reject(9)]
    assert target.store.count_rejects(FILE, "T", Stage.PRELIMINARY) == {"not_null": 2}


def test_a_file_may_have_any_name(target_of: TargetOf) -> None:
    target = target_of(SQL)
    file = """O'Brien "s"; -- ? %s :x `T`~20240101.000000.csv"""
    assert target.preliminary(file, "T", [["1", "a", "b"]]) == LoadOutcome(1, 0)
    assert target.query(f"SELECT {ORIGIN_COLUMN} FROM PRE_T") == [(file,)]


def test_an_empty_file_leaves_a_ledger_entry(target_of: TargetOf) -> None:
    target = target_of(SQL)
    assert target.preliminary(FILE, "T", []) == LoadOutcome(0, 0)
    assert len(target.query("SELECT * FROM admw_ledger")) == 1


def test_a_second_load_of_the_same_file_does_nothing(target_of: TargetOf) -> None:
    target = target_of(SQL)
    first = target.preliminary(FILE, "T", [["1", "a", "b"]], rejects=[reject(2)])
    second = target.preliminary(FILE, "T", [["2", "x", "y"]], rejects=[reject(3)])
    assert second == first == LoadOutcome(1, 1)
    assert ids(target) == [1]
    assert len(kept(target)) == 1


def test_the_first_row_of_a_key_stays(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["7", "a", "a"], ["7", "b", "b"], ["8", "c", "c"], ["7", "d", "d"]]
    assert target.preliminary(FILE, "T", rows) == LoadOutcome(loaded=2, rejected=2)
    assert kept(target) == [
        (2, "duplicate_key", "id", "The key (id) stands in record 1 already.", b"record 2"),
        (4, "duplicate_key", "id", "The key (id) stands in record 1 already.", b"record 4"),
    ]
    assert [r.offset for r in target.store.rejects()] == [200, 400]
    assert ids(target) == [7, 8]


def test_a_row_that_breaks_two_keys_is_rejected_once(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["1", "a", "b"], ["1", "a", "b"], ["2", "a", "b"], ["3", "c", "d"]]
    assert target.preliminary(FILE, "T", rows) == LoadOutcome(loaded=2, rejected=2)
    assert [(record, column) for record, _, column, *_ in kept(target)] == [
        (2, "id"),
        (3, "name, code"),
    ]


def test_a_row_rejected_for_one_key_takes_no_other_row_with_it(target_of: TargetOf) -> None:
    """Record 2 leaves for its id, so the name that it shares with record 3 is free."""
    target = target_of(SQL)
    rows = [["1", "a", "a"], ["1", "b", "b"], ["2", "b", "b"]]
    assert target.preliminary(FILE, "T", rows) == LoadOutcome(loaded=2, rejected=1)


def test_null_in_a_unique_key_never_collides(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["1", "a", None], ["2", "a", None], ["3", None, "b"], ["4", None, "b"]]
    assert target.preliminary(FILE, "T", rows) == LoadOutcome(loaded=4, rejected=0)


def test_duplicates_of_many_pages_are_all_found(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [[str(n % 700), f"n{n}", None] for n in range(2_000)]
    assert target.preliminary(FILE, "T", rows) == LoadOutcome(loaded=700, rejected=1_300)
    texts = [(r.record, r.text) for r in target.store.rejects()]
    assert texts == [(n, f"record {n}".encode()) for n in range(701, 2_001)]


def test_rows_of_one_record_can_be_duplicates_of_each_other(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["1", "a", None], ["2", "b", None], ["1", "c", None]]
    outcome = target.preliminary(FILE, "T", rows, positions=[(5, 1), (5, 2), (5, 3)])
    assert outcome == LoadOutcome(loaded=2, rejected=1)
    assert [(r.record, r.row) for r in target.store.rejects()] == [(5, 3)]


@pytest.mark.parametrize(
    ("collation", "collide"),
    [
        ("COLLATE utf8mb4_general_ci", {"a A", "e é", "x x_"}),
        ("COLLATE utf8mb4_unicode_ci", {"a A", "e é", "x x_"}),
        ("COLLATE utf8mb4_unicode_nopad_ci", {"a A", "e é"}),
        ("COLLATE utf8mb4_bin", {"x x_"}),
        ("CHARACTER SET latin1 COLLATE latin1_bin", {"x x_"}),
    ],
)
def test_keys_collide_as_the_column_collates(
    mysql_target_of: TargetOf, collation: str, collide: set[str]
) -> None:
    target = mysql_target_of(TEXT_KEY.format(collation=collation))
    pairs = [("a", "A"), ("e", "é"), ("x", "x ")]
    found: set[str] = set()
    for number, pair in enumerate(pairs):
        file = f"T~20240101.00000{number}.csv"
        outcome = target.preliminary(file, "T", [[text] for text in pair])
        if outcome.rejected:
            found.add(" ".join(pair).replace("  ", " ").replace("x x ", "x x_"))
        assert target.final(file, "T").loaded == outcome.loaded
    assert found == collide


def test_keys_collide_by_a_collation_of_the_table_or_of_the_database(
    mysql_target_of: TargetOf,
) -> None:
    sql = TEXT_KEY.format(collation="")
    target = mysql_target_of(f"{sql} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    assert target.preliminary(FILE, "T", [["a"], ["A"]]).rejected == 0


def test_sqlite_keys_compare_bytes(target_of: TargetOf) -> None:
    target = target_of(TEXT_KEY.format(collation="COLLATE utf8mb4_bin"))
    assert target.preliminary(FILE, "T", [["a"], ["A"], ["é"], ["e"]]).rejected == 0


def test_too_many_rejects_keep_the_rejects_and_no_row(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rejects = [reject(2), reject(3, "length", "code"), reject(4)]
    with pytest.raises(RejectLimitExceeded) as caught:
        target.preliminary(FILE, "T", [["1", "a", "b"]], rejects=iter(rejects), limit=2)
    assert "3 rejects" in caught.value.message
    assert "2 are allowed" in caught.value.message
    assert "2 not_null in name, 1 length in code" in caught.value.message
    assert nothing_is_there(target)
    assert list(target.store.rejects()) == rejects


def test_too_many_duplicates_keep_the_rejects_and_no_row(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["1", "a", "a"], ["1", "b", "b"], ["2", "c", "c"]]
    with pytest.raises(RejectLimitExceeded, match="1 duplicate_key in id, 1 not_null in name"):
        target.preliminary(FILE, "T", rows, rejects=[reject(4)], limit=1)
    assert nothing_is_there(target)
    assert [(record, rule, text) for record, rule, _, _, text in kept(target)] == [
        (2, "duplicate_key", b"record 2"),
        (4, "not_null", b"a;\xff"),
    ]
    # The file corrected: what was kept of the failed attempt goes.
    assert target.preliminary(FILE, "T", [["1", "a", "a"]], limit=1) == LoadOutcome(1, 0)
    assert kept(target) == []


def test_as_many_rejects_as_allowed_are_fine(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rows = [["1", "a", "a"], ["1", "b", "b"]]
    assert target.preliminary(FILE, "T", rows, rejects=[reject(3)], limit=2) == LoadOutcome(1, 2)


def test_two_rows_with_the_same_numbers_are_a_fault_of_the_transform(target_of: TargetOf) -> None:
    target = target_of(SQL)
    with pytest.raises(LoadError, match="same record and row number"):
        target.preliminary(FILE, "T", [["1", "a", "a"], ["2", "b", "b"]], positions=[(1, 1)] * 2)
    assert nothing_is_there(target)


def test_a_part_with_fewer_rows_than_staged_is_not_kept(target_of: TargetOf) -> None:
    target = target_of(SQL)
    job = target.job(FILE, "T", [["1", "a", "a"], ["2", "b", "b"]])
    with pytest.raises(LoadError, match=r"2 rows.*3 were staged"):
        target.store.load_preliminary(replace(job, staged=replace(job.staged, rows=3)))
    assert nothing_is_there(target)


def test_a_missing_part_is_not_kept(target_of: TargetOf) -> None:
    target = target_of(SQL)
    job = target.job(FILE, "T", [["1", "a", "a"], ["2", "b", "b"]], parts=2)
    Path(job.staged.folder, job.staged.parts[1]).unlink()
    with pytest.raises(LoadError):
        target.store.load_preliminary(job)
    assert nothing_is_there(target)


def test_rejects_that_cannot_be_read_roll_everything_back(target_of: TargetOf) -> None:
    def failing() -> Iterator[Reject]:
        yield reject(2)
        raise OSError("the rejects file is gone")

    target = target_of(SQL)
    with pytest.raises(OSError, match="gone"):
        target.preliminary(FILE, "T", [["1", "a", "a"]], rejects=failing())
    assert nothing_is_there(target)
    assert kept(target) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("a VARCHAR(3)", "four"),
        ("a TINYINT", "200"),
        ("a DECIMAL(4, 1)", "1.25"),
        ("a DECIMAL(4, 1)", "12345.0"),
        ("a DATE", "2024-02-30"),
        ("a ENUM('x')", "y"),
        ("a INT", "12x"),
        ("a BIT(2)", "9"),
        ("a VARCHAR(3) CHARACTER SET latin1", "😀"),
        ("a YEAR", "1800"),
    ],
)
@pytest.mark.parametrize("options", ["", "?local_infile=0"])
def test_whatever_the_server_warns_about_is_not_kept(
    mysql_target_of: TargetOf, column: str, value: str, options: str
) -> None:
    target = mysql_target_of(
        f"CREATE TABLE T (id INT NOT NULL, {column}, PRIMARY KEY (id))", options=options
    )
    job = target.job(FILE, "T", [["1", None], ["2", None]])
    part = Path(job.staged.folder, job.staged.parts[0])
    lines = part.read_text().splitlines()
    part.write_text(f"{lines[0]}\n{lines[1].removesuffix(chr(92) + 'N')}{value}\n")
    with pytest.raises(LoadError):
        target.store.load_preliminary(job)
    assert nothing_is_there(target)


def test_loads_of_other_files_are_left_alone(target_of: TargetOf) -> None:
    target = target_of(SQL)
    other = "T~20240102.000000.csv"
    target.preliminary(other, "T", [["1", "a", "a"]], rejects=[])
    assert target.preliminary(FILE, "T", [["1", "a", "a"]]) == LoadOutcome(1, 0)
    with pytest.raises(RejectLimitExceeded):
        target.preliminary("T~3.csv", "T", [["1", "a", "a"], ["1", "b", "b"]], limit=0)
    assert ids(target) == [1, 1]


def test_rejects_can_be_asked_for_by_table_stage_and_rule(target_of: TargetOf) -> None:
    target = target_of(SQL)
    rejects = [reject(5, "length"), reject(2), reject(4)]
    target.preliminary(FILE, "T", [], rejects=rejects)
    records = lambda **wanted: [r.record for r in target.store.rejects(**wanted)]  # noqa: E731
    assert records() == [2, 4, 5]
    assert records(rule="not_null", table="T") == [2, 4]
    assert records(stage=Stage.FINAL) == records(file="other") == []
