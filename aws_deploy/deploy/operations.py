"""What a running stack is asked and told: start, restart, status, logs, tables; imports core.

Everything goes through the stack's own functions, so that a command from here does what an upload
does.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aws_deploy.deploy.access import Access
from aws_deploy.deploy.errors import DeployError, aws_errors
from aws_deploy.deploy.stack import Stack

MACHINES = ("PreliminaryStateMachine", "FinalStateMachine", "MigrationStateMachine")
_NEWEST = 50


@dataclass(frozen=True, slots=True)
class ExecutionLine:
    """One execution of a state machine, as status shows it."""

    machine: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None
    arn: str
    file: str = ""
    table: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log."""

    at: float  # seconds since 1970
    group: str
    message: str


@dataclass(frozen=True, slots=True)
class Operations:
    """A deployed stack."""

    access: Access
    stack: Stack

    def create_tables(self) -> list[str]:
        """Create the tables that are missing; a sentence for each.

        Raises DeployError where the function does not reach the database.
        """
        answer = self._invoke("DbInitFunction", {}, "create the tables")
        made = answer.get("made", ()) if isinstance(answer, dict) else ()
        return [str(sentence) for sentence in made]

    def upload(self, file: Path) -> str:
        """Put a file into landing, where its arrival starts it; returns its address."""
        bucket = self._output("LandingBucket")
        s3 = self.access.client("s3")
        with aws_errors(f"upload {file.name} to {bucket}"):
            s3.upload_file(str(file), bucket, file.name)
        return f"s3://{bucket}/{file.name}"

    def start(self, file: str, stage: str, restart: bool) -> Any:
        """Start a stage of a file that is in landing; what the start function says."""
        event = {"file": file, "stage": stage, "restart": restart}
        return self._invoke("StartFunction", event, f"start {file}")

    def start_migration(self, stage: str) -> str:
        """Start a batch over everything that waits; the ARN of its execution."""
        states = self.access.client("stepfunctions")
        machine = self._output("MigrationStateMachine")
        with aws_errors("start the migration"):
            return states.start_execution(
                stateMachineArn=machine, input=json.dumps({"stage": stage})
            )["executionArn"]

    def executions(self, newest: int = _NEWEST) -> list[ExecutionLine]:
        """The newest executions of each machine, the newest first."""
        states = self.access.client("stepfunctions")
        outputs = self.stack.outputs()
        found: list[ExecutionLine] = []
        for output in MACHINES:
            if output not in outputs:
                continue
            with aws_errors("list the executions"):
                listed = states.list_executions(stateMachineArn=outputs[output], maxResults=newest)
            found += [self._line(output, each) for each in listed["executions"]]
        return sorted(found, key=lambda line: line.started, reverse=True)

    def describe(self, line: ExecutionLine) -> ExecutionLine:
        """The same with file, table and, where it failed, the error."""
        states = self.access.client("stepfunctions")
        with aws_errors(f"look at the execution {line.name}"):
            described = states.describe_execution(executionArn=line.arn)
        given = _json(described.get("input"))
        told = _json(described.get("cause"))
        cause = told.get("errorMessage") or told.get("ErrorMessage") or described.get("cause") or ""
        error = ": ".join(part for part in (described.get("error"), cause) if part)
        return ExecutionLine(
            line.machine,
            line.name,
            line.status,
            line.started,
            line.stopped,
            line.arn,
            str(given.get("file") or given.get("stage") or ""),
            str(given.get("table") or ""),
            error,
        )

    def alarms(self) -> list[str]:
        """The alarms of the stack that ring now."""
        cloudwatch = self.access.client("cloudwatch")
        with aws_errors("look at the alarms"):
            pages = cloudwatch.get_paginator("describe_alarms")
            return sorted(
                alarm["AlarmName"]
                for page in pages.paginate(AlarmNamePrefix=self.stack.name, StateValue="ALARM")
                for alarm in page["MetricAlarms"]
            )

    def undelivered(self) -> int:
        """Events and messages that nobody took."""
        queues = [
            each for each in self.stack.resources() if each["ResourceType"] == "AWS::SQS::Queue"
        ]
        sqs = self.access.client("sqs")
        count = 0
        for queue in queues:
            with aws_errors("look at the queue of undelivered events"):
                told = sqs.get_queue_attributes(
                    QueueUrl=queue["PhysicalResourceId"],
                    AttributeNames=["ApproximateNumberOfMessages"],
                )
            count += int(told["Attributes"]["ApproximateNumberOfMessages"])
        return count

    def logs(self, text: str | None, since_seconds: float) -> Iterator[LogLine]:
        """Lines of all logs of the stack, oldest first; `text`: only those that hold it."""
        logs = self.access.client("logs")
        start = int((time.time() - since_seconds) * 1000)
        groups = [
            each["PhysicalResourceId"]
            for each in self.stack.resources()
            if each["ResourceType"] == "AWS::Logs::LogGroup"
        ]
        lines: list[LogLine] = []
        for group in sorted(groups):
            asked: dict[str, Any] = {"logGroupName": group, "startTime": start}
            if text:
                asked["filterPattern"] = json.dumps(text)
            with aws_errors(f"read the log {group}"):
                for page in logs.get_paginator("filter_log_events").paginate(**asked):
                    lines += [
                        LogLine(event["timestamp"] / 1000, group, event["message"].rstrip())
                        for event in page["events"]
                    ]
        yield from sorted(lines, key=lambda line: line.at)

    def _line(self, output: str, listed: Mapping[str, Any]) -> ExecutionLine:
        return ExecutionLine(
            output.removesuffix("StateMachine").lower(),
            listed["name"],
            listed["status"],
            listed["startDate"],
            listed.get("stopDate"),
            listed["executionArn"],
        )

    def _invoke(self, output: str, event: Mapping[str, object], doing: str) -> Any:
        functions = self.access.client("lambda")
        with aws_errors(doing):
            answer = functions.invoke(
                FunctionName=self._output(output), Payload=json.dumps(event).encode()
            )
        body = json.loads(answer["Payload"].read() or b"null")
        if not answer.get("FunctionError"):
            return body
        told = body if isinstance(body, dict) else {}
        kind, message = told.get("errorType", "Error"), told.get("errorMessage", str(body))
        if kind in ("DatabaseUnavailable", "OperationalError") or "timed out" in message:
            raise DeployError(
                f"Could not {doing}: the function does not reach the database. {message}",
                next_step="Look at host, port, user and password in the secret, at the subnets and "
                "at the security groups: the database's must let the functions in.",
            )
        raise DeployError(f"Could not {doing}: {kind}: {message}")

    def _output(self, name: str) -> str:
        outputs = self.stack.outputs()
        if name not in outputs:
            raise DeployError(
                f"The stack {self.stack.name} tells no {name}.",
                next_step="It was deployed by another version: deploy again.",
            )
        return outputs[name]


def _json(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
