"""Values for a template's parameters: given now, kept from before, or asked for by name.

Imports core and SQLAlchemy's URL. What is secret comes from the environment, never from arguments.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from admw_assets.core.errors import ConfigurationError
from aws_deploy.deploy.compiled import ARTIFACT_BUCKET

SECRET = "DatabaseSecretString"
URL, PASSWORD = "ADMW_DATABASE_URL", "ADMW_DATABASE_PASSWORD"


def parameter_values(
    declared: Mapping[str, Mapping[str, Any]],
    deployed: set[str],
    given: Mapping[str, str],
    bucket: str,
    environment: Mapping[str, str],
) -> dict[str, str | None]:
    """A value for every declared parameter; None keeps the one that the stack has.

    `deployed`: parameters that the stack has. `environment`: where the database is told from.
    Raises ConfigurationError that names what is missing and how to give it.
    """
    if unknown := sorted(given.keys() - declared.keys()):
        raise ConfigurationError(
            f"The template has no parameter {', '.join(map(repr, unknown))}.",
            next_step=f"It has {', '.join(sorted(declared)) or 'none'}.",
        )
    values: dict[str, str | None] = {}
    missing: list[str] = []
    for name, declaration in declared.items():
        if name == ARTIFACT_BUCKET:
            values[name] = bucket
        elif name in given:
            values[name] = given[name]
        elif name == SECRET and environment.get(URL):
            values[name] = database_secret(environment[URL], environment.get(PASSWORD))
        elif name in deployed:
            values[name] = None
        elif "Default" not in declaration:
            missing.append(_wanted(name, declaration))
    if missing:
        raise ConfigurationError(
            "\n".join(["The first deployment needs values:", *missing]),
            next_step="Later deployments keep them.",
        )
    return values


def database_secret(url: str, password: str | None) -> str:
    """The secret's JSON from a SQLAlchemy URL. Raises ConfigurationError for other databases."""
    try:
        parsed = make_url(url)
    except ArgumentError as err:
        raise ConfigurationError(
            f"{URL} is no database URL.", next_step="As in mysql+pymysql://user@host:3306/shop"
        ) from err
    if not parsed.drivername.startswith("mysql") or not parsed.host or not parsed.database:
        raise ConfigurationError(
            f"{URL} names no MySQL database with host and name.",
            next_step="As in mysql+pymysql://user@host:3306/shop",
        )
    secret = parsed.password if password is None else password
    if not parsed.username or not secret:
        raise ConfigurationError(
            "The database's user or password is missing.",
            next_step=f"The user belongs into {URL}, the password into {PASSWORD}.",
        )
    return json.dumps(
        {
            "host": parsed.host,
            "port": parsed.port or 3306,
            "username": parsed.username,
            "password": str(secret),
            "dbname": parsed.database,
        }
    )


def _wanted(name: str, declaration: Mapping[str, Any]) -> str:
    about = declaration.get("Description", declaration["Type"])
    if name == SECRET:
        return f"  {name}: set {URL} and {PASSWORD} in the environment. ({about})"
    return f"  {name}: --parameter {name}=... ({about})"
