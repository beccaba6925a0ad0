"""One model, four renderings: what each must hold."""

import csv
import io
import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from admw_assets.core.diagnosis import ChangedRow, diagnose
from admw_assets.core.reconciliation import ComparedRow, ReconciliationReport
from admw_assets.core.step import CheckResult
from admw_assets.reporting.csv_report import neutralized, render_detail_csv, render_summary_csv
from admw_assets.reporting.difference_plot import plot_differences
from admw_assets.reporting.html_report import render_html
from admw_assets.reporting.json_report import (
    SCHEMA_VERSION,
    parse_json,
    render_json,
    report_json_schema,
)
from admw_assets.reporting.report_folder import RENDERINGS, ReportFolder
from admw_assets.reporting.samples import value_parts
from admw_assets.reporting.text_report import LONGEST_TEXT, render_text
from tests.reporting.report_models import (
    FILE,
    FORMULAS,
    HOSTILE,
    PASSED,
    REFUSED,
    failed_report,
)

PUBLISHED = Path(__file__).parents[2] / "docs/report.schema.json"
REPORTS = {
    "passed": PASSED,
    "failed": failed_report(),
    "hostile": failed_report(HOSTILE),
    "refused": REFUSED,
}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


# ---------------------------------------------------------------- JSON


def test_published_json_schema_is_current() -> None:
    rendered = json.dumps(report_json_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("ADMW_REGENERATE"):
        PUBLISHED.write_text(rendered)
    assert rendered == PUBLISHED.read_text(), "run pytest on this file with ADMW_REGENERATE=1"


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_json_keeps_to_the_published_schema(report: ReconciliationReport) -> None:
    schema = json.loads(PUBLISHED.read_text())
    Draft202012Validator.check_schema(schema)
    document = json.loads(render_json(report))
    Draft202012Validator(schema).validate(document)
    assert document["schema_version"] == SCHEMA_VERSION
    assert document["passed"] is report.passed
    assert document["counts"]["loaded"] == report.counts.loaded
    assert len(document["differences"]) == len(report.differences)


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_report_is_read_back_as_it_was_written(report: ReconciliationReport) -> None:
    assert parse_json(render_json(report)) == report


def test_report_of_an_earlier_version_is_read() -> None:
    document = json.loads(render_json(PASSED))
    del document["rejected"], document["checks"][0]["warns"]
    document["something"] = "newer"
    assert parse_json(json.dumps(document)).checks == PASSED.checks


# ---------------------------------------------------------------- CSV


def test_detail_has_both_sides_of_every_named_row_and_some_that_agree() -> None:
    report = failed_report()
    rows = rows_of(render_detail_csv(report))
    assert [row["result"] for row in rows] == ["failed"] * 32 + ["passed"]
    first = rows[0]
    assert (first["name delivered"], first["name found"]) == (
        "größer, mit einem langen Namen 1",
        "GRÖSSER, MIT EINEM LANGEN NAMEN 1",
    )
    assert first["probable cause"] == "email: the time is shifted by +8 h"
    missing = rows[30]
    assert (missing["kind"], missing["email delivered"], missing["email found"]) == (
        "missing",
        "NULL",
        "",
    )


def test_null_and_the_text_null_differ_in_a_csv_file() -> None:
    row = ComparedRow(1, 1, {"id": None, "name": "NULL"}, {"id": "", "name": "NULL"})
    (line,) = rows_of(render_detail_csv(replace(PASSED, columns=("id", "name"), passes=(row,))))
    assert (line["id delivered"], line["id found"]) == ("NULL", "")
    assert line["name delivered"] == "'NULL"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_csv_file_is_run_by_a_spreadsheet(formula: str) -> None:
    report = replace(failed_report(formula), columns=("id", "name", "email", formula))
    for text in (render_summary_csv(report), render_detail_csv(report)):
        cells = [c for line in csv.reader(io.StringIO(text[1:], newline="")) for c in line]
        assert f"'{formula}" in cells
        assert not [cell for cell in cells if cell[:1] and cell[:1] in "=+-@\t\r\n"]


def test_other_cells_stay_as_they_are() -> None:
    for cell in ("", "a=b", "1", "'quoted'", " =1", "größer"):
        assert neutralized(cell) == cell


def test_summary_says_the_numbers_and_the_sentences() -> None:
    report = failed_report()
    rows = rows_of(render_summary_csv(report))
    found = {(row["section"], row["item"]): row for row in rows}
    assert found["verdict", "customer"]["value"] == "FAILED"
    assert found["counts", "loaded"]["value"] == "989"
    assert found["differences", "changed"]["value"] == "30"
    assert found["diagnosis", "email"]["detail"] == (
        "30 values of email differ, all of them: the time is shifted by +8 h."
    )


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
@pytest.mark.parametrize("limit", [200, LONGEST_TEXT])
def test_text_is_never_longer_than_it_may_be(report: ReconciliationReport, limit: int) -> None:
    text = render_text(report, limit)
    assert len(text) <= limit
    assert text.startswith("PASSED" if report.passed else "FAILED")


def test_text_of_endless_messages_still_fits() -> None:
    endless = tuple(CheckResult(f"check{n}", False, "x" * 5000) for n in range(50))
    text = render_text(replace(PASSED, checks=endless))
    assert len(text) <= LONGEST_TEXT
    assert text.endswith("… more in report.html")


def test_text_says_verdict_equation_causes_and_rows() -> None:
    lines = render_text(failed_report()).splitlines()
    assert lines[0] == f"FAILED: preliminary/customer, {FILE}"
    assert "RED row_hash: 32 rows are not as delivered." in lines
    assert "30 values of email differ, all of them: the time is shifted by +8 h." in lines
    assert "- changed row id=1 (record 1): name, email" in lines
    assert "- missing row id=50 (record 50)" in lines


# ---------------------------------------------------------------- HTML


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_page_refers_to_nothing_outside(report: ReconciliationReport) -> None:
    page = render_html(report)
    assert "<script" not in page
    for outside in ('src="', "@import", "url(", "<iframe", '<link rel="stylesheet"'):
        assert outside not in page
    assert page.count("href=") == 1 and 'href="data:,"' in page


def test_everything_is_escaped() -> None:
    page = render_html(failed_report(HOSTILE))
    assert HOSTILE not in page
    assert "&lt;script&gt;document.title=" in page


def test_verdict_comes_first_and_signatures_last() -> None:
    page = render_html(failed_report())
    headings = ["equation", "promises", "differences", "samples", "rejects", "dropped", "passes"]
    headings += ["timeline", "attempts", "facts", "signatures"]
    order = ["FAILED</strong>", *(f'<h2 id="{heading}">' for heading in headings)]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_file_that_was_refused_is_held_back_and_not_lost() -> None:
    assert REFUSED.held_back == 967
    page = render_html(REFUSED)
    assert "Nothing was loaded" in page and "held back" in page
    assert "≠" not in page and "unaccounted" not in page
    assert render_text(REFUSED).startswith("FAILED: preliminary/customer")
    assert failed_report().held_back == PASSED.held_back == 0


def test_first_rejects_of_every_rule_are_shown() -> None:
    page = render_html(PASSED)
    assert "51 characters, 50 fit." in page and "record 4 has id 9 already" in page
    summary = rows_of(render_summary_csv(PASSED))
    shown = [row for row in summary if row["section"] == "reject"]
    assert [row["detail"] for row in shown] == [reject.message for reject in PASSED.rejected]


def test_a_report_without_anything_optional_is_rendered() -> None:
    bare = ReconciliationReport(
        migration="m",
        file=FILE,
        file_sha256="",
        table="t",
        stage=PASSED.stage,
        run_id="r",
        created_at="2024-01-01T00:00:00+00:00",
        counts=replace(PASSED.counts, records=None, expected=0, loaded=0, rejected=0, dropped=0),
        checks=(),
    )
    for render in RENDERINGS.values():
        assert render(bare)


@pytest.mark.parametrize(
    ("value", "other", "parts"),
    [
        ("abc", "axc", ("a", "b", "c", "")),
        ("abc", "abc ", ("abc", "", "", "")),
        ("abc ", "abc", ("abc", "␣", "", "")),
        ("  ab", "cd", ("", "␣␣ab", "", "")),
        (None, "x", ("", "", "", "NULL")),
        ("", "x", ("", "", "", "empty")),
        ("x", None, ("", "x", "", "")),
    ],
)
def test_what_differs_in_a_value_is_marked(
    value: str | None, other: str | None, parts: tuple[str, str, str, str]
) -> None:
    found = value_parts(value, other)
    assert (found.before, found.changed, found.after, found.chip) == parts


# ---------------------------------------------------------------- the plot


def test_plot_is_a_small_picture_and_only_there_where_values_differ() -> None:
    plot = plot_differences(failed_report())
    assert plot is not None and plot.startswith(b"\x89PNG") and len(plot) < 30_000
    assert plot_differences(PASSED) is None


def test_plot_of_many_columns_with_odd_names_is_drawn() -> None:
    odd = [f"price in $ and $ \\frac{{{n} 価格" * 3 for n in range(60)]
    rows = [ChangedRow(1, dict.fromkeys(odd, "a"), dict.fromkeys(odd, "b"))]
    report = replace(failed_report(), diagnoses=diagnose(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot = plot_differences(report)
    assert plot is not None and len(plot) < 60_000


# ---------------------------------------------------------------- the folder


def test_folder_holds_every_rendering_and_nothing_half_written(tmp_path: Path) -> None:
    folder = Path(ReportFolder(tmp_path).write(failed_report()))
    assert folder == tmp_path / FILE / "preliminary-customer"
    ReportFolder(tmp_path).write(replace(failed_report(), run_id="again"))
    assert {path.name for path in folder.iterdir()} == set(RENDERINGS)
    assert json.loads((folder / "report.json").read_text())["run_id"] == "again"


def test_folder_gives_the_report_back_as_long_as_it_is_there(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path)
    location = folder.write(PASSED)
    assert folder.read(location) == PASSED
    (Path(location) / "report.json").unlink()
    assert folder.read(location) is None
