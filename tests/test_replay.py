"""Rejected records exported, corrected, replayed: the equation closes at every point."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pyspark.sql import SparkSession

from admw_assets.core.errors import DataFileError, LoadError, RejectLimitExceeded
from admw_assets.core.manifest import ManifestReason, parse_manifest
from admw_assets.core.step import Stage, Status
from admw_assets.steps.release import Release, release_rejects
from admw_assets.steps.verification import verify
from tests.databases import KINDS, fresh_database
from tests.final_tables import read_rows
from tests.orders import (
    CUSTOMERS,
    ORDERS,
    Customer,
    Shop,
    correct,
    customer_line,
    keep_reasons,
    open_shop,
    write_customers,
    write_orders,
)

pytestmark = pytest.mark.spark

RECORDS = 100
LONG = "x" * 21
BAD = range(5, RECORDS + 1, 5)  # twenty record numbers


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, spark: SparkSession) -> Iterator[Shop]:
    with (
        fresh_database(request.param, request, tmp_path) as url,
        open_shop(url, tmp_path / "home") as opened,
    ):
        yield opened


def _customer(number: int) -> Customer:
    """Every fifth has a name that is too long; tags come in three kinds."""
    name = f"Customer {number}" + (LONG if number in BAD else "")
    return (str(number), name, ("", "a;b", "old")[number % 3])


def _corrected(number: int, hashed: bool = False) -> str:
    return customer_line((str(number), f"Customer {number}", _customer(number)[2]), hashed)


def _ids(shop: Shop, table: str, column: str = "id") -> list[int]:
    rows = read_rows(shop.settings.database_url, table, [column])
    return sorted(int(row[0] or 0) for row in rows)


def _manifests(shop: Shop, file: str) -> list[ManifestReason]:
    parsed = [parse_manifest(entry.document) for entry in shop.ports.chain.entries()]
    return [manifest.content.reason for manifest in parsed if manifest.content.file == file]


def _signed(shop: Shop, file: str) -> dict[tuple[str, Stage], int | None]:
    """The loaded rows that the newest manifest of a file names."""
    entry = shop.ports.chain.newest(file)
    assert entry is not None
    content = parse_manifest(entry.document).content
    return {(proof.table, proof.stage): proof.counts.loaded for proof in content.stages}


def _assert_evidence(shop: Shop) -> None:
    found = verify(shop.ports.chain, shop.ports.evidence, shop.ports.tracker)
    assert found.problems == ()


def _reports(shop: Shop, file: str, table: str) -> list[tuple[bool, int]]:
    """Verdict and rejects of both stages' reports."""
    found = []
    for stage in Stage:
        path = shop.settings.reports / file / f"{stage}-{table}/report.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        found.append((report["passed"], report["counts"]["rejected"]))
    return found


def _rows_with_tags(numbers: range | list[int], tags: str) -> int:
    return sum(_customer(n)[2] == tags for n in numbers)


