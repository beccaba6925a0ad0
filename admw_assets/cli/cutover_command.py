"""`admw report --all`: the whole migration in one table and one page to sign."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from admw_assets import __version__
from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.outcome_table import result_console
from admw_assets.core.cutover import (
    CutoverReport,
    TableVerdict,
    red_checks,
    summarize_tables,
)
from admw_assets.core.migration_folder import load_migration
from admw_assets.reporting.cutover_report import (
    VERDICTS,
    cutover_sentence,
    render_cutover_html,
    render_cutover_json,
)
from admw_assets.runtime.local import open_evidence, open_tables
from admw_assets.runtime.settings import Settings
from admw_assets.steps.verification import verify

COLOURS = {
    TableVerdict.DONE: "green",
    TableVerdict.REJECTS: "yellow",
    TableVerdict.OPEN: "cyan",
    TableVerdict.RED: "bold red",
    TableVerdict.NO_FILES: "dim",
}
_NUMBERS = ("records", "expected", "loaded", "rejected", "dropped")


def report_all(settings: Settings, out: Path | None, as_json: bool) -> ExitCode:
    """Verify the evidence, sum up every table, print it and write the page."""
    report = _gathered(settings)
    target = out or settings.reports / "cutover.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    partial.write_text(render_cutover_html(report), encoding="utf-8")
    partial.replace(target)
    if as_json:
        typer.echo(render_cutover_json(report), nl=False)
    else:
        _print(report, target)
    if not report.passed:
        return ExitCode.STAGE_FAILED
    return ExitCode.REJECTS if report.rejected else ExitCode.GOOD


def _gathered(settings: Settings) -> CutoverReport:
    migration = load_migration(settings.migration)
    with open_evidence(settings) as (chain, evidence, tracker):
        verification = verify(chain, evidence, tracker)
        states = tracker.states()
    with open_tables(settings, migration) as tables:
        rejects = tables.open_rejects()
    return CutoverReport(
        migration=migration.name,
        fingerprint=migration.fingerprint,
        code_version=__version__,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tables=summarize_tables(migration, states, rejects),
        red=red_checks(states),
        manifests=verification.manifests,
        chain_head=verification.head,
        chain_problems=tuple(f"{p.what} {p.message}" for p in verification.problems),
    )


def _print(report: CutoverReport, target: Path) -> None:
    console = result_console()
    table = Table(title="Table by table", title_justify="left", header_style="bold")
    table.add_column("table", overflow="fold")
    for name in ("files", *_NUMBERS):
        table.add_column(name, justify="right")
    table.add_column("verdict", no_wrap=True)
    for one in report.tables:
        files = f"{one.files:,}"
        if one.final_files != one.files:
            files = f"{one.final_files:,} of {files}"
        numbers = (f"{getattr(one, name):,}" for name in _NUMBERS)
        verdict = Text(VERDICTS[one.verdict], COLOURS[one.verdict])
        table.add_row(one.table, files, *numbers, verdict)
    console.print(table)
    for check in report.red:
        rest = f" {check.stage}/{check.table} {check.file}: {check.message}"
        console.print(Text.assemble(("RED", "bold red"), rest), soft_wrap=True)
    for problem in report.chain_problems:
        console.print(Text.assemble(("ALTERED", "bold red"), f" {problem}"), soft_wrap=True)
    word, colour = ("READY", "green") if report.passed else ("NOT READY", "bold red")
    sentence = cutover_sentence(report)
    console.print(Text.assemble((f"{word}: ", colour), sentence), soft_wrap=True)
    console.print(Text(f"To sign: {target}"), soft_wrap=True)
