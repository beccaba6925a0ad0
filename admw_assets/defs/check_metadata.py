"""What the page shows beside a verdict: the report of the stage, cut to what a check is about.

A report is masked before it is written, so nothing has to be hidden here.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import dagster as dg

from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    ReconciliationReport,
)
from admw_assets.defs.metadata import Metadata
from admw_assets.reporting.difference_plot import plot_differences
from admw_assets.reporting.report_folder import HTML
from admw_assets.reporting.samples import Cell, difference_samples

MOST_ROWS = 40
"""Lines of a table: the page draws all of them."""
_LONGEST_VALUE = 120

REJECT_RULE = {SOURCE_HASH: "source_hash", ORPHANS: "orphan"}
"""Checks that are about the rejects by one rule."""


def report_metadata(check: str, report: ReconciliationReport, location: str) -> Metadata:
    """What a report says of one check.

    No plain numbers: the page would draw a line through those of unrelated files. It shows the
    entries in the order of their names.
    """
    metadata: Metadata = {}
    for part in _PARTS[check]:
        metadata |= part(report)
    metadata["report"] = dg.MetadataValue.path(location)
    metadata["page"] = dg.MetadataValue.path(str(Path(location) / HTML))
    return metadata


def _equation(report: ReconciliationReport) -> Metadata:
    counts = report.counts
    terms = [
        ("records in the file", counts.records),
        ("expected", counts.expected),
        ("= loaded", counts.loaded or 0),
        ("+ rejected", counts.rejected or 0),
        ("+ dropped by the transform", counts.dropped or 0),
    ]
    if report.held_back:
        terms.append(("+ held back", report.held_back))
    elif counts.expected is not None and not counts.conserved:
        aside = sum(part or 0 for part in (counts.loaded, counts.rejected, counts.dropped))
        terms.append(("≠ unaccounted for", counts.expected - aside))
    lines = [{"term": term, "rows": _number(number)} for term, number in terms]
    dropped = [
        {"reason": reason, "rows": _number(number)}
        for reason, number in report.dropped_by_reason.items()
    ]
    return _table("equation", lines) | _table("dropped by reason", dropped)


def _rejects(report: ReconciliationReport) -> Metadata:
    by_rule: list[dict[str, str]] = []
    for rule, number in report.rejects_by_rule.items():
        first = next((reject for reject in report.rejected if reject.rule == rule), None)
        by_rule.append(
            {
                "rule": rule,
                "rejects": _number(number),
                "first in record": _number(first.record) if first else "",
                "column": first.column if first else "",
                "what is wrong": _cut(first.message) if first else "",
            }
        )
    return _table("rejects by rule", by_rule) | _rejected(report, report.rejects_by_rule)


def _rejects_by(rule: str) -> Callable[[ReconciliationReport], Metadata]:
    return lambda report: _rejected(report, [rule])


def _rejected(report: ReconciliationReport, rules: Iterable[str]) -> Metadata:
    wanted = set(rules)
    lines = [
        {
            "stage": reject.stage.value,
            "record": _number(reject.record),
            "rule": reject.rule,
            "column": reject.column,
            "what is wrong": _cut(reject.message),
        }
        for reject in report.rejected
        if reject.rule in wanted
    ]
    return _table("rejected records", lines)


def _diagnosis(report: ReconciliationReport) -> Metadata:
    sentences = [{"what has probably happened": sentence} for sentence in report.sentences]
    metadata = _table("diagnosis", sentences)
    plot = plot_differences(report)
    if plot:
        data = base64.b64encode(plot).decode()
        metadata["plot"] = dg.MetadataValue.md(
            f"![Differing values by column](data:image/png;base64,{data})"
        )
    return metadata


def _differences(report: ReconciliationReport) -> Metadata:
    kinds = [
        {"what": kind, "rows": _number(number)}
        for kind, number in report.differences_by_kind.items()
    ]
    lines: list[dict[str, str]] = []
    for sample in difference_samples(report):
        row = {"what": sample.kind, "key": sample.name, "record": _number(sample.record)}
        lines += [{**row, **_sides(cell)} for cell in sample.cells] or [{**row, **_NO_SIDES}]
    return _table("differing rows by kind", kinds) | _table("differences", lines)


_NO_SIDES = {"column": "", "delivered": "", "found": "", "probable cause": ""}


def _sides(cell: Cell) -> dict[str, str]:
    return {
        "column": cell.column,
        "delivered": _value(cell.delivered) if cell.has_delivered else "no such row",
        "found": _value(cell.found) if cell.has_found else "no such row",
        "probable cause": cell.reason,
    }


_PARTS: Mapping[str, Sequence[Callable[[ReconciliationReport], Metadata]]] = {
    CONSERVATION: (_equation, _rejects),
    SOURCE_HASH: (_rejects_by(REJECT_RULE[SOURCE_HASH]), _equation),
    ROW_HASH: (_diagnosis, _differences, _equation),
    REJECT_LIMIT: (_rejects, _equation),
    ORPHANS: (_rejects_by(REJECT_RULE[ORPHANS]), _equation),
}
"""What each check is about."""


def _table(name: str, lines: Sequence[Mapping[str, str]]) -> Metadata:
    """A table; nothing where it would be empty."""
    if not lines:
        return {}
    schema = dg.TableSchema([dg.TableColumn(column) for column in lines[0]])
    records = [dg.TableRecord(dict(line)) for line in islice(lines, MOST_ROWS)]
    return {name: dg.MetadataValue.table(records, schema)}


def _number(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _value(value: str | None) -> str:
    if value is None:
        return "NULL"
    return _cut(value) if value else "(empty)"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
