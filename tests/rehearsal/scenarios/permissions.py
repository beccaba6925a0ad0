"""Each action that a role is granted is taken away in turn, and what the role does must fail.

Small files go through the steps side by side: one with the functions, one with the Glue jobs that
do the same for large files. A step that may not do something fails and leaves the file where it
was, so the next action can be taken away; at last the step runs with all of them. What uses the
role of another waits until that one is whole again.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rehearsal.account import PREFIX, Account
from tests.rehearsal.scenarios.permission_units import (
    Unit,
    one_by_one,
    prepared,
    run_job,
    side_by_side,
    step_of,
)

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

_DENIED = re.compile(r"AccessDenied|AuthorizationError|AccessControlException|: 403\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One granted action: whether its loss was felt, and what was said."""

    role: str
    statement: str
    action: str
    proven: bool
    said: str


def take_away_each(account: Account, folder: Path) -> list[Verdict]:
    """Go through the roles; raises AssertionError where a whole role does not do."""
    verdicts: list[Verdict] = []

    def tried(units: Iterator[Unit]) -> list[Verdict]:
        return [verdict for unit in units for verdict in _unit_verdicts(account, unit)]

    with account.uploads_start_nothing(), ThreadPoolExecutor(max_workers=2) as pool:
        files = prepared(account, folder)
        list(pool.map(lambda file: _load(account, file), (files.small, files.large)))
        for each in pool.map(tried, side_by_side(account, files)):
            verdicts += each
        verdicts += tried(one_by_one(account, files, folder))
    untried = _roles(account).keys() - {verdict.role for verdict in verdicts}
    assert not untried, f"No unit of the rehearsal uses {', '.join(sorted(untried))}."
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
    """Why an action was not proven: by action, or for what may be proven by role and action."""
    return {
        v.action if v.action in NOT_PROVABLE else f"{v.action} ({v.role}, {v.statement})": v.said
        for v in sorted(verdicts, key=lambda v: (v.action not in NOT_PROVABLE, v.action, v.role))
        if not v.proven
    }


def is_explained(verdict: Verdict) -> bool:
    """Whether it is known why an action that was not proven is granted all the same."""
    action = verdict.action
    return action in NOT_PROVABLE or _is_seldom(verdict.statement, action)


def _load(account: Account, file: str) -> None:
    for kind in ("transform", "load"):
        said = run_job(account, step_of(account, file, "preliminary", kind))
        assert not said, said


def _roles(account: Account) -> dict[str, str]:
    """The roles of the stack: their names by what the template calls them."""
    found = account.client("cloudformation").describe_stack_resources(StackName=PREFIX)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in found["StackResources"]
        if each["ResourceType"] == "AWS::IAM::Role"
    }


def _is_seldom(statement: str, action: str) -> bool:
    return action in SELDOM and (action != "s3:DeleteObject" or statement == "UseStaging")


def _unit_verdicts(account: Account, unit: Unit) -> list[Verdict]:
    verdicts = list(_mutated(account, unit))
    felt = sum(verdict.proven for verdict in verdicts)
    account.timeline.note(f"{unit.role}: {felt} actions proven")
    return verdicts


def _mutated(account: Account, unit: Unit) -> Iterator[Verdict]:
    iam, physical = account.client("iam"), _roles(account)[unit.role]
    (name,) = iam.list_role_policies(RoleName=physical)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=physical, PolicyName=name)["PolicyDocument"]

    def put(document: Any) -> None:
        iam.put_role_policy(RoleName=physical, PolicyName=name, PolicyDocument=json.dumps(document))

    def rank(granted: tuple[int, str, str]) -> tuple[object, ...]:
        """What is named first, then the rest, then what a small run may do without."""
        index, sid, action = granted
        names = (f"{sid} {action}", *(() if action == "s3:DeleteObject" else (sid,)))
        named = [place for place, wanted in enumerate(unit.order) if wanted in names]
        if named:
            return (0, named[0], index)
        return (2, sid == "ListLanding", index) if _is_seldom(sid, action) else (1, 0, index)

    granted = [
        (index, statement["Sid"], action)
        for index, statement in enumerate(whole["Statement"])
        for action in statement["Action"]
    ]
    done = ""  # once the work is done without an action, nothing more is missed
    for index, sid, action in sorted(granted, key=rank):
        if action in NOT_PROVABLE:
            yield Verdict(unit.role, sid, action, False, NOT_PROVABLE[action])
            continue
        if done:
            said = f"not tried: the work was done without {done}"
            said = f"{said}; {SELDOM[action]}" if _is_seldom(sid, action) else said
            yield Verdict(unit.role, sid, action, False, said)
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
        if not said:
            done = f"{action} ({sid})"
            said = SELDOM[action] if _is_seldom(sid, action) else "not missed"
            yield Verdict(unit.role, sid, action, False, said)
            continue
        assert _DENIED.search(said), f"{unit.role} failed without {action} ({sid}), but: {said}"
        yield Verdict(unit.role, sid, action, True, said)
    if not done:
        said = unit.run()
        assert not said, f"{unit.role} is whole again, and yet: {said}"
