"""`admw sample`: data files for a migration."""

import json
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from admw_assets.samples import generate, generate_for


def sample(
    migration: Path,
    out: Path,
    rows: int,
    bad: int,
    seed: int,
    table: str | None,
    hash_column: str,
    as_json: bool,
) -> None:
    """Generate the files and say what was made."""
    hashed = None if hash_column == "none" else hash_column
    if migration.resolve() == SHIPPED_MIGRATION.resolve():
        if hashed:
            raise ConfigurationError(
                "The files of the shipped example have the source hashes that they have.",
                next_step="Leave --hash away.",
            )
        manifest = generate(out, rows, bad=bad, seed=seed, table=table)
    else:
        manifest = generate_for(load_migration(migration), out, rows, bad, seed, table, hashed)
    if as_json:
        typer.echo(json.dumps(asdict(manifest), indent=2))
        return
    Console(highlight=False).print(
        f"Files in {out}, what they hold in {out / 'sample.json'}. Next: admw run --landing {out}",
        soft_wrap=True,
    )