def test_twenty_exported_fifteen_corrected_five_left(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, RECORDS + 1)])
    write_orders(shop.landing, [(str(n), str(n), "1.50") for n in range(1, RECORDS + 1)])
    assert {o.status for o in shop.run("first")} == {Status.COMPLETED}
    both = {stage: (100, 80, 20, 0) for stage in Stage}
    assert shop.counts(CUSTOMERS, "customer") == both
    assert shop.counts(ORDERS, "orders")[Stage.FINAL] == (100, 80, 20, 0)
    assert _manifests(shop, CUSTOMERS) == [ManifestReason.ARCHIVED]
    _assert_evidence(shop)

    # The file itself is archived by now; the export has its header, and the lines as they came.
    export = shop.export(CUSTOMERS)
    assert (export.records, export.rejects) == (20, 20 + _tag_orphans())
    lines = export.data.read_bytes().decode().split("\r\n")
    assert lines == [
        "id,name,tags,admw_source_hash",
        *(customer_line(_customer(n)) for n in BAD),
        "",
    ]

    fixed = list(BAD)[:15]
    correct(export.data, {customer_line(_customer(n)): _corrected(n) for n in fixed})
    outcome = shop.replay(export.data, "second")
    assert (outcome.records, outcome.resolved, outcome.rejected) == (20, 15, 5)
    both = {stage: (100, 95, 5, 0) for stage in Stage}
    assert shop.counts(CUSTOMERS, "customer") == both
    assert _reports(shop, CUSTOMERS, "customer") == [(True, 5), (True, 5)]
    _assert_rows_of_the_origin(shop, fixed)
    _assert_history(shop, fixed)
    assert _manifests(shop, CUSTOMERS) == [ManifestReason.ARCHIVED, ManifestReason.RENEWED]
    assert _signed(shop, CUSTOMERS)["customer", Stage.FINAL] == 95
    _assert_evidence(shop)

    assert shop.replay(export.data, "third").skipped
    assert {o.skipped for o in shop.run_again(CUSTOMERS, "fourth")} == {True}
    assert len(_manifests(shop, CUSTOMERS)) == 2

    released = release_rejects(str(shop.landing), shop.ports, "fifth", ORDERS)
    assert released == [Release(ORDERS, "orders", moved=15, waiting=5)]
    assert shop.counts(ORDERS, "orders")[Stage.FINAL] == (100, 95, 5, 0)
    assert _reports(shop, ORDERS, "orders") == [(True, 0), (True, 5)]
    assert _ids(shop, "orders") == _ids(shop, "customer")
    again = release_rejects(str(shop.landing), shop.ports, "sixth")
    assert {(r.table, r.moved) for r in again} == {("orders", 0), ("customer_tag", 0)}
    assert _manifests(shop, ORDERS) == [ManifestReason.ARCHIVED, ManifestReason.RENEWED]
    _assert_evidence(shop)


def _tag_orphans() -> int:
    """Rows of customer_tag whose customer is rejected: two for each list `a;b`."""
    return 2 * _rows_with_tags(list(BAD), "a;b")


def _assert_rows_of_the_origin(shop: Shop, fixed: list[int]) -> None:
    """The corrected rows are rows of their file, with their record numbers."""
    left = set(BAD) - set(fixed)
    assert _ids(shop, "customer") == [n for n in range(1, RECORDS + 1) if n not in left]
    columns = ["pre_id", "admw_record_number", "admw_origin_file_name", "admw_source_hash"]
    rows = read_rows(shop.settings.database_url, "PRE_customer", columns)
    assert {row[0] for row in rows if row[3] == "corrected"} == {str(n) for n in fixed}
    assert all(row[0] == row[1] and row[2] == CUSTOMERS for row in rows)
    tags = 2 * (_rows_with_tags(range(1, RECORDS + 1), "a;b") - _rows_with_tags(list(left), "a;b"))
    dropped = _rows_with_tags(range(1, RECORDS + 1), "old")
    orphans = 2 * _rows_with_tags(list(left), "a;b")
    expected = (tags + orphans + dropped, tags, orphans, dropped)
    assert shop.counts(CUSTOMERS, "customer_tag")[Stage.FINAL] == expected


def _assert_history(shop: Shop, fixed: list[int]) -> None:
    rejects = list(shop.ports.tables.rejects(CUSTOMERS, "customer", history=True))
    assert Counter((r.status.value, r.run_id, r.resolved_by) for r in rejects) == {
        ("resolved", "first", "second"): 15,
        ("rejected_again", "first", "second"): 5,
        ("open", "second", ""): 5,
    }
    texts = {r.record: r.replayed_text for r in rejects if r.status.value == "resolved"}
    assert texts == {n: _corrected(n).encode() for n in fixed}


