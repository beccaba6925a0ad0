"""Each action that a role is granted is taken away in turn, and what the role does must fail.

Small files go through the steps side by side: one with the functions, one with the Glue jobs that
do the same for large files. A step that may not do something fails and leaves the file where it
was, so the next action can be taken away; at last the step runs with all of them. What uses the
role of another waits until that one is whole again.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from admw_assets.core.step import Stage, Status
from tests.rehearsal.account import PREFIX, Account
from tests.rehearsal.brands import brand_file

RUN = "permissions"
NOT_PROVABLE: Mapping[str, str] = {
    "cloudwatch:PutMetricData": "Glue: monitor-continuous-logging-enable, monitoring metrics",
    "events:DescribeRule": "Step Functions: connect-stepfunctions",
    "events:PutRule": "Step Functions: connect-stepfunctions",
    "events:PutTargets": "Step Functions: connect-stepfunctions",
    "glue:BatchStopJobRun": "Step Functions: connect-glue; only where an execution is stopped",
    "glue:GetJobRuns": "Step Functions: connect-glue",
    "kms:Decrypt": "SNS: sns-key-management",
    "kms:GenerateDataKey": "SNS: sns-key-management",
    "logs:CreateLogDelivery": "Step Functions: cw-logs",
    "logs:CreateLogGroup": "Glue: monitor-continuous-logging-enable",
    "logs:CreateLogStream": "Lambda: monitoring-cloudwatchlogs; Glue likewise",
    "logs:DeleteLogDelivery": "Step Functions: cw-logs",
    "logs:DescribeLogGroups": "Step Functions: cw-logs",
    "logs:DescribeResourcePolicies": "Step Functions: cw-logs",
    "logs:GetLogDelivery": "Step Functions: cw-logs",
    "logs:ListLogDeliveries": "Step Functions: cw-logs",
    "logs:PutLogEvents": "Lambda: monitoring-cloudwatchlogs; Glue likewise",
    "logs:PutResourcePolicy": "Step Functions: cw-logs",
    "logs:UpdateLogDelivery": "Step Functions: cw-logs",
    "s3:AbortMultipartUpload": "S3: mpuoverview; only where a large upload breaks off",
    "sqs:SendMessage": "Lambda: invocation-async-retain-records",
    "states:StopExecution": "Step Functions: connect-stepfunctions",
}
"""What the emulator does itself, whatever the role may, with the page of AWS that asks for it."""

SELDOM: Mapping[str, str] = {
    "s3:DeleteObject": "S3: DeleteObjects; in staging only where an attempt left something",
    "s3:ListBucket": "S3: HeadObject answers 403 in the place of 404 without it",
    "states:DescribeExecution": "Step Functions: DescribeExecution; only of one that is running",
}
"""What a small run may do without; proven where it does not."""

_IN_LAMBDA = (
    ("preliminary", "reconcile"),
    ("final", "load"),
    ("final", "reconcile"),
    ("final", "archive"),
)
"""Steps that run as a function or, for a large file, as a Glue job."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One granted action: whether its loss was felt, and what was said."""

    role: str
    statement: str
    action: str
    proven: bool
    said: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A role and what is done with it; `run` says what went wrong, nothing where all went well.

    `first` is how the statements end whose actions are missed only as long as a try has not come
    beyond them.
    """

    role: str
    run: Callable[[], str]
    first: str = "Staging"


def take_away_each(account: Account, folder: Path) -> list[Verdict]:
    """Go through the roles; raises AssertionError where a whole role does not do."""
    # A reject makes the load look into landing, for the original bytes.
    new, small, large = (
        brand_file(folder, day, first, more=(f"{first + 6},Rehearsed,DE,,not a year,N",))
        for day, first in ((5, 1400), (6, 1420), (7, 1440))
    )

    def loaded(file: Path) -> None:
        for kind in ("transform", "load"):
            said = _job(account, _step(account, file.name, "preliminary", kind))
            assert not said, said

    def tried(units: Iterator[Unit]) -> list[Verdict]:
        return [verdict for unit in units for verdict in _unit_verdicts(account, unit)]

    # A machine that has ended starts the final stages that are due, so they all come last.
    side_by_side = (
        (
            _other_jobs(account, large.name),
            _jobs_of_every_file(account, new.name),
            _functions_of_steps(account, small.name),
        ),
        (_starters(account, small.name, folder), _stage_machines(account, large.name)),
    )
    verdicts: list[Verdict] = []
    with account.uploads_start_nothing(), ThreadPoolExecutor(max_workers=2) as pool:
        account.upload(new, small, large)
        list(pool.map(loaded, (small, large)))
        for lanes in side_by_side:
            for each in pool.map(tried, lanes):
                verdicts += each
    return verdicts


def as_table() -> str:
    """What cannot be proven here, as docs/aws.md shows it."""
    lines = ["| action | page of AWS that asks for it |", "|---|---|"]
    lines += [
        f"| `{action}` | {page} |" for action, page in sorted({**NOT_PROVABLE, **SELDOM}.items())
    ]
    return "\n".join(lines)


def by_role(verdicts: list[Verdict]) -> dict[str, str]:
    """The actions of these verdicts by role, as a text."""
    roles: dict[str, list[str]] = {}
    for verdict in verdicts:
        roles.setdefault(verdict.role, []).append(f"{verdict.action} ({verdict.statement})")
    return {role: ", ".join(actions) for role, actions in roles.items()}


def not_proven(verdicts: list[Verdict]) -> dict[str, str]:
    """Why an action was not proven; for those of which that is true for some role."""
    return {v.action: v.said for v in sorted(verdicts, key=lambda v: v.action) if not v.proven}


def _unit_verdicts(account: Account, unit: Unit) -> list[Verdict]:
    verdicts = list(_mutated(account, unit))
    felt = sum(verdict.proven for verdict in verdicts)
    account.timeline.note(f"{unit.role}: {felt} actions proven")
    return verdicts


def _mutated(account: Account, unit: Unit) -> Iterator[Verdict]:
    iam = account.client("iam")
    (physical,) = [
        each["PhysicalResourceId"]
        for each in account.client("cloudformation").describe_stack_resources(StackName=PREFIX)[
            "StackResources"
        ]
        if each["LogicalResourceId"] == unit.role
    ]
    (name,) = iam.list_role_policies(RoleName=physical)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=physical, PolicyName=name)["PolicyDocument"]

    def put(document: Any) -> None:
        iam.put_role_policy(RoleName=physical, PolicyName=name, PolicyDocument=json.dumps(document))

    granted = [
        (index, statement["Sid"], action)
        for index, statement in enumerate(whole["Statement"])
        for action in statement["Action"]
    ]
    done = False  # once the work is done, nothing more is missed
    # What a small run may do without comes last.
    for index, sid, action in sorted(
        granted, key=lambda each: (each[2] in SELDOM, not each[1].endswith(unit.first), each[0])
    ):
        if action in NOT_PROVABLE:
            yield Verdict(unit.role, sid, action, False, NOT_PROVABLE[action])
            continue
        if done:
            yield Verdict(unit.role, sid, action, False, SELDOM.get(action, "not tried"))
            continue
        changed = copy.deepcopy(whole)
        statement = changed["Statement"][index]
        statement["Action"] = [each for each in statement["Action"] if each != action]
        if not statement["Action"]:
            del changed["Statement"][index]
        put(changed)
        try:
            said = unit.run()
        finally:
            put(whole)
        done = not said
        yield Verdict(unit.role, sid, action, bool(said), said or SELDOM.get(action, "not missed"))
    if not done:
        said = unit.run()
        assert not said, f"{unit.role} is whole again, and yet: {said}"


def _jobs_of_every_file(account: Account, file: str) -> Iterator[Unit]:
    """The roles of jobs that run for every file."""
    for kind in ("transform", "load"):
        yield _job_unit(account, file, "preliminary", kind)


def _other_jobs(account: Account, file: str) -> Iterator[Unit]:
    """The roles of jobs that run for large files, for which small ones have functions."""
    for stage, kind in _IN_LAMBDA:
        yield _job_unit(account, file, stage, kind)


def _job_unit(account: Account, file: str, stage: str, kind: str) -> Unit:
    request = _step(account, file, stage, kind)
    return Unit(f"{stage.title()}{kind.title()}JobRole", lambda: _job(account, request))


def _functions_of_steps(account: Account, file: str) -> Iterator[Unit]:
    """The roles of functions that do or record a step, in the order of a loaded file's way."""
    yield Unit("DbInitFunctionRole", lambda: _invoked(account, "db-init", {}))
    for stage, kind in _IN_LAMBDA:
        name, request = f"{stage}-{kind}", _step(account, file, stage, kind)
        role = f"{stage.title()}{kind.title()}FunctionRole"
        yield Unit(role, lambda n=name, r=request: _invoked(account, n, r))
    told = {"stage": "preliminary", "input": _given(account, file)}
    failed = {**told, "event": "failed", "error": {"Error": "Rehearsed", "Cause": "nothing"}}
    yield Unit(
        "TrackerFunctionRole",
        lambda: _invoked(account, "tracker", failed, {**told, "event": "completed"}),
    )


