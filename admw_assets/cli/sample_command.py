"""`admw sample`: data files for the shipped example."""

import json
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from admw_assets.samples import generate


def sample(out: Path, rows: int, bad: int, seed: int, table: str | None, as_json: bool) -> None:
    """Generate the files and say what was made."""
    manifest = generate(out, rows, bad=bad, seed=seed, table=table)
    if as_json:
        typer.echo(json.dumps(asdict(manifest), indent=2))
        return
    Console(highlight=False).print(
        f"Files in {out}, what they hold in {out / 'sample.json'}. Next: admw run --landing {out}",
        soft_wrap=True,
    )
