"""The work that each role of the stack is granted its actions for: on small files of brands."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from admw_assets.core.step import Stage, Status
from tests.rehearsal.account import PREFIX, Account
from tests.rehearsal.brands import brand_file

RUN = "permissions"
_IN_LAMBDA = (
    ("preliminary", "reconcile"),
    ("final", "load"),
    ("final", "reconcile"),
    ("final", "archive"),
)
"""Steps that run as a function or, for a large file, as a Glue job."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A role and what is done with it; `run` says what went wrong, nothing where all went well.

    `order`: statements, or "statement action", whose actions are missed only as long as no try
    has come beyond them; they are taken away first.
    """

    role: str
    run: Callable[[], str]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """A file that nothing was done with, and two that are loaded and no further."""

    new: str
    small: str
    large: str


def prepared(account: Account, folder: Path) -> Files:
    """Upload the files; each has a reject, for whose bytes the load looks into landing."""
    files = [
        brand_file(folder, day, first, more=(f"{first + 6},Rehearsed,DE,,not a year,N",))
        for day, first in ((5, 1400), (6, 1420), (7, 1440))
    ]
    account.upload(*files)
    return Files(*(file.name for file in files))


def side_by_side(account: Account, files: Files) -> tuple[Iterator[Unit], ...]:
    """What disturbs none of the others: no role is used by two of these."""
    return (
        _other_jobs(account, files.large),
        _jobs_of_every_file(account, files.new),
        _functions_of_steps(account, files.small),
    )


def one_by_one(account: Account, files: Files, folder: Path) -> Iterator[Unit]:
    """What uses the roles of others, and starts whatever is due."""
    yield _starter(account, files.small)
    yield from _stage_machines(account, files.large)
    yield Unit("MigrationStateMachineRole", _batches(account, folder))


def _jobs_of_every_file(account: Account, file: str) -> Iterator[Unit]:
    """The roles of jobs that run for every file."""
    for kind in ("transform", "load"):
        yield _job_unit(account, file, "preliminary", kind)


def _other_jobs(account: Account, file: str) -> Iterator[Unit]:
    """The roles of jobs that run for large files, for which small ones have functions."""
    for stage, kind in _IN_LAMBDA:
        yield _job_unit(account, file, stage, kind)


def _job_unit(account: Account, file: str, stage: str, kind: str) -> Unit:
    request = step_of(account, file, stage, kind)
    role = f"{stage.title()}{kind.title()}JobRole"
    return Unit(role, lambda: run_job(account, request), _order_of(kind))


def _function_unit(account: Account, file: str, stage: str, kind: str) -> Unit:
    request = step_of(account, file, stage, kind)
    role = f"{stage.title()}{kind.title()}FunctionRole"
    return Unit(role, lambda: _invoked(account, f"{stage}-{kind}", request), _order_of(kind))


def _order_of(kind: str) -> tuple[str, ...]:
    if kind != "archive":
        return ("UseStaging",)
    # The source goes when its archive is whole; then the reports are read, for the manifest.
    return ("UseLanding s3:GetObject", "UseArchive", "UseLanding s3:DeleteObject", "UseReports")


def _functions_of_steps(account: Account, file: str) -> Iterator[Unit]:
    """The roles of functions that do or record a step, in the order of a loaded file's way."""
    yield Unit("DbInitFunctionRole", lambda: _invoked(account, "db-init", {}))
    for stage, kind in _IN_LAMBDA:
        yield _function_unit(account, file, stage, kind)
    told = {"stage": "preliminary", "input": _given(account, file)}
    failed = {**told, "event": "failed", "error": {"Error": "Rehearsed", "Cause": "nothing"}}
    yield Unit(
        "TrackerFunctionRole",
        lambda: _invoked(account, "tracker", failed, {**told, "event": "completed"}),
    )


def _starter(account: Account, file: str) -> Unit:
    """The role of what starts executions: for a wrong name, a plan, and an archived file."""
    planned = {"plan": {"stage": "preliminary", "wave": 0, "tables": ["brand"]}}
    refused = {"detail": {"object": {"key": "no data file.csv"}}}
    restart = {"file": file, "stage": "preliminary", "restart": True}

    def start() -> str:
        said = _invoked(account, "start", refused, planned, restart)
        _wait_for_rest(account, file)
        return said

    # A restart withdraws the manifest in the archive, then puts the source back into landing. One
    # that could not start the stage leaves it RUNNING, so the next looks whether it really runs.
    order = ("ListLanding", "UseArchive", "UseLanding", "StartStages", "SeeExecutions")
    return Unit("StartFunctionRole", start, order)


