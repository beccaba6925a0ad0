"""A report as two CSV files: a summary, and rows with both sides; imports core.

Written for spreadsheets: UTF-8 with a byte order mark (else Excel takes it for the local code
page), and nothing in them is ever run as a formula.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from admw_assets.core.masking import Value, Values
from admw_assets.core.reconciliation import ComparedRow, Difference, ReconciliationReport

BYTE_ORDER_MARK = "\ufeff"
PASSED = "passed"
FAILED = "failed"
NULL = "NULL"

_RUN = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet run a cell when it stands first (OWASP, "CSV Injection"); the last
four are the full-width forms."""


def render_summary_csv(report: ReconciliationReport) -> str:
    """Verdict, facts, numbers and sentences: a line each."""
    return _csv([("section", "item", "value", "detail"), *_summary(report)])


def render_detail_csv(report: ReconciliationReport) -> str:
    """A line for each differing row and for some that agree, both values of each column.

    NULL is written as NULL, and the text of that name as 'NULL.
    """
    heading = ["result", "kind", "record", "row", "differing columns", "probable cause"]
    for column in report.columns:
        heading += [f"{column} delivered", f"{column} found"]
    lines = [
        *(_difference(report, difference) for difference in report.differences),
        *(_passed(report, row) for row in report.passes),
    ]
    return _csv([heading, *lines])


def neutralized(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell[:1] in _RUN and cell else cell


def _csv(lines: Iterable[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in lines:
        writer.writerow([neutralized("" if cell is None else str(cell)) for cell in line])
    return BYTE_ORDER_MARK + out.getvalue()


def _summary(report: ReconciliationReport) -> Iterator[tuple[object, ...]]:
    yield "verdict", report.table, "PASSED" if report.passed else "FAILED", report.equation
    for item, value in _facts(report).items():
        yield "report", item, value, ""
    for item, value in asdict(report.counts).items():
        yield "counts", item, value, ""
    for check in report.checks:
        yield "check", check.name, PASSED if check.passed else FAILED, check.message
    for rule, number in report.rejects_by_rule.items():
        yield "rejects", rule, number, ""
    for reject in report.rejected:
        where = f"record {reject.record}, {reject.rule} {reject.column}".rstrip()
        yield "reject", where, "", reject.message
    for reason, number in report.dropped_by_reason.items():
        yield "dropped", reason, number, ""
    for sentence in report.drift:
        yield "columns", "", "", sentence
    for kind, number in report.differences_by_kind.items():
        yield "differences", kind, number, ""
    for note in report.notes:
        yield "diagnosis", "", "", note
    for diagnosis in report.diagnoses:
        yield "diagnosis", diagnosis.column, diagnosis.differing, diagnosis.sentence
    for entry in report.timeline:
        detail = f"{entry.status}, attempt {entry.attempt}, began {entry.started_at}"
        yield "step", f"{entry.stage} {entry.step}", entry.seconds, detail
    for attempt in report.attempts:
        yield "attempt", attempt.number, attempt.status, f"{attempt.at} {attempt.message}"


def _facts(report: ReconciliationReport) -> dict[str, object]:
    return {
        "migration": report.migration,
        "migration fingerprint": report.migration_fingerprint,
        "code version": report.code_version,
        "file": report.file,
        "file sha256": report.file_sha256,
        "file bytes": report.file_size,
        "stage": report.stage.value,
        "run": report.run_id,
        "attempt": report.attempt,
        "written": report.created_at,
    }


def _difference(report: ReconciliationReport, difference: Difference) -> list[object]:
    causes = "; ".join(f"{column}: {reason}" for column, reason in difference.reasons.items())
    return [
        FAILED,
        difference.kind.value,
        difference.record,
        difference.row,
        ", ".join(difference.columns),
        causes,
        *_both_sides(report, difference.delivered, difference.found),
    ]


def _passed(report: ReconciliationReport, row: ComparedRow) -> list[object]:
    sides = _both_sides(report, row.delivered, row.found)
    return [PASSED, "same", row.record, row.row, "", "", *sides]


def _both_sides(
    report: ReconciliationReport, delivered: Values | None, found: Values | None
) -> Iterator[str]:
    for column in report.columns:
        for side in (delivered, found):
            yield "" if side is None or column not in side else _written(side[column])


def _written(value: Value) -> str:
    if value is None:
        return NULL
    return f"'{value}" if value == NULL else value
