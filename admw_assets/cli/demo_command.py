"""`admw demo`: the shipped example through both stages, on the embedded database."""

import shutil
from pathlib import Path

from admw_assets.cli.exit_codes import ExitCode, exit_code_of
from admw_assets.cli.outcome_table import outcome_table, result_console
from admw_assets.cli.run_command import run_files
from admw_assets.core.step import Stage
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.log_file import log_to_file
from admw_assets.runtime.settings import SHIPPED_MIGRATION, Settings
from admw_assets.samples import generate

DEMO_ROWS = 5_000
"""Records of the largest sample file."""


def demo(home: Path | None) -> ExitCode:
    """Begin anew in HOME/demo: make files, run both stages, show what came of it."""
    base = (home or Path(".admw")).absolute() / "demo"
    shutil.rmtree(base, ignore_errors=True)
    settings = Settings(SHIPPED_MIGRATION, f"sqlite:///{base}/admw.sqlite", base)
    log_to_file(settings.log_file)
    console = result_console()
    console.print("[bold]1.[/] Making sample files of a supermarket …")
    generate(settings.landing, DEMO_ROWS)
    console.print("[bold]2.[/] Both stages of every table, into SQLite …")
    with open_ports(settings) as ports:
        ports.tables.initialize(ports.migration)
        files = sorted(str(path) for path in settings.landing.glob("*~*"))
        outcomes = run_files(ports, files, tuple(Stage), restart=False, quiet=False)
    console.print(outcome_table(outcomes, "What came of it"))
    console.print(
        f"Reports:  {settings.reports}\nArchive:  {settings.archive}\n"
        f"Database: {base / 'admw.sqlite'}\n"
        "Next:     [bold]make dev[/] shows the same tables as Dagster assets; "
        f"`.venv/bin/admw status --home {base}` shows where every file stands.",
        soft_wrap=True,
    )
    return exit_code_of(outcomes)
