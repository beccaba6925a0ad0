"""What a change of an execution's status brings with it: metrics, alarms, execution logs."""

import json
import re
from typing import Any

from ministack.services import cloudwatch
from ministack.services import stepfunctions as sfn

from tests.rehearsal.emulator.log_events import put_lines

_METRICS = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}


def install() -> None:
    """Count executions in AWS/States, look at the alarms, write the log that is configured."""
    stock_emit = sfn._emit_execution_status_event

    def emit(execution: dict[str, Any]) -> None:
        stock_emit(execution)
        dimensions = {"StateMachineArn": execution["stateMachineArn"]}
        metric = _METRICS[execution["status"]]
        cloudwatch.record_metric("AWS/States", metric, 1, "Count", dimensions)
        cloudwatch._evaluate_all_alarms()
        if execution["status"] != "RUNNING":
            _write_log(execution)

    sfn._emit_execution_status_event = emit


def _write_log(execution: dict[str, Any]) -> None:
    machine = sfn._state_machines.get(execution["stateMachineArn"], {})
    logging = {k.lower(): v for k, v in (machine.get("loggingConfiguration") or {}).items()}
    level = logging.get("level", "OFF")
    if level == "OFF":
        return
    lines = [
        json.dumps({"execution_arn": execution["executionArn"], **event}, default=str)
        for event in execution["events"]
        if level == "ALL" or "Failed" in event["type"] or "Aborted" in event["type"]
    ]
    for destination in logging.get("destinations") or ():
        if group := re.search(r'log-group:([^:"]+)', json.dumps(destination)):
            stream = f"states/{machine['name']}/{execution['name']}"
            put_lines(group.group(1), stream, "\n".join(lines))
