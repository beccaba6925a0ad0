"""A report as one self-contained HTML page; imports core and jinja2.

The page asks nothing of the network and runs no script. Everything that stands in it goes through
jinja2's escaping. What is shown is decided here, how it looks in report.html.j2.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    ReconciliationReport,
)
from admw_assets.core.step import CheckResult
from admw_assets.reporting.charts import column_bars, equation_parts, reject_bars, step_bars
from admw_assets.reporting.samples import (
    PASSED_COLUMNS,
    difference_samples,
    passed_rows,
    value_parts,
)

TEMPLATES = Path(__file__).parent

CHECK_TITLES = {
    CONSERVATION: "Conservation",
    SOURCE_HASH: "Source hash",
    ROW_HASH: "Row hash",
    REJECT_LIMIT: "Rejects gate",
    ORPHANS: "Orphans",
}


def render_html(report: ReconciliationReport) -> str:
    """The page: verdict first, then the equation, what differs and why, and where it comes from."""
    samples = difference_samples(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            verdict=_verdict(report),
            parts=equation_parts(report.counts, report.held_back),
            heading=_heading(report),
            columns=column_bars(report),
            rejects=reject_bars(report.rejects_by_rule),
            dropped=reject_bars(report.dropped_by_reason),
            steps=step_bars(report.timeline),
            samples=samples,
            passes=passed_rows(report),
            columns_left_out=max(0, len(report.columns) - PASSED_COLUMNS),
            check_titles=CHECK_TITLES,
            messages={check.name: _message(report, check) for check in report.checks},
        )
    )


def _verdict(report: ReconciliationReport) -> str:
    """The verdict in one sentence."""
    loaded, rejected = report.counts.loaded or 0, report.counts.rejected or 0
    if report.passed:
        put_aside = {0: "", 1: " One was rejected, and can be corrected and replayed."}.get(
            rejected, f" {rejected:,} were rejected, and can be corrected and replayed."
        )
        return (
            f"Every row of the file is accounted for; {loaded:,} "
            f"{'stands' if loaded == 1 else 'stand'} in the table as delivered.{put_aside}"
        )
    if report.held_back:
        return (
            "Nothing of the file was loaded, because too much of it was rejected. The "
            f"{report.held_back:,} sound rows wait; correct the file or allow more rejects, and "
            "run it again."
        )
    red = [CHECK_TITLES.get(c.name, c.name).lower() for c in report.checks if not c.passed]
    promises = f"{', '.join(red[:-1])} and {red[-1]}" if len(red) > 1 else red[0]
    kept = "promise is" if len(red) == 1 else "promises are"
    return f"The {kept} not kept: {promises}. Do not go on with this file before that is explained."


def _heading(report: ReconciliationReport) -> str:
    """What the equation says, in words."""
    if report.held_back:
        return "Nothing was loaded"
    conserved = report.counts.conserved
    return "Every row is accounted for" if conserved else "Not every row is accounted for"


def _message(report: ReconciliationReport, check: CheckResult) -> str:
    """What a check says; the rows and causes that it names have a section of their own."""
    if check.name == ROW_HASH and report.differences:
        return f"{check.message.partition(':')[0]}."
    return check.message


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: "unknown" if value is None else f"{value:,}"
    environment.filters["bytes"] = _bytes
    environment.filters["seconds"] = _seconds
    environment.filters["moment"] = lambda text: text[:19].replace("T", " ")
    environment.filters["parts"] = value_parts
    return environment


def _bytes(size: int | None) -> str:
    if size is None:
        return "unknown"
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.3g} {unit} ({size:,} bytes)"


def _seconds(value: float) -> str:
    if value < 60:
        return f"{value:.1f} s" if value >= 0.1 else f"{value:.2f} s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
