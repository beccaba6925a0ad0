"""What a stack would have made: buckets, topics with a subscriber, a secret, two machines."""

import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
from sqlalchemy import make_url

BUCKETS = ("landing", "staging", "archive", "reports", "artifacts")
_MACHINE = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}


@dataclass(frozen=True, slots=True)
class Mail:
    """What a subscriber got."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """A stack of a test's own; `variables` are those of its functions and jobs."""

    name: str
    variables: Mapping[str, str]
    queues: Mapping[str, str]

    def bucket(self, kind: str) -> str:
        return f"{self.name}-{kind}"

    def keys(self, kind: str) -> list[str]:
        """The keys of a bucket's objects."""
        found = client("s3").list_objects_v2(Bucket=self.bucket(kind)).get("Contents", [])
        return [entry["Key"] for entry in found]

    def put(self, kind: str, key: str, content: bytes) -> None:
        client("s3").put_object(Bucket=self.bucket(kind), Key=key, Body=content)

    def get(self, kind: str, key: str) -> bytes:
        return client("s3").get_object(Bucket=self.bucket(kind), Key=key)["Body"].read()

    def mails(self, topic: str) -> list[Mail]:
        """What was published since the last call."""
        queue, found = self.queues[topic], []
        while (
            got := client("sqs")
            .receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            .get("Messages")
        ):
            for message in got:
                body = json.loads(message["Body"])
                found.append(Mail(body["Subject"], body["Message"]))
                client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def executions(self, stage: str) -> dict[str, dict[str, Any]]:
        """The inputs of a machine's executions by their names."""
        machines = client("stepfunctions")
        arn = self.variables[f"ADMW_{stage.upper()}_MACHINE"]
        found = machines.list_executions(stateMachineArn=arn)["executions"]
        return {
            entry["name"]: json.loads(
                machines.describe_execution(executionArn=entry["executionArn"])["input"]
            )
            for entry in found
        }

    def wait_until_idle(self, stage: str) -> None:
        """Return once no execution of a machine runs; TimeoutError after 30 seconds."""
        arn, machines = self.variables[f"ADMW_{stage.upper()}_MACHINE"], client("stepfunctions")
        deadline = time.monotonic() + 30
        while machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"an execution of {arn} does not end")
            time.sleep(0.1)


def client(service: str) -> Any:
    return boto3.client(service)


def made_account(database_url: str, migration: Path, folder: Path) -> Account:
    """Make everything; the AWS variables of the emulator are set."""
    name = f"t{uuid4().hex[:10]}"
    s3 = client("s3")
    for kind in BUCKETS:
        s3.create_bucket(
            Bucket=f"{name}-{kind}",
            CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},
        )
    s3.put_bucket_versioning(
        Bucket=f"{name}-landing", VersioningConfiguration={"Status": "Enabled"}
    )
    s3.upload_file(str(_zipped(migration, folder)), f"{name}-artifacts", "migration.zip")
    topics, queues = {}, {}
    for topic in ("alerts", "summaries"):
        topics[topic], queues[topic] = _topic(f"{name}-{topic}")
    variables = {
        "ADMW_MIGRATION": f"s3://{name}-artifacts/migration.zip",
        "ADMW_DATABASE_SECRET": _secret(name, database_url),
        "ADMW_DATABASE_TLS": "off",
        "ADMW_ALERTS_TOPIC": topics["alerts"],
        "ADMW_SUMMARIES_TOPIC": topics["summaries"],
        "ADMW_PRELIMINARY_MACHINE": _machine(f"{name}-preliminary"),
        "ADMW_FINAL_MACHINE": _machine(f"{name}-final"),
        "ADMW_FINAL_STAGE": "automatic",
    } | {f"ADMW_{kind.upper()}": f"{name}-{kind}" for kind in BUCKETS[:4]}
    return Account(name, variables, queues)


def _zipped(migration: Path, folder: Path) -> Path:
    target = folder / "migration.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(migration.iterdir()):
            if file.is_file():
                archive.write(file, file.name)
    return target


def _topic(name: str) -> tuple[str, str]:
    topic = client("sns").create_topic(Name=name)["TopicArn"]
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    known = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    policy = _allow("sns.amazonaws.com", "sqs:SendMessage", Resource=known["QueueArn"])
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=known["QueueArn"])
    return topic, queue


def _allow(service: str, action: str, **more: str) -> str:
    """A policy that lets one of AWS's services do something."""
    granted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [granted]})


def _secret(name: str, database_url: str) -> str:
    url = make_url(database_url)
    text = json.dumps(
        {
            "host": url.host,
            "port": url.port,
            "username": url.username,
            "password": url.password,
            "dbname": url.database,
        }
    )
    return client("secretsmanager").create_secret(Name=name, SecretString=text)["ARN"]


def _machine(name: str) -> str:
    trust = _allow("states.amazonaws.com", "sts:AssumeRole")
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    return client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(_MACHINE), roleArn=role["Role"]["Arn"]
    )["stateMachineArn"]