def test_records_deleted_from_both_files_stay_rejected(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 21)])
    shop.run("first", [Stage.PRELIMINARY])
    export = shop.export(CUSTOMERS)
    chosen = (10, 20)
    correct(export.data, {customer_line(_customer(n)): "" for n in (5, 15)})
    correct(export.data, {customer_line(_customer(n)): _corrected(n) for n in chosen})
    keep_reasons(export.reasons, lambda record: record in chosen)
    outcome = shop.replay(export.data, "second")
    assert (outcome.records, outcome.resolved, outcome.rejected) == (2, 2, 0)
    assert shop.counts(CUSTOMERS, "customer") == {Stage.PRELIMINARY: (20, 18, 2, 0)}
    assert [r.record for r in shop.ports.tables.rejects(CUSTOMERS, "customer")] == [5, 15]
    # The final stage comes later, and takes everything at once.
    shop.run("third")
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (20, 18, 2, 0)
    _assert_evidence(shop)


def test_second_replay_corrects_what_the_first_left(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 11)])
    shop.run("first")
    first = shop.export(CUSTOMERS, "a")
    half = customer_line(("5", f"Better {LONG}", _customer(5)[2]), hashed=False)
    correct(first.data, {customer_line(_customer(5)): half})
    assert shop.replay(first.data, "second").rejected == 2
    _assert_evidence(shop)
    second = shop.export(CUSTOMERS, "b")
    assert half.encode() in second.data.read_bytes()
    correct(second.data, {half: _corrected(5), customer_line(_customer(10)): _corrected(10)})
    assert shop.replay(second.data, "third").resolved == 2
    assert shop.counts(CUSTOMERS, "customer") == {stage: (10, 10, 0, 0) for stage in Stage}
    assert _manifests(shop, CUSTOMERS).count(ManifestReason.RENEWED) == 2
    _assert_evidence(shop)


def test_the_same_file_corrected_further_loads_only_what_is_new(shop: Shop) -> None:
    """Who corrects the rest in the file that was replayed before replays good records again."""
    write_customers(shop.landing, [_customer(n) for n in range(1, 21)])
    shop.run("first")
    export = shop.export(CUSTOMERS)
    correct(export.data, {customer_line(_customer(n)): _corrected(n) for n in (5, 10, 15)})
    assert shop.replay(export.data, "second").resolved == 3
    correct(export.data, {customer_line(_customer(20)): _corrected(20)})
    outcome = shop.replay(export.data, "third")
    assert (outcome.records, outcome.rejected, outcome.skipped) == (4, 0, False)
    assert shop.counts(CUSTOMERS, "customer") == {stage: (20, 20, 0, 0) for stage in Stage}
    assert _ids(shop, "customer") == _ids(shop, "PRE_customer", "pre_id") == list(range(1, 21))
    assert list(shop.ports.tables.rejects(CUSTOMERS)) == []
    assert _signed(shop, CUSTOMERS)["customer", Stage.FINAL] == 20
    _assert_evidence(shop)


def test_corrected_text_with_its_old_hash_is_rejected_again(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 6)])
    shop.run("first", [Stage.PRELIMINARY])
    export = shop.export(CUSTOMERS)
    old = customer_line(_customer(5))
    correct(export.data, {old: _corrected(5) + old.rpartition(",")[2]})
    assert shop.replay(export.data, "second").rejected == 1
    (again,) = shop.ports.tables.rejects(CUSTOMERS, "customer")
    assert (again.rule, again.record) == ("source_hash", 5)
    assert "empty it where you corrected them" in again.message


def test_tags_of_a_record_change_with_its_correction(shop: Shop) -> None:
    """One record of several rows: rows that stay, a row that is mended, a row that goes."""
    rows = [("1", "Ann", "a;too long for it;b;old"), ("2", "Bob", "a;b")]
    write_customers(shop.landing, rows)
    shop.run("first")
    assert shop.counts(CUSTOMERS, "customer_tag")[Stage.FINAL] == (6, 4, 1, 1)
    export = shop.export(CUSTOMERS)
    mended = customer_line(("1", "Ann", "a;c;b;old;old"), hashed=False)
    correct(export.data, {customer_line(rows[0]): mended})
    assert shop.replay(export.data, "second").resolved == 1
    assert shop.counts(CUSTOMERS, "customer_tag")[Stage.FINAL] == (7, 5, 0, 2)
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (2, 2, 0, 0)
    tags = read_rows(shop.settings.database_url, "customer_tag", ["customer_id", "tag"])
    assert sorted(tags) == [("1", "a"), ("1", "b"), ("1", "c"), ("2", "a"), ("2", "b")]


