"""Whatever is altered, lost, added or doubled in either table is named."""

from collections.abc import Sequence

from admw_assets.core.canonical import HashSum
from admw_assets.core.ports import BucketSums, RowPair
from admw_assets.core.reconciliation import Difference, DifferenceKind, FinalComparison
from tests.engines.database.conftest import TargetOf
from tests.engines.database.staging import Target

FILE = "T~20240101.000000.csv"
SQL = "CREATE TABLE T (id INT NOT NULL, name VARCHAR(20), price DECIMAL(9, 2), PRIMARY KEY (id))"
KEYLESS = "CREATE TABLE T (name VARCHAR(20), price DECIMAL(9, 2))"
ROWS = [[str(n), f"name {n}", f"{n}.50"] for n in range(1, 6)]
CHANGED, MISSING = DifferenceKind.CHANGED, DifferenceKind.MISSING
EXTRA, DOUBLED = DifferenceKind.EXTRA, DifferenceKind.DOUBLED


def loaded(target: Target, rows: Sequence[Sequence[str | None]]) -> Target:
    target.preliminary(FILE, "T", rows)
    target.final(FILE, "T")
    return target


def compare(target: Target, limit: int = 10) -> FinalComparison:
    return target.store.compare_final(FILE, target.table("T"), target.settings("T"), limit)


def altered(target: Target) -> list[tuple[int, int]]:
    """Record and row of the preliminary rows that do not have their hash any more."""
    table, settings = target.table("T"), target.settings("T")
    buckets = target.store.preliminary_buckets(FILE, table, settings)
    red = [bucket for bucket, sums in buckets.sums.items() if sums.altered]
    marks = target.store.preliminary_marks(FILE, table, settings, buckets.size, red, True)
    assert sum(sums.altered for sums in buckets.sums.values()) == len(marks)
    return [(mark.record, mark.row) for mark in marks]


def test_equal_tables_have_no_differences(target_of: TargetOf) -> None:
    assert compare(loaded(target_of(SQL), ROWS)) == FinalComparison(5, 5, {})


def test_a_changed_row_is_named_with_its_columns(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute("UPDATE T SET price = '2.51', name = 'NAME 2' WHERE id = 2")
    difference = Difference(CHANGED, {"id": "2"}, 2, 1, ("name", "price"))
    assert compare(target) == FinalComparison(5, 5, {CHANGED: 1}, (difference,))


def test_null_against_the_empty_string_is_a_change(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), [["1", "", "1.00"]])
    target.execute("UPDATE T SET name = NULL")
    assert compare(target).differences == (Difference(CHANGED, {"id": "1"}, 1, 1, ("name",)),)