def _stage_machines(account: Account, file: str) -> Iterator[Unit]:
    """The roles of both stages' machines, for a file that only Glue can do."""
    given = {**_given(account, file), "size": 10**12}
    for machine in ("preliminary", "final"):
        role = f"{machine.title()}StateMachineRole"
        yield Unit(role, lambda m=machine: _executed(account, m, given))


def _batches(account: Account, folder: Path) -> Callable[[], str]:
    """What runs a batch over a file that nobody has started; a new one after one that was done."""
    days = count(20)

    def uploaded() -> str:
        day = next(days)
        file = brand_file(folder, day, 2000 + 20 * day, rows=1)
        account.upload(file)
        return file.name

    waiting = uploaded()

    def run() -> str:
        nonlocal waiting
        said = _executed(account, "migration", {"stage": "preliminary"})
        _wait_for_rest(account, waiting)
        state = account.state(waiting, Stage.PRELIMINARY)
        if state is None:
            return said or f"{waiting} was not started"
        if state.status is Status.COMPLETED:
            waiting = uploaded()
        return said or ("" if state.status is Status.COMPLETED else state.message)

    return run


def step_of(account: Account, file: str, stage: str, kind: str) -> dict[str, str]:
    """The arguments of a step, as its job and its function take them."""
    names = {"location": _location(account, file), "table": "brand", "run_id": RUN}
    return {**names, "stage": stage, "step": kind}


def _given(account: Account, file: str) -> dict[str, object]:
    names = {"file": file, "location": _location(account, file), "table": "brand"}
    return {**names, "size": 1, "run_id": RUN}


def _location(account: Account, file: str) -> str:
    return f"s3://{account.outputs()['LandingBucket']}/{file}"


def _invoked(account: Account, function: str, *events: Mapping[str, object]) -> str:
    for event in events:
        answer = account.client("lambda").invoke(
            FunctionName=f"{PREFIX}-{function}", Payload=json.dumps(event)
        )
        body = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            return f"{body.get('errorType')}: {body.get('errorMessage')}"
    return ""


def _wait_for_rest(account: Account, file: str) -> None:
    """Until no stage of the file runs; the names of executions hold the file's stamp."""
    states, stamp = account.client("stepfunctions"), file[file.index("~") + 1 :].split(".")[0]
    outputs = account.outputs()
    machines = [outputs[f"{stage}StateMachine"] for stage in ("Preliminary", "Final")]

    def rest() -> bool:
        return not any(
            stamp in execution["name"]
            for arn in machines
            for execution in states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")[
                "executions"
            ]
        )

    account.wait_until(rest, "the stages that were started to end")


def run_job(account: Account, request: Mapping[str, str]) -> str:
    """Run the Glue job of a step; what it failed with, nothing where it did not."""
    glue = account.client("glue")
    name = f"{PREFIX}-{request['stage']}-{request['step']}"
    arguments = {f"--{key}": value for key, value in request.items()}
    run_id = glue.start_job_run(JobName=name, Arguments=arguments)["JobRunId"]

    def ended() -> Any:
        run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return run if run["JobRunState"] in ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED") else None

    run = account.wait_until(ended, f"the run of {name}")
    return "" if run["JobRunState"] == "SUCCEEDED" else run.get("ErrorMessage", "failed")


def _executed(account: Account, machine: str, given: Mapping[str, object]) -> str:
    """What went wrong in an execution; a batch goes on after a file that failed, and says it."""
    states = account.client("stepfunctions")
    arn = account.outputs()[f"{machine.title()}StateMachine"]
    execution = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = account.wait_until(ended, f"the end of {execution}")
    if found["status"] != "SUCCEEDED":
        return f"{found.get('error')}: {found.get('cause')}"
    if machine != "migration":
        return ""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    told = (event["taskFailedEventDetails"] for event in events if event["type"] == "TaskFailed")
    failed = [each for each in told if "startExecution" in each["resource"]]
    return f"{failed[0]['error']}: {failed[0]['cause']}" if failed else ""