def test_replay_that_would_change_a_final_row_is_refused(shop: Shop) -> None:
    rows = [("1", "Ann", "a;too long for it")]
    write_customers(shop.landing, rows)
    shop.run("first")
    export = shop.export(CUSTOMERS)
    correct(export.data, {customer_line(rows[0]): customer_line(("1", "Anna", "a;b"), False)})
    with pytest.raises(LoadError, match=r"Record 1 .* which the final table has already"):
        shop.replay(export.data, "second")
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (1, 1, 0, 0)
    state = shop.ports.tracker.state(CUSTOMERS, "customer", Stage.PRELIMINARY)
    assert state is not None and state.status is Status.COMPLETED
    assert [e.status for e in shop.ports.tracker.events() if e.step == "replay"] == ["FAILED"]
    _assert_evidence(shop)


def test_refusal_by_one_table_leaves_the_other_as_it_was(shop: Shop) -> None:
    """The name is too long for one table, the tags of the same record stand in the other."""
    long = ("1", LONG, "a;too long for it;b")
    write_customers(shop.landing, [long, ("2", "Bob", "")])
    shop.ports.tables.initialize(shop.ports.migration)
    shop.run("first", [Stage.PRELIMINARY])
    engine = sa.create_engine(shop.settings.database_url)
    with engine.begin() as connection:  # the parent came another way, so the tags are final
        connection.execute(sa.text("INSERT INTO customer (id, name) VALUES (1, 'Ann')"))
    engine.dispose()
    shop.run("second")
    before = {table: shop.counts(CUSTOMERS, table) for table in ("customer", "customer_tag")}
    assert before["customer_tag"][Stage.FINAL] == (3, 2, 1, 0)
    export = shop.export(CUSTOMERS)
    correct(export.data, {customer_line(long): customer_line(("1", "Ann", "x;y;b"), False)})
    with pytest.raises(LoadError, match="final table has already; nothing was replayed"):
        shop.replay(export.data, "third")
    after = {table: shop.counts(CUSTOMERS, table) for table in ("customer", "customer_tag")}
    assert after == before
    assert shop.ports.tables.replays(CUSTOMERS) == []


def test_restart_takes_replays_back_with_everything_else(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 6)])
    shop.run("first")
    export = shop.export(CUSTOMERS)
    correct(export.data, {customer_line(_customer(5)): _corrected(5)})
    shop.replay(export.data, "second")
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (5, 5, 0, 0)
    outcomes = shop.run_again(CUSTOMERS, "third", restart=True)
    assert {o.status for o in outcomes} == {Status.COMPLETED}, outcomes
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (5, 4, 1, 0)
    assert _manifests(shop, CUSTOMERS) == [
        ManifestReason.ARCHIVED,
        ManifestReason.RENEWED,
        ManifestReason.TAKEN_BACK,
        ManifestReason.ARCHIVED,
    ]
    _assert_evidence(shop)
    assert shop.replay(export.data, "fourth").resolved == 1
    assert shop.counts(CUSTOMERS, "customer")[Stage.FINAL] == (5, 5, 0, 0)


