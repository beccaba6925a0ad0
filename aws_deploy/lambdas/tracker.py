"""Keeps the tracker current and sends the one mail per stage; imports core, runtime, engines.

Events: `{"event": "started|completed|failed", "stage", "input", "error"?}` from the machines, a
change of an execution's status from EventBridge (timed out, aborted: no Catch sees those), and
`{"summary": {...}}` from the machine of a whole migration.
"""

import json
import logging
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from admw_assets.core.ports import StageState
    from admw_assets.runtime.aws_settings import AwsSettings
    from aws_deploy.lambdas.mails import Mail

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

_WAITS_SECONDS = (1.0, 3.0, 9.0)
"""A failure is told even where the database is what has failed; so long it gets to come back."""
_STOPPED = {"TIMED_OUT": "took longer than it may", "ABORTED": "was stopped by somebody"}


def handler(event: Json, context: object = None) -> dict[str, object]:
    """Take one event; returns what was recorded and whether a mail was sent."""
    from admw_assets.runtime.aws_settings import read_aws_settings
    from aws_deploy.lambdas.logs import log_to_cloudwatch

    log_to_cloudwatch()
    settings = read_aws_settings(os.environ)
    if "summary" in event:
        return _summary(event["summary"], settings)
    if "detail" in event:
        return _stopped(event["detail"], settings)
    events = {"started": _started, "completed": _completed, "failed": _failed}
    return events[event["event"]](event, settings)


def _started(event: Json, settings: "AwsSettings") -> dict[str, object]:
    """Mark the stage as running, so that nobody starts it again while its first job starts.

    What has completed stays completed: its steps will be passed over.
    """
    from admw_assets.core.ports import Event
    from admw_assets.core.step import Status
    from admw_assets.runtime.aws import open_tracker

    with open_tracker(settings) as tracker:
        state = _state_of(event, tracker)
        run_id = event["input"]["run_id"]
        if state.status is not Status.COMPLETED and state.run_id != run_id:
            now = _now()
            state = replace(
                state,
                status=Status.RUNNING,
                attempt=state.attempt + 1,
                run_id=run_id,
                message="",
                started_at=now,
                updated_at=now,
            )
            tracker.record(state, _event(state, "STARTED", Event))
    return {"status": state.status.value}


def _completed(event: Json, settings: "AwsSettings") -> dict[str, object]:
    from admw_assets.core.ports import Event
    from admw_assets.core.step import Status
    from admw_assets.runtime.aws import open_tracker
    from aws_deploy.lambdas import mails

    with open_tracker(settings) as tracker:
        state = _state_of(event, tracker)
        if state.status is not Status.COMPLETED:  # all its steps had ended well before
            state = replace(state, status=Status.COMPLETED, message="", updated_at=_now())
            tracker.record(state, _event(state, "COMPLETED", Event))
    _send(mails.completed(state, _region()), settings.summaries_topic)
    return {"status": state.status.value, "mailed": True}


def _failed(event: Json, settings: "AwsSettings") -> dict[str, object]:
    """Record the failure where the step could not; send the alert in any case."""
    from admw_assets.core.errors import AdmwError
    from aws_deploy.lambdas import mails

    recorded = True
    try:
        state = _patiently_recorded(event, settings)
    except AdmwError:
        log.exception("The failure could not be recorded")
        state, recorded = _unknown_state(event), False
    _send(mails.failed(state, _region(), recorded), settings.alerts_topic)
    return {"status": "FAILED", "recorded": recorded, "mailed": True}


def _patiently_recorded(event: Json, settings: "AwsSettings") -> "StageState":
    from admw_assets.core.errors import TransientError

    for wait in _WAITS_SECONDS:
        try:
            return _recorded_failure(event, settings)
        except TransientError as err:
            log.warning("Trying again: %s", err)
            time.sleep(wait)
    return _recorded_failure(event, settings)


