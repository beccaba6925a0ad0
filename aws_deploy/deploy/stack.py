"""One CloudFormation stack: change sets, their execution, events, removal; imports botocore."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from aws_deploy.deploy.access import Access
from aws_deploy.deploy.artifact_bucket import LARGEST_BODY, ArtifactBucket
from aws_deploy.deploy.compiled import Template
from aws_deploy.deploy.errors import DeployError, StackFailed, aws_errors
from aws_deploy.deploy.plan import Plan, read_changes

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")
_NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_GONE = "DELETE_COMPLETE"
_GOOD_ENDS = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", _GONE)
_LAG_SECONDS = 30
_FOLLOWS = ("cancelled", "canceled", "Resource creation Initiated")


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of what CloudFormation does."""

    at: datetime
    logical_id: str
    kind: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether something went wrong here, and not only because it did elsewhere."""
        follows = any(text in self.reason for text in _FOLLOWS)
        return self.status.endswith("_FAILED") and not follows


Listener = Callable[[StackEvent], None]


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack by name; `poll` is the number of seconds between two looks at it."""

    access: Access
    name: str
    poll: float = 2.0

    def describe(self) -> Mapping[str, Any] | None:
        """The stack as CloudFormation describes it; None where there is none."""
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"look at the stack {self.name}"):
            try:
                return cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
            except ClientError as err:
                if "does not exist" in str(err):
                    return None
                raise

    def outputs(self) -> dict[str, str]:
        """What the stack tells. Raises DeployError where there is none."""
        found = self.describe()
        if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
            raise DeployError(
                f"There is no stack {self.name} in {self.access.region}.",
                next_step="Deploy first, or name another environment or region.",
            )
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def resources(self) -> list[Mapping[str, Any]]:
        """The resources that the stack has now."""
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"list the resources of {self.name}"):
            pages = cloudformation.get_paginator("list_stack_resources")
            return [
                each
                for page in pages.paginate(StackName=self.name)
                for each in page["StackResourceSummaries"]
                if each["ResourceStatus"] != "DELETE_COMPLETE"
            ]

    def template(self) -> Template:
        """The template that the stack was last deployed with."""
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"read the template of {self.name}"):
            body = cloudformation.get_template(StackName=self.name)["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else dict(body)

    # ------------------------------------------------------------ plan

    def plan(
        self, template: Template, parameters: Mapping[str, str | None], bucket: ArtifactBucket
    ) -> Plan:
        """Make a change set. A parameter that is None keeps its value.

        Raises DeployError where the stack is busy, or CloudFormation refuses the template.
        """
        creates = self._prepared()
        body = json.dumps(template, indent=1)
        source = (
            {"TemplateURL": bucket.upload_template(body)}
            if len(body.encode()) > LARGEST_BODY
            else {"TemplateBody": body}
        )
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"plan the stack {self.name}"):
            change_set = cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=f"admw-{time.time_ns()}",
                ChangeSetType="CREATE" if creates else "UPDATE",
                Capabilities=CAPABILITIES,
                Parameters=[_parameter(*each) for each in parameters.items()],
                Tags=[{"Key": "admw:environment", "Value": self.name}],
                ImportExistingResources=True,
                **source,
            )["Id"]
            described = self._wait_for(change_set)
        if described["Status"] == "FAILED":
            reason = described.get("StatusReason", "")
            self.discard(change_set, creates)
            if any(text in reason for text in _NOTHING_TO_DO):
                return Plan(self.name, creates, None, ())
            raise DeployError(
                f"CloudFormation refuses the template of {self.name}: {reason}",
                next_step="Nothing was changed.",
            )
        old = {} if creates else self.template()
        changes = read_changes(described["Changes"], old, template)
        return Plan(self.name, creates, change_set, changes)

    def discard(self, change_set: str, creates: bool) -> None:
        """Take back a change set, and the empty stack that was made for it."""
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"discard the plan of {self.name}"):
            cloudformation.delete_change_set(ChangeSetName=change_set)
            if creates:
                cloudformation.delete_stack(StackName=self.name)

    def _prepared(self) -> bool:
        """Whether the stack has to be created; the rest of a failed creation is removed."""
        found = self.describe()
        if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return True
        status = found["StackStatus"]
        if status in _NEVER_CREATED:
            self.delete()
            return True
        if status.endswith("_IN_PROGRESS"):
            raise DeployError(
                f"The stack {self.name} is busy ({status}).",
                next_step="Wait until it has finished; `status` tells.",
            )
        if status in ("UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"):
            raise DeployError(
                f"The stack {self.name} is stuck ({status}): {found.get('StackStatusReason', '')}",
                next_step="Remove the reason, then `aws cloudformation "
                f"continue-update-rollback --stack-name {self.name}`, or `destroy`.",
            )
        return False

    def _wait_for(self, change_set: str) -> dict[str, Any]:
        cloudformation = self.access.client("cloudformation")
        while True:
            described = cloudformation.describe_change_set(
                ChangeSetName=change_set, IncludePropertyValues=True
            )
            if described["Status"] in ("CREATE_COMPLETE", "FAILED"):
                break
            time.sleep(min(self.poll, 1.0))
        changes = list(described.get("Changes", ()))
        page = described
        while token := page.get("NextToken"):
            page = cloudformation.describe_change_set(
                ChangeSetName=change_set, IncludePropertyValues=True, NextToken=token
            )
            changes += page.get("Changes", ())
        return {**described, "Changes": changes}

    # ------------------------------------------------------------ apply, delete

    def apply(self, plan: Plan, listener: Listener) -> None:
        """Execute a plan. Raises StackFailed with the first reason; AWS has then rolled back."""
        assert plan.change_set is not None, "an empty plan has nothing to apply"
        cloudformation = self.access.client("cloudformation")
        seen = {event["EventId"] for event in self._events_since(set(), self.name)}
        with aws_errors(f"deploy the stack {self.name}"):
            cloudformation.execute_change_set(ChangeSetName=plan.change_set)
        self._follow(seen, listener, self.name)

    def delete(self, listener: Listener = lambda event: None) -> None:
        """Delete the stack; what its policies retain stays. Raises StackFailed."""
        found = self.describe()
        if found is None:
            return
        cloudformation = self.access.client("cloudformation")
        seen = {event["EventId"] for event in self._events_since(set(), self.name)}
        with aws_errors(f"delete the stack {self.name}"):
            cloudformation.delete_stack(StackName=self.name)
        self._follow(seen, listener, found["StackId"])

    def _follow(self, seen: set[str], listener: Listener, name: str) -> None:
        """Tell events until the stack rests; the first failure is the reason that is given.

        The stack's status may lag behind the request, so it counts once an event has told it too.
        """
        first_failure: StackEvent | None = None
        told = ""
        deadline = time.monotonic() + _LAG_SECONDS
        while True:
            status = self._status(name)
            for event in self._new_events(seen, name):
                deadline = time.monotonic() + _LAG_SECONDS
                if event.kind == "AWS::CloudFormation::Stack" and event.logical_id == self.name:
                    told = event.status
                if event.failed and first_failure is None:
                    first_failure = event
                listener(event)
            rests = not status.endswith("_IN_PROGRESS")
            if rests and (status in (told, _GONE) or time.monotonic() > deadline):
                break
            time.sleep(self.poll)
        if status in _GOOD_ENDS:
            return
        reason = (
            f"{first_failure.logical_id} ({first_failure.kind}): {first_failure.reason}"
            if first_failure
            else f"CloudFormation says {status}."
        )
        raise StackFailed(
            reason,
            next_step=f"The stack {self.name} is {status}: {_MEANING.get(status, 'see `status`.')}",
            status=status,
        )

    def _status(self, name: str) -> str:
        cloudformation = self.access.client("cloudformation")
        with aws_errors(f"look at the stack {self.name}"):
            try:
                return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            except ClientError as err:
                if "does not exist" in str(err):
                    return _GONE
                raise

    def _new_events(self, seen: set[str], name: str) -> Iterator[StackEvent]:
        """Events that were not told yet, oldest first."""
        for event in reversed(self._events_since(seen, name)):
            seen.add(event["EventId"])
            yield StackEvent(
                event["Timestamp"],
                event["LogicalResourceId"],
                event["ResourceType"],
                event["ResourceStatus"],
                event.get("ResourceStatusReason", ""),
            )

    def _events_since(self, seen: set[str], name: str) -> list[Mapping[str, Any]]:
        """Newest first, up to the first that was seen."""
        cloudformation = self.access.client("cloudformation")
        found: list[Mapping[str, Any]] = []
        with aws_errors(f"read the events of {self.name}"):
            try:
                pages = cloudformation.get_paginator("describe_stack_events")
                for page in pages.paginate(StackName=name):
                    for event in page["StackEvents"]:
                        if event["EventId"] in seen:
                            return found
                        found.append(event)
            except ClientError as err:
                if "does not exist" not in str(err):
                    raise
        return found


_MEANING = {
    "ROLLBACK_COMPLETE": "nothing of it was kept; correct the reason and deploy again.",
    "UPDATE_ROLLBACK_COMPLETE": "the version before works on; correct the reason and deploy again.",
    "DELETE_FAILED": "remove the reason and destroy again.",
}


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}
