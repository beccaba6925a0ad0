"""The cut-over report as one self-contained HTML page and as JSON; imports core and jinja2.

Like a stage's report: no network, no script, everything escaped; the same style sheet.
"""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admw_assets.core.cutover import CutoverReport, TableSummary, TableVerdict

SCHEMA_VERSION = 1
VERDICTS = {
    TableVerdict.DONE: "done",
    TableVerdict.REJECTS: "done, with rejects",
    TableVerdict.OPEN: "not finished",
    TableVerdict.RED: "a check is red",
    TableVerdict.NO_FILES: "no files came",
}
_TEMPLATE = "cutover.html.j2"


def render_cutover_html(report: CutoverReport) -> str:
    """The page: verdict, tables, open rejects, red checks, the chain, signatures."""
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            report=report,
            verdict=cutover_sentence(report),
            verdicts=VERDICTS,
            totals=_totals(report),
            rejected=[table for table in report.tables if table.rejected],
        )
    )


def render_cutover_json(report: CutoverReport) -> str:
    """The same for machines, with `schema_version` and `passed`."""
    document = {"schema_version": SCHEMA_VERSION, "passed": report.passed, **asdict(report)}
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def cutover_sentence(report: CutoverReport) -> str:
    """The verdict in one or two sentences."""
    by_verdict = {v: [t.table for t in report.tables if t.verdict is v] for v in TableVerdict}
    if report.chain_problems:
        return (
            "The evidence was altered: manifests, reports or archives are not as they were "
            f"written ({len(report.chain_problems):,}). Do not cut over before that is explained."
        )
    if red := by_verdict[TableVerdict.RED]:
        return f"Checks are red in {', '.join(red)}. Do not cut over before that is explained."
    if unfinished := by_verdict[TableVerdict.OPEN]:
        return f"Not everything is in its final table yet: {', '.join(unfinished)}."
    rows = sum(table.loaded for table in report.tables)
    sentence = f"Every row of every file is accounted for; {rows:,} stand in the final tables."
    if report.rejected:
        sentence += f" {report.rejected:,} rejects are open: decide on them before you sign."
    if missing := by_verdict[TableVerdict.NO_FILES]:
        sentence += f" No file has come for {', '.join(missing)}."
    return sentence


def _totals(report: CutoverReport) -> dict[str, int]:
    names = ("files", "records", "expected", "loaded", "rejected", "dropped")
    return {name: sum(int(getattr(t, name)) for t in report.tables) for name in names}


def _share(table: TableSummary, number: int) -> str:
    """A part of a table's expected rows, in percent for an SVG."""
    return f"{100 * number / table.expected:.3f}" if table.expected else "0"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["moment"] = lambda text: text[:19].replace("T", " ")
    environment.filters["share"] = _share
    return environment