def _starters(account: Account, file: str, folder: Path) -> Iterator[Unit]:
    """The roles of what starts executions, for an archived file and for one that is new."""
    refused = {"detail": {"object": {"key": "no data file.csv"}}}
    restart = {"file": file, "stage": "preliminary", "restart": True}

    def start() -> str:
        said = _invoked(account, "start", refused, restart)
        _wait_for_rest(account, file)
        return said

    # A restart withdraws the manifest in the archive, then puts the source back into landing.
    yield Unit("StartFunctionRole", start, first="Archive")
    yield Unit("MigrationStateMachineRole", _batches(account, folder))


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


def _step(account: Account, file: str, stage: str, kind: str) -> dict[str, str]:
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
    """Until no stage of the file runs; executions are called after it."""
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


def _job(account: Account, request: Mapping[str, str]) -> str:
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
    """What went wrong in an execution, also where it went on after a file that failed."""
    states = account.client("stepfunctions")
    arn = account.outputs()[f"{machine.title()}StateMachine"]
    execution = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = account.wait_until(ended, f"the end of {execution}")
    if found["status"] != "SUCCEEDED":
        return f"{found.get('error')}: {found.get('cause')}"
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    failed = [event["taskFailedEventDetails"] for event in events if event["type"] == "TaskFailed"]
    return f"{failed[0].get('error')}: {failed[0].get('cause')}" if failed else ""
