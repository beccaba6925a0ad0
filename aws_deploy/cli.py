"""The command line: compile, validate, plan, deploy, and what is done with a running stack.

Imports typer and rich, and inside the commands what each of them needs.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from admw_assets.core.errors import AdmwError, ConfigurationError

if TYPE_CHECKING:
    from aws_deploy.deploy.deployment import Deployment
    from aws_deploy.deploy.operations import Operations
    from aws_deploy.environment import Environment

FAILED, WRONG_USAGE = 1, 2

app = typer.Typer(
    name="python -m aws_deploy",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Bring the assets to AWS: compile them, deploy the stack, run it.",
    epilog="Example: python -m aws_deploy deploy -e dev --profile me\n\n"
    "AWS is reached as by the AWS command line: profiles, AWS_REGION, AWS_ENDPOINT_URL. "
    "Exit codes: 0 all good, 1 it failed, 2 wrong usage or configuration.",
)

EnvironmentOption = Annotated[
    str, typer.Option("--environment", "-e", help="An environment of the environments file.")
]
FileOption = Annotated[
    Path | None,
    typer.Option("--environments", help="The environments file. Default: the shipped one."),
]
ProfileOption = Annotated[str | None, typer.Option("--profile", help="An AWS profile.")]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="Default: the environment's region.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
CompiledOption = Annotated[
    Path | None,
    typer.Option("--from", help="A compiled folder. Default: compile now."),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", help="NAME=VALUE of a template parameter; may be repeated."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("compile", epilog="Example: python -m aws_deploy compile -e prod --out build/aws/prod")
def compile_command(
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")],
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write template, state machines, jobs, policies and artifacts. Needs no AWS."""
    settings = _environment(environment, environments)
    written = _compile(settings, out)
    if as_json:
        _print_json({"folder": str(out), "documents": written})
        return
    Console().print(f"{out}: {len(written)} documents for {settings.prefix}.")


