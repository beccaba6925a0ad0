"""Plan, deploy, destroy: one environment's artifacts and stack together; imports no library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from aws_deploy.deploy.access import Access
from aws_deploy.deploy.artifact_bucket import ArtifactBucket
from aws_deploy.deploy.buckets import empty_bucket, remove_bucket
from aws_deploy.deploy.compiled import Compiled, for_account
from aws_deploy.deploy.errors import DeployError, aws_errors
from aws_deploy.deploy.parameters import parameter_values
from aws_deploy.deploy.plan import HOLDS_DATA, Plan
from aws_deploy.deploy.stack import Listener, Stack


@dataclass(frozen=True, slots=True)
class Leftover:
    """A resource that a destroy takes away or leaves."""

    logical_id: str
    kind: str
    physical_id: str
    policy: str  # Delete, Retain, Snapshot

    @property
    def is_data(self) -> bool:
        """Whether it holds what deploying again does not bring back."""
        return self.kind in HOLDS_DATA


@dataclass(frozen=True, slots=True)
class Deployment:
    """One environment in one account and region."""

    access: Access
    account: str
    prefix: str
    poll: float = 2.0

    @property
    def stack(self) -> Stack:
        """The environment's stack, called as its prefix."""
        return Stack(self.access, self.prefix, self.poll)

    @property
    def artifacts(self) -> ArtifactBucket:
        """The bucket beside the stack."""
        name = f"{self.prefix}-artifacts-{self.account}-{self.access.region}"
        return ArtifactBucket(self.access, name)

    def plan(
        self, compiled: Compiled, given: Mapping[str, str], environment: Mapping[str, str]
    ) -> Plan:
        """Upload what is new, and make a change set that waits to be applied or discarded."""
        found = self.stack.describe()
        deployed = {each["ParameterKey"] for each in (found or {}).get("Parameters", ())}
        if found is not None and found["StackStatus"] in (
            "REVIEW_IN_PROGRESS",
            "ROLLBACK_COMPLETE",
        ):
            deployed = set()
        values = parameter_values(
            compiled.parameters(), deployed, given, self.artifacts.name, environment
        )
        self.artifacts.ensure()
        uploads = self.artifacts.upload(compiled.artifacts)
        template = for_account(
            compiled.template, self.account, self.access.region, self.access.partition
        )
        plan = self.stack.plan(template, values, self.artifacts)
        return replace(plan, uploads=tuple(uploads))

    def apply(self, plan: Plan, listener: Listener) -> None:
        """Execute the plan. Raises StackFailed."""
        self.stack.apply(plan, listener)

    def discard(self, plan: Plan) -> None:
        """Leave everything as it is."""
        if plan.change_set is not None:
            self.stack.discard(plan.change_set, plan.creates)

    def contents(self) -> list[Leftover]:
        """What the stack holds, with what its policies say about each."""
        if self.stack.describe() is None:
            raise DeployError(
                f"There is no stack {self.prefix} in {self.access.region}.",
                next_step="Nothing is to be destroyed.",
            )
        declared = self.stack.template().get("Resources", {})
        return [
            Leftover(
                each["LogicalResourceId"],
                each["ResourceType"],
                each.get("PhysicalResourceId", ""),
                declared.get(each["LogicalResourceId"], {}).get("DeletionPolicy", "Delete"),
            )
            for each in self.stack.resources()
        ]

    def destroy(
        self,
        contents: list[Leftover],
        delete_data: bool,
        listener: Listener,
        say: Callable[[str], None],
    ) -> None:
        """Delete the stack; with `delete_data` also the buckets that it retains.

        Buckets that go must be empty first. Snapshots of databases stay.
        """
        buckets = [each for each in contents if each.kind == "AWS::S3::Bucket"]
        for bucket in buckets:
            if bucket.policy == "Delete":
                say(f"Emptying {bucket.physical_id}")
                empty_bucket(self.access, bucket.physical_id)
        self.stack.delete(listener)
        if not delete_data:
            return
        for bucket in buckets:
            if bucket.policy != "Delete":
                say(f"Removing {bucket.physical_id} with everything in it")
                remove_bucket(self.access, bucket.physical_id)
        if self.artifacts.exists():
            say(f"Removing {self.artifacts.name} with everything in it")
            remove_bucket(self.access, self.artifacts.name)

    def unconfirmed(self) -> list[str]:
        """The e-mail addresses that have not confirmed their subscription: they get no mail."""
        sns = self.access.client("sns")
        waiting: set[str] = set()
        for name, topic in self.stack.outputs().items():
            if not name.endswith("Topic"):
                continue
            with aws_errors("list the subscriptions"):
                pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
                waiting |= {
                    each["Endpoint"]
                    for page in pages
                    for each in page["Subscriptions"]
                    if each["SubscriptionArn"] == "PendingConfirmation"
                }
        return sorted(waiting)
