"""`admw test` and `admw case new`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.outcome_table import result_console
from admw_assets.core.case_difference import CaseDifference, CaseDifferenceKind
from admw_assets.core.masking import Value
from admw_assets.runtime.case_making import MadeCase, NewCase, make_cases
from admw_assets.runtime.golden_cases import CaseRun, CaseStatus, run_cases
from admw_assets.runtime.settings import Settings

_MARKS = {
    CaseStatus.PASSED: ("green", "✓"),
    CaseStatus.DIFFERS: ("red", "≠"),
    CaseStatus.FAILED: ("bold red", "✗"),
    CaseStatus.UPDATED: ("yellow", "~"),
}
_MOST_SHOWN = 50
"""Differences of one case that are printed; --json has all of them."""


def test(settings: Settings, wanted: Sequence[str], update: bool, as_json: bool) -> ExitCode:
    """Run golden cases and show what differs."""
    console = result_console()
    runs = run_cases(
        settings, wanted, update, (lambda run: None) if as_json else lambda run: _tell(run, console)
    )
    if as_json:
        typer.echo(json.dumps([_object(run) for run in runs], indent=2, ensure_ascii=False))
    else:
        _sum_up(runs, console)
    return ExitCode.GOOD if all(run.passed for run in runs) else ExitCode.STAGE_FAILED


def _tell(run: CaseRun, console: Console) -> None:
    style, mark = _MARKS[run.status]
    console.print(f"[{style}]{mark}[/] {escape(run.case.label)}  [dim]{run.seconds:.1f} s[/]")
    if run.message:
        console.print(Text(f"  {run.message}"), soft_wrap=True)
    for path in run.changed:
        console.print(f"  [yellow]wrote[/] {escape(path.name)}")
    if run.differences:
        console.print(difference_table(run.differences[:_MOST_SHOWN]))
    if len(run.differences) > _MOST_SHOWN:
        console.print(f"  [dim]… {len(run.differences) - _MOST_SHOWN} more[/]")


def difference_table(differences: Sequence[CaseDifference]) -> Table:
    """Row, column, expected and got, a line per difference."""
    table = Table(show_edge=False, header_style="bold", pad_edge=True, padding=(0, 1, 0, 1))
    for name in ("", "row", "column", "expected", "got"):
        table.add_column(name, overflow="fold")
    for difference in differences:
        is_value = difference.kind is CaseDifferenceKind.VALUE
        table.add_row(
            difference.kind.value,
            Text(difference.row),
            Text(difference.column),
            _text(difference.expected, "green", is_value),
            _text(difference.got, "red", is_value),
        )
    return table


def _text(value: Value, style: str, is_value: bool) -> Text:
    """NULL, the empty text, and white space that would not be seen stand out."""
    if value is None:
        return Text("NULL" if is_value else "-", style="dim")
    if (is_value and value.strip() != value) or value == "":
        return Text(json.dumps(value, ensure_ascii=False), style=style)
    return Text(value, style=style)


def _sum_up(runs: Sequence[CaseRun], console: Console) -> None:
    counts = Counter(run.status for run in runs)
    words = ", ".join(f"{counts[status]} {status.value}" for status in CaseStatus if counts[status])
    console.print(f"{len(runs)} golden cases: {words}.")
    if counts[CaseStatus.DIFFERS]:
        console.print(
            "Next: correct the transform or the expected files; where what came is right, "
            "admw test TABLE/CASE --update takes it."
        )
    if counts[CaseStatus.UPDATED]:
        console.print("Next: read what was written (git diff); only you know whether it is right.")


def _object(run: CaseRun) -> dict[str, object]:
    return {
        "table": run.case.table,
        "case": run.case.name,
        "status": run.status.value,
        "message": run.message,
        "seconds": run.seconds,
        "written": [path.name for path in run.changed],
        "differences": [
            {
                "kind": d.kind.value,
                "row": d.row,
                "column": d.column,
                "expected": d.expected,
                "got": d.got,
            }
            for d in run.differences
        ],
    }


def new(
    settings: Settings,
    file: Path,
    records: str,
    table: str | None,
    name: str | None,
    mask: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make golden cases of a file's records and say what to look at."""
    made = make_cases(settings, NewCase(file, records, table, name, mask))
    if as_json:
        typer.echo(json.dumps([_made_object(case) for case in made], indent=2, ensure_ascii=False))
        return
    console = result_console()
    for one in made:
        content = one.content
        console.print(
            f"[green]+[/] {escape(one.case.label)}: {len(content.rows)} rows, "
            f"{len(content.rejects)} rejects, {len(content.dropped)} dropped"
        )
        for remark in one.remarks:
            console.print(Text(f"  {remark}"), soft_wrap=True)
        console.print(Text(f"  {one.case.folder}", style="dim"), soft_wrap=True)
    console.print(Text(f"Next: admw test {' '.join(one.case.label for one in made)}"))


def _made_object(made: MadeCase) -> dict[str, object]:
    return {
        "table": made.case.table,
        "case": made.case.name,
        "folder": str(made.case.folder),
        "rows": len(made.content.rows),
        "rejects": len(made.content.rejects),
        "dropped": len(made.content.dropped),
        "masked": list(made.masked),
        "remarks": list(made.remarks),
    }