@app.command(epilog="Example: python -m aws_deploy validate -e prod")
def validate(
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    compiled: CompiledOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compile and check the template with cfn-lint. Needs no AWS."""
    from aws_deploy.deploy.validation import template_problems

    settings = _environment(environment, environments)
    folder = _compiled_folder(settings, compiled)
    problems = template_problems(folder / "template.json", settings.region)
    if as_json:
        _print_json({"folder": str(folder), "problems": problems})
    else:
        for problem in problems:
            typer.echo(problem)
        typer.echo(f"{folder}: {len(problems) or 'no'} problems.")
    if problems:
        raise typer.Exit(FAILED)


@app.command(epilog="Example: python -m aws_deploy plan -e dev --from build/aws/dev")
def plan(
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    compiled: CompiledOption = None,
    parameter: ParameterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a deployment would add, change, replace and remove; change nothing."""
    from aws_deploy.deploy.compiled import read_compiled
    from aws_deploy.plan_view import plan_json, show_plan

    settings = _environment(environment, environments)
    deployment = _deployment(settings, profile, region)
    folder = _compiled_folder(settings, compiled)
    made = deployment.plan(read_compiled(folder), _given(parameter), os.environ)
    deployment.discard(made)
    if as_json:
        _print_json(plan_json(made))
    else:
        show_plan(made, Console())


@app.command(
    epilog="Example: ADMW_DATABASE_URL=mysql+pymysql://admw@db.example.com/shop "
    "ADMW_DATABASE_PASSWORD=... python -m aws_deploy deploy -e dev"
)
def deploy(
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    compiled: CompiledOption = None,
    parameter: ParameterOption = None,
    yes: YesOption = False,
    tables: Annotated[
        bool, typer.Option("--tables/--no-tables", help="Create the tables that are missing.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Bring the stack to what is compiled. Asks before what holds data is replaced or removed."""
    from aws_deploy.deploy.compiled import read_compiled
    from aws_deploy.plan_view import plan_json, show_event, show_plan
    from aws_deploy.status_view import show_unconfirmed

    console = Console(stderr=as_json)
    settings = _environment(environment, environments)
    deployment = _deployment(settings, profile, region)
    folder = _compiled_folder(settings, compiled)
    made = deployment.plan(read_compiled(folder), _given(parameter), os.environ)
    show_plan(made, console)
    if made.losses and not yes:
        lost = ", ".join(change.logical_id for change in made.losses)
        if not _agreed(f"This may lose what is in {lost}. Go on?"):
            deployment.discard(made)
            raise ConfigurationError(
                f"Nothing was changed: what is in {lost} may be lost.",
                next_step="Give --yes where that is meant.",
            )
    if not made.empty:
        deployment.apply(made, lambda event: show_event(event, console))
        console.print(f"[green]{made.stack}: deployed.[/green]")
    sentences: list[str] = []
    outputs = deployment.stack.outputs()
    if tables and "DbInitFunction" in outputs and not made.empty:
        sentences = _operations(deployment).create_tables()
        console.print(f"Tables: {len(sentences)} made." if sentences else "Tables: all there.")
    unconfirmed = deployment.unconfirmed()
    show_unconfirmed(unconfirmed, console)
    if as_json:
        result = "no changes" if made.empty else "deployed"
        told = {"result": result, "outputs": outputs, "tables": sentences}
        _print_json({**plan_json(made), **told, "unconfirmed": unconfirmed})


@app.command(epilog="Example: python -m aws_deploy status -e dev --last 20")
def status(
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    last: Annotated[int, typer.Option("--last", help="How many executions to show.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Show the stack, its newest executions, alarms, and what could not be delivered."""
    from aws_deploy.status_view import show_status

    deployment = _deployment(_environment(environment, environments), profile, region)
    operations = _operations(deployment)
    lines = [operations.describe(line) for line in operations.executions()[:last]]
    found = deployment.stack.describe() or {}
    alarms, undelivered = operations.alarms(), operations.undelivered()
    unconfirmed = deployment.unconfirmed()
    if as_json:
        _print_json(
            {
                "stack": deployment.prefix,
                "status": found.get("StackStatus"),
                "executions": [asdict(line) for line in lines],
                "alarms": alarms,
                "undelivered": undelivered,
                "unconfirmed": unconfirmed,
            }
        )
        return
    show_status(
        deployment.prefix,
        found.get("StackStatus", ""),
        lines,
        alarms,
        undelivered,
        unconfirmed,
        Console(),
    )


@app.command(epilog="Example: python -m aws_deploy start 'PRODUCT~20240101.000000.csv' -e dev")
def start(
    file: Annotated[
        str | None, typer.Argument(help="A file in landing, or one here to be uploaded.")
    ] = None,
    stage: Annotated[str, typer.Option("--stage", help="preliminary or final.")] = "preliminary",
    everything: Annotated[
        bool, typer.Option("--all", help="Both stages of everything that waits, in a batch.")
    ] = False,
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a stage of a file; one that is here is uploaded, and its arrival starts it."""
    if (file is None) != everything:
        raise ConfigurationError("What is to be started?", next_step="Give a file, or --all.")
    deployment = _deployment(_environment(environment, environments), profile, region)
    if file is None:
        execution = _operations(deployment).start_migration("all")
        _print_json({"execution": execution}) if as_json else typer.echo(execution)
        return
    _start(deployment, file, stage, restart=False, as_json=as_json)


@app.command(
    epilog="Example: python -m aws_deploy restart 'PRODUCT~20240101.000000.csv' --stage final"
)
def restart(
    file: Annotated[str, typer.Argument(help="A file that has failed, or went in wrongly.")],
    stage: Annotated[str, typer.Option("--stage", help="preliminary or final.")] = "preliminary",
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take back what a stage has done for a file, and begin anew."""
    deployment = _deployment(_environment(environment, environments), profile, region)
    _start(deployment, file, stage, restart=True, as_json=as_json)


@app.command(epilog="Example: python -m aws_deploy logs 'PRODUCT~20240101.000000.csv' --minutes 30")
def logs(
    text: Annotated[
        str | None, typer.Argument(help="Only lines that hold this: a file, a run, a word.")
    ] = None,
    minutes: Annotated[int, typer.Option("--minutes", help="How far back.")] = 60,
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the logs of functions, jobs and state machines, oldest line first."""
    from datetime import UTC, datetime

    deployment = _deployment(_environment(environment, environments), profile, region)
    for line in _operations(deployment).logs(text, minutes * 60):
        if as_json:
            typer.echo(json.dumps(asdict(line), ensure_ascii=False))
        else:
            at = datetime.fromtimestamp(line.at, UTC)
            typer.echo(f"{at:%H:%M:%S} {line.group.rpartition('/')[2]}: {line.message}")


@app.command(epilog="Example: python -m aws_deploy destroy -e dev")
def destroy(
    environment: EnvironmentOption = "dev",
    environments: FileOption = None,
    profile: ProfileOption = None,
    region: RegionOption = None,
    yes: YesOption = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Also what holds data. Asks for the name.")
    ] = False,
    confirm: Annotated[
        str | None, typer.Option("--confirm", help="The stack's name, where nobody can be asked.")
    ] = None,
) -> None:
    """Remove the stack. Data is kept unless that is said twice: --delete-data and the name."""
    from aws_deploy.plan_view import show_event

    console = Console()
    deployment = _deployment(_environment(environment, environments), profile, region)
    contents = deployment.contents()
    kept = [each for each in contents if each.policy != "Delete"]
    console.print(f"{deployment.prefix}: {len(contents)} resources.")
    for each in sorted(contents, key=lambda item: item.logical_id):
        if each.is_data:
            goes = each.policy == "Delete" or (delete_data and each.kind == "AWS::S3::Bucket")
            fate = "is deleted" if goes else f"is kept ({each.policy})"
            style = "red" if goes else "green"
            console.print(f"  [{style}]{each.logical_id} {each.physical_id} {fate}[/]")
    if delete_data and (confirm or _typed_name(deployment.prefix)) != deployment.prefix:
        raise ConfigurationError(
            "Nothing was removed: the stack's name was not confirmed.",
            next_step=f"Give --confirm {deployment.prefix} where its data shall go too.",
        )
    if not (yes or delete_data) and not _agreed(f"Remove the stack {deployment.prefix}?"):
        raise ConfigurationError("Nothing was removed.", next_step="Give --yes where it is meant.")
    deployment.destroy(
        contents, delete_data, lambda event: show_event(event, console), console.print
    )
    console.print(f"[green]{deployment.prefix}: removed.[/green]")
    if not delete_data:
        for each in kept:
            console.print(f"  kept: {each.kind} {each.physical_id}")
        console.print(f"  kept: AWS::S3::Bucket {deployment.artifacts.name}")


# ---------------------------------------------------------------- what the commands share


def _environment(name: str, path: Path | None) -> "Environment":
    from aws_deploy.environment import ENVIRONMENTS, load_environment

    return load_environment(name, path or ENVIRONMENTS)


def _compile(settings: "Environment", out: Path) -> list[str]:
    from admw_assets.definitions import build_definitions
    from aws_deploy.compiler import compile

    output = compile(build_definitions(settings.migration_folder), settings)
    output.write(out)
    return sorted(output.documents)


def _compiled_folder(settings: "Environment", compiled: Path | None) -> Path:
    if compiled is not None:
        return compiled
    folder = Path("build", "aws", settings.name)
    _compile(settings, folder)
    return folder


def _deployment(settings: "Environment", profile: str | None, region: str | None) -> "Deployment":
    from aws_deploy.deploy.access import Access
    from aws_deploy.deploy.deployment import Deployment

    access = Access(region or settings.region, profile)
    local = "AWS_ENDPOINT_URL" in os.environ
    return Deployment(access, access.account(), settings.prefix, poll=0.2 if local else 2.0)


def _operations(deployment: "Deployment") -> "Operations":
    from aws_deploy.deploy.operations import Operations

    return Operations(deployment.access, deployment.stack)


def _start(deployment: "Deployment", file: str, stage: str, restart: bool, as_json: bool) -> None:
    if stage not in ("preliminary", "final"):
        raise ConfigurationError(
            f"There is no stage {stage!r}.", next_step="Give preliminary or final."
        )
    operations = _operations(deployment)
    answer: object
    if not restart and Path(file).is_file():
        answer = {"uploaded": operations.upload(Path(file))}
    else:
        answer = operations.start(Path(file).name, stage, restart)
    if as_json:
        _print_json(answer)
    elif isinstance(answer, Mapping):
        for key, value in answer.items():
            typer.echo(f"{key}: {value if isinstance(value, str) else json.dumps(value)}")
    else:
        typer.echo(json.dumps(answer))


def _given(parameters: list[str] | None) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in parameters or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigurationError(
                f"--parameter {text!r} has no value.", next_step="Write NAME=VALUE."
            )
        given[name] = value
    return given


def _agreed(question: str) -> bool:
    """A person's word; where nobody can be asked, no."""
    return sys.stdin.isatty() and typer.confirm(question)


def _typed_name(name: str) -> str:
    if not sys.stdin.isatty():
        return ""
    return typer.prompt(f"This deletes data for good. Type {name} to go on", default="")


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def main() -> None:
    """Run a command; errors as text with a next step."""
    try:
        app()
    except AdmwError as err:
        typer.secho(f"{err.message}", fg=typer.colors.RED, err=True)
        if err.next_step:
            typer.echo(err.next_step, err=True)
        sys.exit(WRONG_USAGE if isinstance(err, ConfigurationError) else FAILED)
