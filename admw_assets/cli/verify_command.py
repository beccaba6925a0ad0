"""`admw verify`: the manifests, and everything that they name, are as they were written."""

import json
from dataclasses import asdict

import typer
from rich.table import Table
from rich.text import Text

from admw_assets.cli.exit_codes import ExitCode
from admw_assets.cli.outcome_table import result_console
from admw_assets.runtime.local import open_evidence
from admw_assets.runtime.settings import Settings
from admw_assets.steps.verification import Verification, verify


def verify_home(settings: Settings, as_json: bool) -> ExitCode:
    """Verify and print what was found."""
    with open_evidence(settings) as (chain, evidence, tracker):
        found = verify(chain, evidence, tracker)
    if as_json:
        typer.echo(json.dumps({"passed": not found.problems, **asdict(found)}, indent=2))
    else:
        _print(found)
    return ExitCode.STAGE_FAILED if found.problems else ExitCode.GOOD


def _print(found: Verification) -> None:
    console = result_console()
    looked_at = (
        f"{found.manifests:,} manifests of {found.data_files:,} finished files, "
        f"{found.evidence_files:,} reports and archives"
    )
    if not found.problems:
        console.print(f"[green]All as it was written:[/] {looked_at}.")
    else:
        table = Table(title=f"Looked at: {looked_at}", title_justify="left", header_style="bold")
        table.add_column("what", overflow="fold")
        table.add_column("what is wrong", overflow="fold")
        for problem in found.problems:
            table.add_row(Text(problem.what), Text(problem.message))
        console.print(table)
        console.print(f"[bold red]{len(found.problems):,} problems.[/]")
    if found.head:
        console.print(f"The chain ends with {found.head}", soft_wrap=True)