def test_tampering_after_a_replay_fails_its_reconciliation(shop: Shop) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 6)])
    shop.run("first", [Stage.PRELIMINARY])
    export = shop.export(CUSTOMERS)
    correct(export.data, {customer_line(_customer(5)): _corrected(5)})
    engine = sa.create_engine(shop.settings.database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE PRE_customer SET pre_name = 'Eve' WHERE pre_id = 2"))
    engine.dispose()
    with pytest.raises(Exception, match="changed row id=2"):
        shop.replay(export.data, "second")
    state = shop.ports.tracker.state(CUSTOMERS, "customer", Stage.PRELIMINARY)
    assert state is not None and state.status is Status.FAILED


def test_gate_keeps_the_whole_file_out_and_says_what_dominates(shop: Shop) -> None:
    customers = [(str(n), LONG, "") for n in range(1, 32)] + [("40", "Ann", "")]
    write_customers(shop.landing, customers)
    outcomes = shop.run("first")
    (failed,) = [o for o in outcomes if o.status is Status.FAILED]
    assert "31 rejects for table 'customer', 30 are allowed; nothing was loaded" in failed.message
    assert "Most: 31 length in name." in failed.message
    assert _ids(shop, "PRE_customer", "pre_id") == []
    export = shop.export(CUSTOMERS)
    assert export.records == 31
    correct(export.data, {customer_line(c): customer_line((c[0], "A", "")) for c in customers[:5]})
    with pytest.raises(DataFileError, match=r"preliminary stage .* has not ended well"):
        shop.replay(export.data, "second")


def test_gate_counts_the_rejects_of_both_stages(shop: Shop) -> None:
    """Twenty amounts that are none and fifteen orphans are more than thirty."""
    write_customers(shop.landing, [(str(n), f"Customer {n}", "") for n in range(1, 86)])
    amounts = {n: "much" for n in range(1, 21)}
    write_orders(shop.landing, [(str(n), str(n), amounts.get(n, "1.5")) for n in range(1, 101)])
    (failed,) = [o for o in shop.run("first") if o.status is Status.FAILED]
    assert (failed.table, failed.stage) == ("orders", Stage.FINAL)
    assert "15 rejects for table 'orders' in the final stage, 10 are allowed" in failed.message
    assert _ids(shop, "orders") == []
    report = json.loads((Path(failed.report or "") / "report.json").read_text(encoding="utf-8"))
    assert report["rejects_by_rule"] == {"decimal": 20, "orphan": 15}
    assert (report["passed"], report["counts"]["expected"], report["counts"]["loaded"]) == (
        False,
        100,
        0,
    )


def test_replay_with_too_many_rejects_changes_nothing(shop: Shop) -> None:
    rows = [("1", "Ann", "too long for it")]
    write_customers(shop.landing, rows)
    shop.run("first", [Stage.PRELIMINARY])
    export = shop.export(CUSTOMERS)
    worse = ("1", "Ann", ";".join(f"too long {n}" for n in range(31)))
    correct(export.data, {customer_line(rows[0]): customer_line(worse, hashed=False)})
    with pytest.raises(RejectLimitExceeded, match=r"31 rejects .* 30 are allowed; nothing was"):
        shop.replay(export.data, "second")
    assert shop.counts(CUSTOMERS, "customer_tag")[Stage.PRELIMINARY] == (1, 0, 1, 0)


def test_files_that_do_not_fit_together_are_refused(shop: Shop, tmp_path: Path) -> None:
    write_customers(shop.landing, [_customer(n) for n in range(1, 16)])
    shop.run("first", [Stage.PRELIMINARY])
    export = shop.export(CUSTOMERS)
    content = export.data.read_bytes()
    fifth = customer_line(_customer(5))

    correct(export.data, {fifth: ""})
    with pytest.raises(DataFileError, match="holds 2 records, its side file names 3"):
        shop.replay(export.data, "second")
    keep_reasons(export.reasons, lambda record: record != 10)
    with pytest.raises(DataFileError, match="record 10 stands where the side file has record 5"):
        shop.replay(export.data, "second")

    export.data.write_bytes(content)
    reasons = export.reasons.read_text(encoding="utf-8").replace("\n15,", "\n7,")
    export.reasons.write_text(reasons + "10,1,x,x,x,x,x\n", encoding="utf-8")
    with pytest.raises(DataFileError, match="names records that were never rejected: 7"):
        shop.replay(export.data, "second")
    export.reasons.unlink()
    with pytest.raises(DataFileError, match=r"side file .* is not there"):
        shop.replay(export.data, "second")
    other = export.data.rename(tmp_path / "mine.csv")
    with pytest.raises(DataFileError, match="not the name of a file of rejected records"):
        shop.replay(other, "second")
    assert shop.counts(CUSTOMERS, "customer") == {Stage.PRELIMINARY: (15, 12, 3, 0)}
