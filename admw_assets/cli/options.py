"""The options that every command has, and how they become settings."""

import os
from pathlib import Path
from typing import Annotated

import typer

from admw_assets.runtime.settings import Settings, read_settings

MigrationOption = Annotated[
    Path | None,
    typer.Option(
        "--migration",
        envvar="ADMW_MIGRATION",
        help="The migration's folder. Default: the shipped supermarket example.",
        show_default=False,
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="ADMW_DATABASE_URL",
        help="sqlite:///FILE or mysql+pymysql://USER@HOST/DB (the password is best given as "
        "ADMW_DATABASE_PASSWORD). Default: an SQLite file in home.",
        show_default=False,
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="ADMW_HOME",
        help="The folder for landing, work, archive, reports and logs. Default: .admw",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def settings_from(migration: Path | None, database_url: str | None, home: Path | None) -> Settings:
    """Settings from the options; what is not given comes from the environment."""
    return read_settings(os.environ, migration, database_url, home)
