"""One account of the emulator with everything in it: database, inbox, deployed stack."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

from admw_assets.core.ports import StageState
from admw_assets.core.step import Stage, Status
from admw_assets.engines.database.tracker import DatabaseTracker
from tests.rehearsal.server import ROOT, Emulator
from tests.rehearsal.timeline import Timeline

PREFIX = "admw-rehearsal"
ENVIRONMENTS = f"""
rehearsal:
  prefix: {PREFIX}
  region: eu-central-1
  final_stage: automatic
  database: {{kind: existing, tls: "off"}}
  notifications:
    alerts: [alerts@example.com]
    summaries: [summaries@example.com]
"""
MACHINES = {
    Stage.PRELIMINARY: "PreliminaryStateMachine",
    Stage.FINAL: "FinalStateMachine",
}
_POLL_SECONDS = 0.2
PATIENCE = 1800  # seconds; a loaded machine may need ten times what an idle one does

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message of SNS as a subscriber gets it."""

    topic: str
    subject: str
    text: str


_making_clients = threading.Lock()


@cache
def _client(service: str, url: str, region: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(read_timeout=900, retries={"max_attempts": 0}),
    )


@dataclass(frozen=True, slots=True)
class Account:
    """What scenarios work with. `folder` is scratch; `compiled` below it what was compiled."""

    emulator: Emulator
    database_url: str
    tracker: DatabaseTracker
    folder: Path
    timeline: Timeline

    @property
    def compiled(self) -> Path:
        """The compiled folder."""
        return self.folder / "compiled"

    def client(self, service: str) -> Any:
        """A client of the account's administrator; any thread may use it."""
        with _making_clients:  # boto3's own session does not stand two threads
            return _client(service, self.emulator.url, self.emulator.region)

    # ------------------------------------------------------------ the command line

    def run(self, command: str, *arguments: str, fails: bool = False) -> str:
        """Run `python -m aws_deploy COMMAND`; returns what it says."""
        path = self.folder / "environments.yaml"
        if not path.exists():
            path.write_text(ENVIRONMENTS)
        line = [sys.executable, "-m", "aws_deploy", command, *arguments]
        line += ["-e", "rehearsal", "--environments", str(path)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "ADMW_"))}
        environment |= self.emulator.environment()
        environment |= {"ADMW_DATABASE_URL": self.database_url, "COLUMNS": "200"}
        done = subprocess.run(
            line, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"{command} ended with {done.returncode}:\n{said}"
        return said

    def compile(self) -> None:
        """Compile for the rehearsal's environment."""
        self.run("compile", "--out", str(self.compiled))

    def deploy(self, *arguments: str, fails: bool = False) -> str:
        """Deploy what is compiled."""
        return self.run("deploy", "--from", str(self.compiled), *arguments, fails=fails)

    def outputs(self) -> dict[str, str]:
        """What the stack tells."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=PREFIX)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    # ------------------------------------------------------------ files, stages, executions

    def upload(self, *files: Path) -> None:
        """Put files into landing."""
        s3, bucket = self.client("s3"), self.outputs()["LandingBucket"]
        for file in files:
            s3.upload_file(str(file), bucket, file.name)

    @contextmanager
    def uploads_start_nothing(self) -> Iterator[None]:
        """The rule that starts what is uploaded rests for as long as the block."""
        events = self.client("events")
        events.disable_rule(Name=f"{PREFIX}-uploaded")
        try:
            yield
        finally:
            events.enable_rule(Name=f"{PREFIX}-uploaded")

    def states(self) -> dict[tuple[str, str, Stage], StageState]:
        """The tracker's states."""
        found = self.tracker.states()
        return {(each.file, each.table, each.stage): each for each in found}

    def state(self, file: str, stage: Stage) -> StageState | None:
        """The state of a file that feeds one table."""
        return next((s for (f, _, g), s in self.states().items() if (f, g) == (file, stage)), None)

    def wait_for(self, file: str, stage: Stage, *statuses: Status, but_not: str = "") -> StageState:
        """Wait until a stage of a file has come to one of these; `but_not`: an older run."""

        def reached() -> StageState | None:
            state = self.state(file, stage)
            fits = state and state.status in statuses and state.run_id != but_not
            return state if fits else None

        return self.wait_until(reached, f"{stage} of {file} to be {' or '.join(statuses)}")

    def wait_until(
        self, look: Callable[[], Found | None], what: str, seconds: float = PATIENCE
    ) -> Found:
        """Look until there is something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(_POLL_SECONDS)
        log = self.emulator.log.read_text()[-3000:]
        raise AssertionError(f"Waited in vain for {what}.\n{log}")

    def execution(self, stage: Stage, run_id: str) -> dict[str, Any]:
        """The execution that a run is, when it has ended."""
        arn = self.outputs()[MACHINES[stage]].replace(":stateMachine:", ":execution:")
        states = self.client("stepfunctions")

        def ended() -> dict[str, Any] | None:
            found = states.describe_execution(executionArn=f"{arn}:{run_id}")
            return found if found["status"] != "RUNNING" else None

        return self.wait_until(ended, f"the end of {run_id}")

    def history(self, stage: Stage, run_id: str) -> list[Mapping[str, Any]]:
        """Everything that happened in an execution."""
        arn = self.outputs()[MACHINES[stage]].replace(":stateMachine:", ":execution:")
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return [
            event
            for page in pages.paginate(executionArn=f"{arn}:{run_id}")
            for event in page["events"]
        ]

    # ------------------------------------------------------------ mails

    def subscribe(self) -> None:
        """Let a queue get what the mail subscribers get."""
        sqs, sns = self.client("sqs"), self.client("sns")
        queue = sqs.create_queue(QueueName=f"{PREFIX}-inbox")["QueueUrl"]
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        arn = told["Attributes"]["QueueArn"]
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        outputs = self.outputs()
        for topic in ("AlertsTopic", "SummariesTopic"):
            sns.subscribe(TopicArn=outputs[topic], Protocol="sqs", Endpoint=arn)

    def mails(self) -> list[Mail]:
        """The messages that have come since the last call."""
        sqs = self.client("sqs")
        queue = sqs.get_queue_url(QueueName=f"{PREFIX}-inbox")["QueueUrl"]
        mails: list[Mail] = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                told = json.loads(message["Body"])
                topic = told["TopicArn"].rpartition("-")[2]
                mails.append(Mail(topic, told.get("Subject") or "", told["Message"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return mails

    def wait_for_mail(self, topic: str, *words: str) -> Mail:
        """Wait for a mail that holds these words; others are read and forgotten."""

        def arrived() -> Mail | None:
            for mail in self.mails():
                if mail.topic == topic and all(word in mail.subject + mail.text for word in words):
                    return mail
            return None

        return self.wait_until(arrived, f"a mail about {', '.join(words)}", 120)
