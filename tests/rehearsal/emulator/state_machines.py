"""State machines act as their own role, and run Glue jobs and other machines.

`glue:startJobRun(.sync)` and `states:startExecution.sync:2` as AWS documents them: a failed job or
execution is `States.TaskFailed` with its description as JSON in Cause; an error of the API is
`<Service>.<Code>`.
"""

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import stepfunctions as sfn

from tests.rehearsal.emulator.sessions import RoleSessions

_POLL_SECONDS = 0.2
_role: ContextVar[str] = ContextVar("role", default="")

Call = Callable[..., dict[str, Any]]


def install(sessions: RoleSessions) -> None:
    """Route every task of a state machine through a client with the machine's role."""
    stock_task = sfn._execute_task
    stock_nested = sfn._invoke_nested_start_execution_sync

    def execute_task(state: Any, given: Any, execution: Any, context: Any) -> Any:
        machine = sfn._state_machines.get((execution or {}).get("stateMachineArn", ""), {})
        token = _role.set(machine.get("roleArn", ""))
        try:
            return stock_task(state, given, execution, context)
        finally:
            _role.reset(token)

    def call(service: str, operation: str, prefix: str, **parameters: Any) -> dict[str, Any]:
        client = sessions.client(service, _role.get(), "StepFunctions")
        try:
            answer = getattr(client, operation)(**parameters)
        except ClientError as err:
            code = err.response["Error"]["Code"]
            raise sfn._ExecutionError(f"{prefix}.{code}", str(err)) from err
        answer.pop("ResponseMetadata", None)
        return answer

    def invoke_lambda(function: str, event: Any) -> Any:
        answer = call(
            "lambda", "invoke", "Lambda", FunctionName=function, Payload=json.dumps(event)
        )
        body = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise sfn._ExecutionError(body.get("errorType", "Lambda.Unknown"), json.dumps(body))
        return body

    def publish(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
        message = parameters["Message"]
        text = message if isinstance(message, str) else json.dumps(message)
        return call("sns", "publish", "SNS", **{**parameters, "Message": text})

    def nested(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if not resource.endswith(".sync:2"):
            return stock_nested(resource, parameters)
        return _run_execution(call, parameters)

    sfn._execute_task = execute_task
    sfn._call_lambda = invoke_lambda
    sfn._invoke_nested_start_execution_sync = nested
    sfn._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] = publish
    sfn._SERVICE_DISPATCH["arn:aws:states:::glue:startJobRun"] = lambda resource, parameters: (
        _run_job(call, parameters, wait=resource.endswith(".sync"))
    )


def _run_job(call: Call, parameters: dict[str, Any], wait: bool) -> dict[str, Any]:
    name = parameters["JobName"]
    run_id = call("glue", "start_job_run", "Glue", **parameters)["JobRunId"]
    if not wait:
        return {"JobRunId": run_id, "JobName": name}
    while True:
        run = call("glue", "get_job_run", "Glue", JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] in ("SUCCEEDED", "STOPPED"):
            return _as_in_states(run)
        if run["JobRunState"] in ("FAILED", "TIMEOUT", "ERROR", "EXPIRED"):
            raise sfn._ExecutionError("States.TaskFailed", json.dumps(_as_in_states(run)))
        time.sleep(_POLL_SECONDS)


def _run_execution(call: Call, parameters: dict[str, Any]) -> dict[str, Any]:
    given = parameters.get("Input", {})
    request = {
        "stateMachineArn": parameters["StateMachineArn"],
        "input": given if isinstance(given, str) else json.dumps(given),
    }
    if "Name" in parameters:
        request["name"] = parameters["Name"]
    arn = call("stepfunctions", "start_execution", "StepFunctions", **request)["executionArn"]
    while True:
        found = call("stepfunctions", "describe_execution", "StepFunctions", executionArn=arn)
        if found["status"] != "RUNNING":
            break
        time.sleep(_POLL_SECONDS)
    description = {k[:1].upper() + k[1:]: v for k, v in _as_in_states(found).items()}
    if found["status"] != "SUCCEEDED":
        raise sfn._ExecutionError("States.TaskFailed", json.dumps(description))
    return {**description, "Output": json.loads(found.get("output") or "{}")}


def _as_in_states(description: dict[str, Any]) -> dict[str, Any]:
    """Times as epoch milliseconds, which is how Step Functions shows them."""
    return {
        key: int(value.timestamp() * 1000) if hasattr(value, "timestamp") else value
        for key, value in description.items()
    }
