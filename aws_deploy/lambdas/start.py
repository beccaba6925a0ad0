"""Starts executions: for uploads, for people, for what is ready; imports core, steps, runtime.

Events: an S3 upload from EventBridge; `{"file", "stage"?, "table"?, "restart"?}` from the command
line; `{"ready": true}` after a stage has completed; `{"plan": {"stage", "wave", "tables"?,
"since"?}}` from the machine of a whole migration, which starts what the answer lists.
"""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from admw_assets.core.migration import Migration
    from admw_assets.core.ports import StageState, Tracker
    from admw_assets.core.step import Stage
    from admw_assets.engines.storage.s3 import S3, S3Object
    from admw_assets.runtime.aws_settings import AwsSettings
    from aws_deploy.lambdas.execution_names import Cause

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

MOST_TASKS = 200
"""In one plan: a state's payload may have 256 KiB (Step Functions quotas)."""
MOST_READY = 1000
"""Started by one call; the next one goes on."""
_RUNNING = "RUNNING"


def handler(event: Json, context: object = None) -> dict[str, Any]:
    """Take one event; returns what was started, or what a plan has found."""
    from admw_assets.runtime.aws_settings import read_aws_settings
    from aws_deploy.lambdas.logs import log_to_cloudwatch

    log_to_cloudwatch()
    with Starter(read_aws_settings(os.environ)) as starter:
        if "plan" in event:
            return starter.plan(event["plan"])
        if event.get("ready"):
            return starter.start_ready()
        if "detail" in event:
            return starter.uploaded(event["detail"])
        return starter.asked(event)