def _recorded_failure(event: Json, settings: "AwsSettings") -> "StageState":
    """The failed state, as the step has recorded it or as it is recorded now."""
    from admw_assets.core.ports import Event
    from admw_assets.core.step import Status
    from admw_assets.runtime.aws import open_tracker
    from aws_deploy.lambdas.mails import reason_of

    run_id = event["input"]["run_id"]
    with open_tracker(settings) as tracker:
        state = _state_of(event, tracker)
        is_mine = state.run_id == run_id
        if is_mine and state.status is Status.FAILED:
            return state
        failed = replace(
            state,
            status=Status.FAILED,
            attempt=state.attempt if is_mine else state.attempt + 1,
            run_id=run_id,
            message=reason_of(event.get("error") or {}),
            updated_at=_now(),
        )
        if state.status is not Status.COMPLETED:
            tracker.record(failed, _event(failed, "FAILED", Event))
    return failed


def _stopped(detail: Json, settings: "AwsSettings") -> dict[str, object]:
    """An execution ended from outside: its stage has failed."""
    from admw_assets.core.step import Stage
    from aws_deploy.lambdas import mails

    machines = {
        settings.preliminary_machine: Stage.PRELIMINARY,
        settings.final_machine: Stage.FINAL,
    }
    stage = machines.get(detail["stateMachineArn"])
    status = str(detail["status"])
    if stage is None:
        _send(mails.migration_stopped(detail["name"], status), settings.alerts_topic)
        return {"mailed": True}
    cause = f"The execution {_STOPPED.get(status, status)}; how far it came, its steps know."
    event = {
        "stage": stage.value,
        "input": _input_of(detail),
        "error": {"Error": status, "Cause": cause},
    }
    return _failed(event, settings)


def _input_of(detail: Json) -> Json:
    """The input of an execution; EventBridge leaves out a long one, ours never are."""
    given = json.loads(detail.get("input") or "{}")
    unknown = {"file": "?", "table": "?", "location": "?"}
    return unknown | given | {"run_id": given.get("run_id") or detail["name"]}


def _summary(about: Json, settings: "AwsSettings") -> dict[str, object]:
    """One mail about a whole migration."""
    from admw_assets.core.step import Stage, Status
    from admw_assets.runtime.aws import open_tracker
    from aws_deploy.lambdas import mails

    asked = str(about.get("stage") or "all")
    stages: Iterable[Stage] = [stage for stage in Stage if asked in ("all", stage.value)]
    with open_tracker(settings) as tracker:
        states = [state for state in tracker.states() if state.stage in stages]
    mail = mails.migration_summary(about, states, stages)
    is_bad = bool(about.get("error")) or any(s.status is Status.FAILED for s in states)
    _send(mail, settings.alerts_topic if is_bad else settings.summaries_topic)
    return {"mailed": True, "states": len(states)}


def _state_of(event: Json, tracker: Any) -> "StageState":
    from admw_assets.core.step import Stage

    given = event["input"]
    state = tracker.state(given["file"], given["table"], Stage(event["stage"]))
    return state or _unknown_state(event, attempt=0)


def _unknown_state(event: Json, attempt: int = 1) -> "StageState":
    """What can be said without the tracker."""
    from admw_assets.core.ports import StageState
    from admw_assets.core.step import STAGE_STEPS, Stage, Status
    from aws_deploy.lambdas.mails import reason_of

    given, stage = event["input"], Stage(event["stage"])
    return StageState(
        given["file"],
        given["table"],
        stage,
        Status.FAILED if attempt else Status.BLOCKED,
        STAGE_STEPS[stage][0].value,
        attempt,
        message=reason_of(event["error"]) if event.get("error") else "",
        run_id=given["run_id"] if attempt else "",
        updated_at=_now(),
    )


def _event(state: "StageState", status: str, kind: Any) -> Any:
    return kind(
        state.file,
        state.table,
        state.stage,
        state.step,
        status,
        state.attempt,
        state.run_id,
        at=state.updated_at,
        message=state.message,
    )


def _send(mail: "Mail", topic: str) -> None:
    from admw_assets.engines.notify.sns_notifier import SnsNotifier
    from admw_assets.runtime.aws import aws_client

    SnsNotifier(aws_client("sns"), topic).notify(mail.subject, mail.text)


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
