"""What a Lambda or a Glue job works on, from its environment or arguments; imports core only."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from admw_assets.core.errors import ConfigurationError

_PREFIX = "ADMW_"


class DatabaseTls(StrEnum):
    """How connections to the database are made."""

    REQUIRED = "required"  # refused where the server offers no TLS
    OFF = "off"


class FinalStage(StrEnum):
    """Who starts final stages."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """The variables ADMW_<NAME>; buckets by name, topics, machines and the secret by ARN.

    `migration` is the s3:// URI of a zip (or a folder of this machine). `database_ca` is the
    s3:// URI or path of the CA certificates that the database's must be signed by; without it
    TLS encrypts, but trusts any certificate (MySQL's REQUIRED). Empty texts stand for what a
    function is not given because it does not need it.
    """

    migration: str
    database_secret: str
    landing: str = ""
    staging: str = ""
    archive: str = ""
    reports: str = ""
    database_tls: DatabaseTls = DatabaseTls.REQUIRED
    database_ca: str = ""
    alerts_topic: str = ""
    summaries_topic: str = ""
    preliminary_machine: str = ""
    final_machine: str = ""
    final_stage: FinalStage = FinalStage.AUTOMATIC
    start_function: str = ""


VARIABLES: Mapping[str, str] = {f.name: _PREFIX + f.name.upper() for f in fields(AwsSettings)}


def read_aws_settings(environment: Mapping[str, str]) -> AwsSettings:
    """Settings from variables; raises ConfigurationError naming the one that is missing or odd."""
    given = {name: environment.get(variable, "") for name, variable in VARIABLES.items()}
    for name in ("migration", "database_secret"):
        if not given[name]:
            raise ConfigurationError(
                f"{VARIABLES[name]} is not set.", next_step="Deploy again: the template sets it."
            )
    values: dict[str, object] = {name: text for name, text in given.items() if text}
    for name, kind in (("database_tls", DatabaseTls), ("final_stage", FinalStage)):
        if name in values:
            values[name] = _choice(name, given[name], kind)
    return AwsSettings(**values)  # pyright: ignore[reportArgumentType]


def _choice(name: str, text: str, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(text.lower())
    except ValueError as err:
        raise ConfigurationError(
            f"{VARIABLES[name]} is {text!r}.", next_step=f"Set it to {' or '.join(kind)}."
        ) from err