class Starter:
    """What one call works with; parts are opened when they are first needed."""

    def __init__(self, settings: "AwsSettings") -> None:
        self._settings = settings
        self._open = ExitStack()

    def __enter__(self) -> "Starter":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def _migration(self) -> "Migration":
        from admw_assets.runtime.aws import open_migration

        return self._open.enter_context(open_migration(self._settings))

    @cached_property
    def _tracker(self) -> "Tracker":
        from admw_assets.runtime.aws import open_tracker

        return self._open.enter_context(open_tracker(self._settings))

    @cached_property
    def _s3(self) -> "S3":
        from admw_assets.engines.storage.s3 import S3
        from admw_assets.runtime.aws import aws_client

        return S3(aws_client("s3"))

    @cached_property
    def _machines(self) -> Any:
        from admw_assets.runtime.aws import aws_client

        return aws_client("stepfunctions")

    # ------------------------------------------------------------ uploads

    def uploaded(self, detail: Json) -> dict[str, object]:
        """Start the preliminary stage of every table that an uploaded file feeds.

        What is no data file of the migration is told by mail. An event that comes twice, or for an
        object that is gone, starts nothing.
        """
        from admw_assets.core.errors import AdmwError
        from admw_assets.core.step import Stage

        key = str(detail["object"]["key"])
        if key.endswith("/"):
            return _nothing(key, "a folder")
        try:
            tables = self._tables_fed_by(key)
        except AdmwError as err:
            self._tell_refusal(key, str(err))
            return _nothing(key, str(err))
        found = self._object(key)
        if found is None:
            return _nothing(key, "it is gone")
        started: list[dict[str, object]] = []
        for table in tables:
            state = self._tracker.state(key, table, Stage.PRELIMINARY)
            cause = self._cause(key, table, Stage.PRELIMINARY, state, found)
            if state is not None and state.status == _RUNNING:
                started.append(_nothing(key, f"{table} is running as {state.run_id}"))
            elif state is not None and state.run_id.endswith(f"-{cause.mark}"):
                started.append(_nothing(key, f"{table} was started for this upload before"))
            else:
                started.append(self._start(cause, found.size))
        return {"started": started}

    def _tables_fed_by(self, key: str) -> tuple[str, ...]:
        """Raises AdmwError where a key is not the name of a data file of this migration."""
        from admw_assets.core.errors import DataFileError

        if "/" in key:
            raise DataFileError(
                f"{key} lies in a folder.",
                next_step="Upload data files to the top of the bucket.",
            )
        return self._migration.tables_fed_by(key)

    def _tell_refusal(self, key: str, reason: str) -> None:
        from admw_assets.engines.notify.sns_notifier import SnsNotifier
        from admw_assets.runtime.aws import aws_client
        from aws_deploy.lambdas.mails import refused

        mail = refused(key, self._settings.landing, reason)
        notifier = SnsNotifier(aws_client("sns"), self._settings.alerts_topic)
        notifier.notify(mail.subject, mail.text)

    # ------------------------------------------------------------ people

    def asked(self, event: Json) -> dict[str, object]:
        """Start a stage of a file, for one table or for all that it feeds; first undo it, where
        a restart is asked for.

        Raises ConfigurationError where it is running, or where there is nothing to start from.
        """
        from admw_assets.core.errors import ConfigurationError
        from admw_assets.core.step import Stage

        file = str(event["file"]).rpartition("/")[2]
        stage = Stage(event.get("stage") or Stage.PRELIMINARY)
        fed = self._tables_fed_by(file)
        wanted = str(event.get("table") or "").casefold()
        tables = [table for table in fed if wanted in ("", table.casefold())]
        if not tables:
            raise ConfigurationError(
                f"{file} feeds {', '.join(fed)}, not {event['table']}.",
                next_step="Leave the table out, or give one of these.",
            )
        for table in tables:
            self._require_not_running(file, table, stage)
        if event.get("restart"):
            self._take_back(file, tables, stage)
        found = self._object(file)
        if found is None and stage is Stage.PRELIMINARY:
            raise ConfigurationError(
                f"There is no {file} in {self._settings.landing}.",
                next_step="Upload it; a file that was finished before comes back from the archive "
                "by a restart.",
            )
        started: list[dict[str, object]] = []
        for table in tables:
            state = self._tracker.state(file, table, stage)
            cause = self._cause(file, table, stage, state, found)
            started.append(self._start(cause, found.size if found else 0))
        return {"started": started}

    def _require_not_running(self, file: str, table: str, stage: "Stage") -> None:
        from admw_assets.core.errors import ConfigurationError

        state = self._tracker.state(file, table, stage)
        if state is None or state.status != _RUNNING or not self._is_running(state):
            return
        raise ConfigurationError(
            f"{stage}/{table} of {file} is running as {state.run_id}.",
            next_step="Wait until it has ended, or stop that execution first.",
        )

    def _is_running(self, state: "StageState") -> bool:
        """Whether the execution that the tracker names is really on its way."""
        from botocore.exceptions import ClientError

        machine = self._machine(state.stage)
        arn = machine.replace(":stateMachine:", ":execution:") + f":{state.run_id}"
        try:
            return self._machines.describe_execution(executionArn=arn)["status"] == _RUNNING
        except ClientError as err:
            if err.response["Error"]["Code"] in ("ExecutionDoesNotExist", "InvalidArn"):
                return False
            raise

    def _take_back(self, file: str, tables: Sequence[str], stage: "Stage") -> None:
        """Undo a stage, children before parents; a preliminary one with the final one on it."""
        from admw_assets.core.ports import Event
        from admw_assets.core.step import Stage, Status
        from admw_assets.runtime.aws import open_ports
        from admw_assets.steps.runner import restart_stage

        location = self._location(file)
        with open_ports(self._settings) as ports:
            for table in reversed(tables):
                final = ports.tracker.state(file, table, Stage.FINAL)
                if final is not None:
                    self._require_not_running(file, table, Stage.FINAL)
                    restart_stage(location, table, Stage.FINAL, ports, "restart")
            if stage is Stage.FINAL:
                return
            for table in reversed(tables):
                restart_stage(location, table, Stage.PRELIMINARY, ports, "restart")
                final = ports.tracker.state(file, table, Stage.FINAL)
                if final is not None:
                    held = replace(
                        final,
                        status=Status.BLOCKED,
                        message="Waits for the preliminary stage, which was taken back.",
                        updated_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    )
                    event = Event(
                        file,
                        table,
                        Stage.FINAL,
                        held.step,
                        held.status.value,
                        held.attempt,
                        held.run_id,
                        at=held.updated_at,
                        message=held.message,
                    )
                    ports.tracker.record(held, event)

    # ------------------------------------------------------------ final stages

    def start_ready(self) -> dict[str, object]:
        """Start every final stage that may start by itself."""
        from admw_assets.core.step import Stage
        from admw_assets.runtime.aws_settings import FinalStage
        from admw_assets.steps.final_readiness import ready_for_final

        if self._settings.final_stage is FinalStage.MANUAL:
            return _nothing("final stages", "they are started by hand")
        states = self._tracker.states()
        known = {(s.file, s.table): s for s in states if s.stage is Stage.FINAL}
        started = [
            self._start(
                self._cause(file, table, Stage.FINAL, known.get((file, table))), self._size(file)
            )
            for file, table in ready_for_final(self._migration, states)[:MOST_READY]
        ]
        return {"started": started}

    # ------------------------------------------------------------ plans

    def plan(self, asked: Json) -> dict[str, object]:
        """The machine inputs of the executions that are due, at most 200, in load order.

        `tables` narrows a wave down; what has failed since `since` (the beginning of the
        migration) is not due again.
        """
        from admw_assets.core.step import Stage

        stage = Stage(asked["stage"])
        waves = self._migration.waves
        wave = int(asked.get("wave") or 0)
        tables = asked.get("tables")
        if tables is None:
            is_one = stage is Stage.FINAL and wave < len(waves)
            tables = waves[wave] if is_one else [table for w in waves for table in w]
        wanted = {str(table).casefold() for table in tables}
        since = _utc(asked.get("since"))
        find = self._due_preliminary if stage is Stage.PRELIMINARY else self._due_final
        causes = find(wanted, since)
        chosen = causes[:MOST_TASKS]
        return {
            "tasks": [self._input(cause, self._size(cause.file)) for cause in chosen],
            "more": len(causes) > len(chosen),
            "machine": self._machine(stage),
        }

    def _due_preliminary(self, tables: set[str], since: str) -> list["Cause"]:
        from admw_assets.core.data_file import parse_data_file_name
        from admw_assets.core.errors import AdmwError
        from admw_assets.core.step import Stage, Status

        states = {
            (s.file, s.table): s for s in self._tracker.states() if s.stage is Stage.PRELIMINARY
        }
        due: list[tuple[object, int, Cause]] = []
        for found in self._s3.list(f"s3://{self._settings.landing}"):
            key = found.uri.removeprefix(f"s3://{self._settings.landing}/")
            try:
                fed = self._tables_fed_by(key)
            except AdmwError:
                continue  # whoever uploaded it has been told by mail
            for position, table in enumerate(fed):
                state = states.get((key, table))
                if table.casefold() not in tables:
                    continue
                if state is not None and state.status in (Status.COMPLETED, Status.RUNNING):
                    continue
                if state is not None and since and state.updated_at >= since:
                    continue
                cause = self._cause(key, table, Stage.PRELIMINARY, state)
                due.append((parse_data_file_name(key).extracted_at, position, cause))
        due.sort(key=lambda item: (item[0], item[1], item[2].name))
        return [
            replace(cause, version=_version(self._object(cause.file)))
            if number < MOST_TASKS
            else cause
            for number, (_, _, cause) in enumerate(due)
        ]

    def _due_final(self, tables: set[str], since: str) -> list["Cause"]:
        from admw_assets.core.step import Stage
        from admw_assets.steps.final_readiness import ready_for_final

        states = self._tracker.states()
        known = {(s.file, s.table): s for s in states if s.stage is Stage.FINAL}
        ready = ready_for_final(
            self._migration, states, parents_needed=False, failed_before=since or "9"
        )
        return [
            self._cause(file, table, Stage.FINAL, known.get((file, table)))
            for file, table in ready
            if table.casefold() in tables
        ]

    # ------------------------------------------------------------ executions

    def _cause(
        self,
        file: str,
        table: str,
        stage: "Stage",
        state: "StageState | None",
        found: "S3Object | None" = None,
    ) -> "Cause":
        from aws_deploy.lambdas.execution_names import Cause

        attempt = state.attempt + 1 if state else 1
        return Cause(file, table, stage.value, attempt, _version(found))

    def _start(self, cause: "Cause", size: int) -> dict[str, object]:
        """Start an execution; one of that name that has been started already is no error."""
        from botocore.exceptions import ClientError

        from admw_assets.core.step import Stage

        given = self._input(cause, size)
        try:
            self._machines.start_execution(
                stateMachineArn=self._machine(Stage(cause.stage)),
                name=cause.name,
                input=json.dumps(given),
            )
        except ClientError as err:
            if err.response["Error"]["Code"] == "ExecutionAlreadyExists":
                return given | {"status": "started before"}
            raise
        log.info("Started %s", cause.name)
        return given | {"status": "started"}

    def _input(self, cause: "Cause", size: int) -> dict[str, object]:
        return {
            "file": cause.file,
            "location": self._location(cause.file),
            "table": cause.table,
            "size": size,
            "run_id": cause.name,
        }

    def _machine(self, stage: "Stage") -> str:
        from admw_assets.core.step import Stage

        machines: Mapping[Stage, str] = {
            Stage.PRELIMINARY: self._settings.preliminary_machine,
            Stage.FINAL: self._settings.final_machine,
        }
        return machines[stage]

    def _location(self, file: str) -> str:
        return f"s3://{self._settings.landing}/{file}"

    def _object(self, file: str) -> "S3Object | None":
        return self._s3.find(self._location(file))

    def _size(self, file: str) -> int:
        """Bytes of a file; 0 where it has been archived: there is nothing left to pack."""
        found = self._object(file)
        return found.size if found else 0


def _version(found: "S3Object | None") -> str:
    return (found.version or found.etag) if found else ""


def _nothing(what: str, reason: str) -> dict[str, object]:
    log.info("Nothing started for %s: %s", what, reason)
    return {"started": [], "reason": reason}


def _utc(text: object) -> str:
    """A time as the tracker writes it, so that texts can be compared; empty for none."""
    if not text:
        return ""
    moment = datetime.fromisoformat(str(text)).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")
