"""`admw status` and `admw report`."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from admw_assets.cli.outcome_table import as_object, outcome_table, result_console
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.ports import StageState
from admw_assets.runtime.local import open_tracker
from admw_assets.runtime.settings import Settings


def status(settings: Settings, files: list[str], as_json: bool) -> None:
    """Print the tracker's current states."""
    with open_tracker(settings) as tracker:
        states = tracker.states()
    if files:
        names = {Path(file).name for file in files}
        states = [state for state in states if state.file in names]
    if as_json:
        typer.echo(json.dumps([as_object(state) for state in states], indent=2))
        return
    console = result_console()
    if not states:
        console.print("No file has been taken in yet. Next: admw run")
        return
    console.print(outcome_table(states, "Where every file stands"))
    for state in states:
        if state.status.value == "FAILED":
            where = f" {state.stage}/{state.table} {state.file} at {state.step}: {state.message}"
            console.print(Text.assemble(("FAILED", "bold red"), where), soft_wrap=True)


def report(settings: Settings, file: str, as_json: bool) -> None:
    """Print the reports of one file as text and name their pages.

    Raises ConfigurationError where there are none.
    """
    name = Path(file).name
    with open_tracker(settings) as tracker:
        states = [s for s in tracker.states() if s.file == name and s.report]
    if not states:
        raise ConfigurationError(
            f"There is no report of {name!r}.", next_step="`admw status` lists the known files."
        )
    if as_json:
        documents = [json.loads(_read(state, "report.json")) for state in states]
        typer.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    for state in states:
        text = _read(state, "report.txt").replace("[", "\\[")
        verdict, _, rest = text.partition("\n")
        colour = "green" if verdict.startswith("PASSED") else "bold red"
        page = Path(state.report or "") / "report.html"
        console.print(f"[{colour}]{verdict}[/]\n{rest}")
        console.print(Text(f"{page}\n", "dim"))


def _read(state: StageState, name: str) -> str:
    path = Path(state.report or "") / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as err:
        raise ConfigurationError(
            f"The report {path} is gone.",
            next_step="Give --home the folder that the run used, or run the stage again with "
            "--restart.",
        ) from err
