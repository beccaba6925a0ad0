"""The environments of environments.yaml (dev, prod), checked; imports pydantic, yaml and core.

What is wrong is said with the file, the key and what to write instead.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from admw_assets.core.errors import ConfigurationError

ENVIRONMENTS = Path(__file__).with_name("environments.yaml")
PROJECT = Path(__file__).parents[1]
SHIPPED_MIGRATION = "admw_assets/migrations/supermarket"

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653)
"""What CloudWatch Logs accepts (AWS::Logs::LogGroup, RetentionInDays)."""

LONGEST_FUNCTION_SECONDS = 900
FLEXIBLE_WORKERS = ("G.1X", "G.2X")
Email = Annotated[str, Field(pattern=EMAIL)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseKind(StrEnum):
    """Who keeps the database: somebody else, or the stack as an RDS instance or Aurora cluster."""

    EXISTING = "existing"
    INSTANCE = "instance"
    AURORA = "aurora"


class DatabaseSettings(_Settings):
    """The target database; sizes and backups are for one that the stack creates.

    `ca`: a PEM file of CA certificates, relative to the project; with it TLS also proves that the
    server is the one that is meant (for RDS: AWS's global-bundle.pem).
    """

    kind: DatabaseKind = DatabaseKind.EXISTING
    tls: Literal["required", "off"] = "required"
    ca: str | None = None
    name: str = Field(default="admw", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")
    user: str = Field(default="admw", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")
    port: int = Field(default=3306, ge=1150, le=65535)
    instance_class: str = Field(default="db.t4g.medium", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")
    storage_gb: int = Field(default=100, ge=20, le=65536)
    backup_days: int = Field(default=7, ge=1, le=35)
    deletion_protection: bool = True


class GlueSettings(_Settings):
    """How Glue jobs run. `queue_minutes`: how long a run may wait for capacity before it counts
    as failed. `retries`: of a run that failed, whatever the reason; steps may be repeated."""

    version: Literal["5.1"] = "5.1"
    worker_type: Literal["G.1X", "G.2X", "G.4X", "G.8X"] = "G.1X"
    workers: int = Field(default=2, ge=2, le=299)
    timeout_minutes: int = Field(default=60, ge=1, le=10080)
    queue_minutes: int = Field(default=240, ge=0, le=1440)
    max_concurrent_runs: int = Field(default=10, ge=1, le=1000)
    flex: bool = False
    retries: int = Field(default=1, ge=0, le=5)


class FunctionSettings(_Settings):
    """How Lambda functions run that do the work of steps."""

    memory_mb: int = Field(default=1024, ge=256, le=10240)
    timeout_seconds: int = Field(
        default=LONGEST_FUNCTION_SECONDS, ge=60, le=LONGEST_FUNCTION_SECONDS
    )
    temporary_storage_mb: int = Field(default=2048, ge=512, le=10240)


class NotificationSettings(_Settings):
    """Who gets mail: alerts when something failed, summaries when something is finished."""

    alerts: tuple[Email, ...] = ()
    summaries: tuple[Email, ...] = ()


class RetentionSettings(_Settings):
    """How long buckets keep things, in days."""

    staging: int = Field(default=14, ge=2, le=365)
    replaced_versions: int = Field(default=90, ge=1, le=3650)
    archive_to_glacier: int = Field(default=90, ge=1, le=3650)


class Environment(_Settings):
    """One environment of environments.yaml.

    `prefix` begins every name that is made in the account. `migration`: the migration's folder,
    relative to the project. `lambda_limit_mb`: files up to this size are reconciled, moved and
    archived in Lambda, larger ones in Glue. `parallel_files`: how many executions a batch has
    running at once. `slow_minutes`: executions that take longer raise an alarm. `vpc`: whether jobs
    and functions run inside subnets that are given at deployment.
    """

    name: str
    prefix: str = Field(pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    migration: str = SHIPPED_MIGRATION
    final_stage: Literal["automatic", "manual"] = "automatic"
    lambda_limit_mb: int = Field(default=50, ge=1, le=1000)
    parallel_files: int = Field(default=10, ge=1, le=40)
    execution_hours: int = Field(default=24, ge=1, le=720)
    slow_minutes: int = Field(default=60, ge=1, le=1440)
    vpc: bool = False
    log_days: int = 30
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    glue: GlueSettings = Field(default_factory=GlueSettings)
    functions: FunctionSettings = Field(default_factory=FunctionSettings)
    notifications: NotificationSettings = Field(default_factory=NotificationSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)

    @property
    def migration_folder(self) -> Path:
        """The migration's folder on this machine."""
        return PROJECT / self.migration

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.log_days not in RETENTION_DAYS:
            raise ValueError(f"log_days: CloudWatch knows {', '.join(map(str, RETENTION_DAYS))}")
        if self.database.kind is not DatabaseKind.EXISTING and not self.vpc:
            raise ValueError("vpc: a database of the stack's own needs subnets; set vpc: true")
        if self.glue.flex and self.glue.worker_type not in FLEXIBLE_WORKERS:
            raise ValueError(
                f"glue.flex: runs on {' or '.join(FLEXIBLE_WORKERS)} only; "
                "set glue.worker_type or glue.flex: false"
            )
        longest = (self.glue.timeout_minutes + self.glue.queue_minutes) * (self.glue.retries + 1)
        if longest > self.execution_hours * 60:
            raise ValueError(
                f"execution_hours: one Glue step may take {longest} minutes with its retries and "
                f"waiting; set at least {-(-longest // 60)}"
            )
        return self


def load_environments(path: Path = ENVIRONMENTS) -> dict[str, Environment]:
    """Every environment of the file, by name. Raises ConfigurationError with file, key and fix."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise ConfigurationError(
            f"There is no {path}.", next_step="Give the file that describes the environments."
        ) from err
    except yaml.YAMLError as err:
        raise ConfigurationError(
            f"{path} is no YAML: {' '.join(str(err).split())}.",
            next_step="Correct the line that is named.",
        ) from err
    if not isinstance(content, dict) or not content:
        raise ConfigurationError(
            f"{path} holds no environments.",
            next_step="Write one as `dev:` with its keys below it, as in the shipped file.",
        )
    return {str(name): _environment(path, str(name), keys) for name, keys in content.items()}


def load_environment(name: str, path: Path = ENVIRONMENTS) -> Environment:
    """One environment. Raises ConfigurationError where it is not there, or a key is wrong."""
    environments = load_environments(path)
    if name not in environments:
        raise ConfigurationError(
            f"{path} has no environment {name!r}.",
            next_step=f"It has {', '.join(map(repr, environments))}.",
        )
    return environments[name]


def _environment(path: Path, name: str, keys: object) -> Environment:
    if not isinstance(keys, dict):
        raise ConfigurationError(
            f"{path}: the environment {name!r} has no keys.",
            next_step="Write at least `prefix` and `region` below it.",
        )
    try:
        environment = Environment.model_validate({**keys, "name": name})
    except ValidationError as err:
        raise ConfigurationError(
            "\n".join([f"{path} cannot be used:", *_problems(name, err)]),
            next_step="Correct these keys.",
        ) from err
    if not environment.migration_folder.is_dir():
        raise ConfigurationError(
            f"{path}: {name}.migration: there is no folder {environment.migration!r}.",
            next_step=f"Give one relative to the project, as in {SHIPPED_MIGRATION!r}.",
        )
    ca = environment.database.ca
    if ca and not (PROJECT / ca).is_file():
        raise ConfigurationError(
            f"{path}: {name}.database.ca: there is no file {ca!r}.",
            next_step="Give one relative to the project, or remove the key.",
        )
    return environment


def _problems(name: str, err: ValidationError) -> list[str]:
    """A line for each wrong key: the key, what is wrong, what stands there."""
    lines: list[str] = []
    for problem in err.errors():
        key = ".".join([name, *(str(part) for part in problem["loc"])])
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "value_error":
            lines.append(f"  {name}.{message}.")
        elif problem["type"] == "extra_forbidden":
            lines.append(f"  {key}: there is no such key; remove it or correct its spelling.")
        elif problem["type"] == "missing":
            lines.append(f"  {key}: is missing; it has no default.")
        else:
            lines.append(f"  {key}: {message}; it is {problem['input']!r}.")
    return lines