def test_a_lost_row_and_an_added_row_are_named(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute("DELETE FROM T WHERE id = 4")
    target.execute(f"INSERT INTO T VALUES (9, 'x', '1.00', '{FILE}')")
    assert compare(target) == FinalComparison(
        5,
        5,
        {MISSING: 1, EXTRA: 1},
        (Difference(MISSING, {"id": "4"}, 4, 1), Difference(EXTRA, {"id": "9"})),
    )


def test_keys_are_equal_as_they_collate_and_values_byte_by_byte(
    mysql_target_of: TargetOf,
) -> None:
    """A key that came back in other letters is the same row, changed; so is its name."""
    target = mysql_target_of(
        "CREATE TABLE T (id VARCHAR(20), name VARCHAR(20), PRIMARY KEY (id))"
        " COLLATE utf8mb4_general_ci"
    )
    loaded(target, [["a", "Zoe"], ["b", "Ann"], ["c", "Bob"]])
    target.execute("UPDATE T SET id = 'A' WHERE id = 'a'")
    target.execute("UPDATE T SET name = 'ann ' WHERE id = 'b'")
    assert compare(target) == FinalComparison(
        3,
        3,
        {CHANGED: 2},
        (
            Difference(CHANGED, {"id": "a"}, 1, 1, ("id",)),
            Difference(CHANGED, {"id": "b"}, 2, 1, ("name",)),
        ),
    )


def test_a_row_that_goes_under_another_file_name_is_missing(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute("UPDATE T SET admw_origin_file_name = 'other' WHERE id = 1")
    assert compare(target).counts == {MISSING: 1}


def test_rows_of_other_files_are_no_concern(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute("INSERT INTO T VALUES (9, 'x', '1.00', 'other'), (10, 'y', '1.00', NULL)")
    assert compare(target).mismatched == 0


def test_a_preliminary_row_doubled_after_the_load_is_seen(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    columns = (
        "admw_origin_file_name, admw_row_number, pre_id, pre_name, pre_price, admw_row_hash,"
        " admw_run_id, admw_status, admw_loaded_at"
    )
    target.execute(
        f"INSERT INTO PRE_T (admw_record_number, {columns})"
        f" SELECT 99, {columns} FROM PRE_T WHERE pre_id = 3"
    )
    assert compare(target).counts == {MISSING: 1}


def test_a_row_altered_between_both_loads_is_seen(target_of: TargetOf) -> None:
    """The final row equals the preliminary one, but not the hash that came with it."""
    target = target_of(SQL)
    target.preliminary(FILE, "T", ROWS)
    target.execute("UPDATE PRE_T SET pre_name = 'other' WHERE pre_id = 5")
    target.final(FILE, "T")
    assert compare(target).counts == {CHANGED: 1}


def test_counts_are_whole_where_differences_are_cut(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute("DELETE FROM T WHERE id < 4")
    target.execute("UPDATE T SET name = 'x' WHERE id = 5")
    comparison = compare(target, limit=2)
    assert comparison.counts == {MISSING: 3, CHANGED: 1}
    assert [d.key for d in comparison.differences] == [{"id": "1"}, {"id": "2"}]


def test_rejected_rows_need_not_be_there(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.execute("INSERT INTO T (id) VALUES (2)")
    assert compare(loaded(target, ROWS)) == FinalComparison(4, 4, {})


def test_keys_of_pii_columns_are_masked(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL, tables={"T": {"pii": ["id"]}}), ROWS)
    target.execute("DELETE FROM T WHERE id = 1")
    assert [d.key for d in compare(target).differences] == [{"id": "***"}]


def test_a_unique_key_without_nulls_stands_in_for_a_primary_key(target_of: TargetOf) -> None:
    target = loaded(
        target_of("CREATE TABLE T (id INT NOT NULL, name VARCHAR(9), UNIQUE KEY u (id))"),
        [["1", "a"], ["2", "b"]],
    )
    target.execute("UPDATE T SET name = 'x' WHERE id = 2")
    assert compare(target).differences == (Difference(CHANGED, {"id": "2"}, 2, 1, ("name",)),)


def test_rows_without_a_key_are_compared_as_a_multiset(target_of: TargetOf) -> None:
    target = loaded(
        target_of(KEYLESS), [["a", "1.00"], ["a", "1.00"], ["b", "2.00"], ["c", "3.00"]]
    )
    assert compare(target) == FinalComparison(4, 4, {})
    target.execute(f"INSERT INTO T VALUES ('a', '1.00', '{FILE}'), ('a', '1.00', '{FILE}')")
    target.execute("DELETE FROM T WHERE name = 'b'")
    target.execute("UPDATE T SET price = '3.01' WHERE name = 'c'")
    comparison = compare(target)
    assert comparison.counts == {DOUBLED: 2, MISSING: 2, EXTRA: 1}
    assert sorted(d.kind for d in comparison.differences) == sorted(
        [DOUBLED, MISSING, MISSING, EXTRA]
    )


def test_altered_preliminary_rows_are_counted_and_named(target_of: TargetOf) -> None:
    target = target_of(SQL)
    target.preliminary(FILE, "T", ROWS)
    assert altered(target) == []
    target.execute("UPDATE PRE_T SET pre_price = '9.99' WHERE pre_id IN (2, 4)")
    assert altered(target) == [(2, 1), (4, 1)]


def test_values_of_both_sides_come_as_canonical_texts(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), [*ROWS, ["6", "", None]])
    target.execute("UPDATE T SET name = NULL WHERE id = 2")
    target.execute("DELETE FROM T WHERE id = 3")
    table, settings = target.table("T"), target.settings("T")
    places = [(2, 1), (3, 1), (6, 1), (7, 1), (2, 2)]
    second = {"id": "2", "name": "name 2", "price": "2.50"}
    third = {"id": "3", "name": "name 3", "price": "3.50"}
    sixth = {"id": "6", "name": "", "price": None}
    assert target.store.final_pairs(FILE, table, settings, places) == [
        RowPair(2, 1, second, second | {"name": None}),
        RowPair(3, 1, third, None),
        RowPair(6, 1, sixth, sixth),
    ]
    assert target.store.preliminary_values(FILE, table, settings, places) == {
        (2, 1): second,
        (3, 1): third,
        (6, 1): sixth,
    }


def test_a_row_that_nobody_brought_comes_with_its_values(target_of: TargetOf) -> None:
    target = loaded(target_of(SQL), ROWS)
    target.execute(f"INSERT INTO T VALUES (9, 'x', '1.00', '{FILE}')")
    (extra,) = compare(target).differences
    assert extra.found == {"id": "9", "name": "x", "price": "1.00"}


def test_rows_without_a_key_come_with_their_values(target_of: TargetOf) -> None:
    target = loaded(target_of(KEYLESS), [["a", "1.00"], ["b", "2.00"]])
    target.execute("UPDATE T SET price = '2.01' WHERE name = 'b'")
    values = {d.kind: (d.delivered, d.found) for d in compare(target).differences}
    assert values == {
        MISSING: ({"name": "b", "price": "2.00"}, None),
        EXTRA: (None, {"name": "b", "price": "2.01"}),
    }


def test_differences_far_apart_are_all_found(target_of: TargetOf) -> None:
    """Only buckets of records in which something differs are looked at again."""
    target = target_of(SQL)
    records = [1, 99, 100, 101, 250, 5_000, 999_999, 1_000_000]
    rows = [[str(n), "x", "1.00"] for n in records]
    target.preliminary(FILE, "T", rows, positions=[(record, 1) for record in records])
    target.final(FILE, "T")
    target.execute("UPDATE T SET name = 'y' WHERE id IN (99, 101, 5000, 1000000)")
    target.execute("DELETE FROM T WHERE id IN (100, 999999)")
    comparison = compare(target)
    assert comparison.counts == {CHANGED: 4, MISSING: 2}
    assert [d.record for d in comparison.differences] == [99, 100, 101, 5_000, 999_999, 1_000_000]
    target.execute("UPDATE PRE_T SET pre_name = 'z' WHERE pre_id IN (1, 250, 1000000)")
    assert altered(target) == [(1, 1), (250, 1), (1_000_000, 1)]


def test_sums_by_bucket_are_those_of_their_rows(target_of: TargetOf) -> None:
    target = target_of(SQL)
    job = target.job(FILE, "T", ROWS, positions=[(1, 1), (2, 1), (2, 2), (3, 1), (9_999_999, 1)])
    target.store.load_preliminary(job)
    table, settings = target.table("T"), target.settings("T")
    buckets = target.store.preliminary_buckets(FILE, table, settings)
    all_of_them = sorted(buckets.sums)
    marks = target.store.preliminary_marks(
        FILE, table, settings, buckets.size, all_of_them, altered_only=False
    )
    assert [(m.record, m.row) for m in marks] == [(1, 1), (2, 1), (2, 2), (3, 1), (9_999_999, 1)]
    assert HashSum.of(m.row_hash for m in marks).text == job.staged.checksum
    for bucket, sums in buckets.sums.items():
        mine = [m.row_hash for m in marks if m.record // buckets.size == bucket]
        assert sums == BucketSums(len(mine), HashSum.of(mine).text, 0)
    last = target.store.preliminary_marks(
        FILE, table, settings, buckets.size, all_of_them[-1:], altered_only=False
    )
    assert [m.record for m in last] == [9_999_999]


def test_a_file_that_is_not_there_has_no_rows(target_of: TargetOf) -> None:
    target = target_of(SQL)
    table, settings = target.table("T"), target.settings("T")
    assert target.store.preliminary_buckets(FILE, table, settings).sums == {}
    assert compare(target) == FinalComparison(0, 0, {})


def test_extra_rows_of_a_composite_key_are_named(
    target_of: TargetOf,
) -> None:
    target = target_of(
        "CREATE TABLE T (a VARCHAR(9) NOT NULL, b INT NOT NULL, name VARCHAR(9), "
        "PRIMARY KEY (a, b))"
    )
    loaded(target, [["x", "1", "v"], ["x", "2", "v"], ["y", "1", "v"]])
    target.execute(f"INSERT INTO T VALUES ('y', 2, 'w', '{FILE}'), ('z', 1, 'w', '{FILE}')")
    comparison = compare(target)
    assert comparison.counts == {EXTRA: 2}
    keys = sorted(tuple(d.key.values()) for d in comparison.differences)
    assert keys == [("y", "2"), ("z", "1")]
