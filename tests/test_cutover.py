"""The cut-over report: its verdict, and its page."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from admw_assets.core.cutover import (
    CutoverReport,
    TableSummary,
    TableVerdict,
    red_checks,
    summarize_tables,
)
from admw_assets.core.migration import Migration
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.ports import StageState
from admw_assets.core.step import Counts, Stage, Status
from admw_assets.reporting.cutover_report import (
    cutover_sentence,
    render_cutover_html,
    render_cutover_json,
)

ORDERS = Path(__file__).parent / "migrations/orders"
DONE = Counts(records=10, expected=10, loaded=9, rejected=1, dropped=0)


@pytest.fixture(scope="module")
def migration() -> Migration:
    return load_migration(ORDERS)


def _state(table: str, stage: Stage, status: Status = Status.COMPLETED) -> StageState:
    file = f"{table.upper()}~20240101.000000.csv"
    return StageState(file, table, stage, status, "reconcile", 1, DONE, message="said so")


def _both(table: str, final: Status = Status.COMPLETED) -> list[StageState]:
    return [_state(table, Stage.PRELIMINARY), _state(table, Stage.FINAL, final)]


def _report(tables: tuple[TableSummary, ...], **others: object) -> CutoverReport:
    report = CutoverReport(
        "shop", "f" * 64, "0.1.0", "2024-11-22T10:11:12+00:00", tables, (), 3, "a" * 64, ()
    )
    return replace(report, **others)


@pytest.mark.parametrize(
    ("states", "rejects", "verdict"),
    [
        ([], {}, TableVerdict.NO_FILES),
        (_both("orders"), {}, TableVerdict.DONE),
        (_both("orders"), {"orders": {"orphan": 1}}, TableVerdict.REJECTS),
        (_both("orders")[:1], {}, TableVerdict.OPEN),
        (_both("orders", Status.RUNNING), {}, TableVerdict.OPEN),
        (_both("orders", Status.FAILED), {"orders": {"orphan": 1}}, TableVerdict.RED),
    ],
)
def test_verdict_of_a_table(
    migration: Migration,
    states: list[StageState],
    rejects: dict[str, dict[str, int]],
    verdict: TableVerdict,
) -> None:
    summaries = {t.table: t for t in summarize_tables(migration, states, rejects)}
    assert summaries["orders"].verdict is verdict
    assert summaries["customer"].verdict is TableVerdict.NO_FILES


def test_numbers_of_a_table_are_those_of_all_its_files(migration: Migration) -> None:
    second = [replace(s, file="ORDERS~20240102.000000.csv") for s in _both("orders")[:1]]
    states = [*_both("orders"), *second]
    summary = {t.table: t for t in summarize_tables(migration, states, {})}["orders"]
    assert (summary.files, summary.final_files) == (2, 1)
    assert (summary.records, summary.expected, summary.loaded) == (20, 20, 9)


def test_tables_stand_in_load_order(migration: Migration) -> None:
    tables = summarize_tables(migration, [], {})
    assert [(t.table, t.wave) for t in tables] == [
        ("customer", 1),
        ("customer_tag", 2),
        ("orders", 2),
    ]


def test_red_checks_say_what_failed() -> None:
    (red,) = red_checks(_both("orders", Status.FAILED))
    assert (red.table, red.stage, red.message) == ("orders", Stage.FINAL, "said so")


def test_only_a_finished_migration_with_whole_evidence_is_ready(migration: Migration) -> None:
    done = summarize_tables(migration, _both("orders"), {"orders": {"orphan": 1}})
    assert _report(done).passed
    assert "1 rejects are open" in cutover_sentence(_report(done))
    red = summarize_tables(migration, _both("orders", Status.FAILED), {})
    assert not _report(red).passed
    assert "red in orders" in cutover_sentence(_report(red))
    begun = summarize_tables(migration, _both("orders")[:1], {})
    assert not _report(begun).passed
    assert not _report(done, chain_problems=("x is gone",)).passed
    assert "evidence was altered" in cutover_sentence(_report(done, chain_problems=("x is gone",)))


def test_page_asks_nothing_of_the_network_and_runs_nothing(migration: Migration) -> None:
    tables = summarize_tables(migration, _both("orders"), {"orders": {"<b>": 1}})
    page = render_cutover_html(_report(tables, migration="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;" in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", page)
    assert "http" not in page.replace("http-equiv", "")


def test_json_has_a_version_and_the_verdict(migration: Migration) -> None:
    tables = summarize_tables(migration, _both("orders"), {})
    document = json.loads(render_cutover_json(_report(tables)))
    assert (document["schema_version"], document["passed"]) == (1, True)
    assert [table["table"] for table in document["tables"]] == [
        "customer",
        "customer_tag",
        "orders",
    ]
