"""The states that machines are made of, in the Amazon States Language; imports nothing else.

`${Name}` stands for the ARN or name of a resource of that logical id: CloudFormation fills it in.
Only references and counts travel from state to state.
"""

from admw_assets.core.step import Stage, StepKind
from aws_deploy.compiler.cloudformation import Json, Object
from aws_deploy.compiler.names import Function, function_id, logical
from aws_deploy.compiler.retries import glue_retries, lambda_retries
from aws_deploy.environment import Environment

States = dict[str, Json]

RECORD_START = "Record start"
RECORD_COMPLETION = "Record completion"
RECORD_FAILURE = "Record failure"
FAILED = "Failed"
DONE = "Done"

FILE_INPUT = ("file", "location", "table", "size", "run_id")
"""What an execution of a stage is given."""

SERVICE_SECONDS = {Function.START: 900, Function.TRACKER: 120, Function.DB_INIT: 300}
"""The longest that these functions may take; start also takes stages back."""

GRACE_SECONDS = 60
"""What a state waits for a function beyond the function's own limit."""


def file_input(prefix: str = "$") -> Object:
    """The input of a stage's execution, picked from a place in the state's data."""
    return {f"{name}.$": f"{prefix}.{name}" for name in FILE_INPUT}


def catch(then: str = RECORD_FAILURE, place: str = "$.error") -> list[Json]:
    """Every error, kept beside the data, leads to one state."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": place, "Next": then}]


def invoke(
    function: str,
    payload: Json,
    then: str,
    *,
    seconds: int,
    result: str | None = None,
    on_error: str = RECORD_FAILURE,
    comment: str,
) -> Object:
    """A Lambda function's call; `result` is where its answer goes, None drops it."""
    state: Object = {
        "Type": "Task",
        "Comment": comment,
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"${{{function}}}", "Payload": payload},
        "ResultPath": result,
        "TimeoutSeconds": seconds + GRACE_SECONDS,
        "Retry": lambda_retries(),
        "Catch": catch(on_error),
        "Next": then,
    }
    if result is not None:
        state["ResultSelector"] = {"result.$": "$.Payload"}
    return state


def call(
    function: Function,
    payload: Json,
    then: str,
    *,
    result: str | None = None,
    on_error: str = RECORD_FAILURE,
    comment: str,
) -> Object:
    """A call of start or tracker."""
    return invoke(
        function_id(function),
        payload,
        then,
        seconds=SERVICE_SECONDS[function],
        result=result,
        on_error=on_error,
        comment=comment,
    )


def record(event: str, stage: Stage, then: str, comment: str, **more: Json) -> Object:
    """The tracker is told how the stage stands."""
    payload: Object = {"event": event, "stage": stage.value, "input": file_input(), **more}
    return call(Function.TRACKER, payload, then, comment=comment)


def step_in_lambda(
    environment: Environment, stage: Stage, step: StepKind, result: str, then: str
) -> Object:
    """A step in its Lambda function."""
    payload: Object = {**_request(stage, step, "")}
    return invoke(
        function_id(stage, step),
        payload,
        then,
        result=result,
        seconds=environment.functions.timeout_seconds,
        comment=f"The step {step} of the {stage} stage, in Lambda.",
    )


def step_in_glue(
    environment: Environment, stage: Stage, step: StepKind, result: str, then: str
) -> Object:
    """A step in its Glue job; waits until the run has ended."""
    glue = environment.glue
    return {
        "Type": "Task",
        "Comment": f"The step {step} of the {stage} stage, in Glue.",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {
            "JobName": f"${{{logical(stage, step, 'Job')}}}",
            "Arguments": _request(stage, step, "--"),
        },
        "ResultSelector": {"job_run_id.$": "$.Id"},
        "ResultPath": result,
        "TimeoutSeconds": (glue.timeout_minutes + glue.queue_minutes) * 60,
        "Retry": glue_retries(environment),
        "Catch": catch(),
        "Next": then,
    }


def by_size(environment: Environment, small: str, large: str) -> Object:
    """Files up to the limit go one way, larger ones and those of unknown size the other."""
    megabytes = environment.lambda_limit_mb
    return {
        "Type": "Choice",
        "Comment": f"Lambda up to {megabytes} MB, Glue above.",
        "Choices": [
            {
                "And": [
                    {"Variable": "$.size", "IsPresent": True},
                    {"Variable": "$.size", "NumericLessThanEquals": megabytes * 1_000_000},
                ],
                "Next": small,
            }
        ],
        "Default": large,
    }


def failure_states(stage: Stage) -> States:
    """What every Catch of a stage's machine leads to."""
    failure = record(
        "failed",
        stage,
        FAILED,
        "The tracker marks the stage as failed and sends the alert.",
        **{"error.$": "$.error"},
    )
    failure["Catch"] = catch(FAILED, "$.record_error")
    return {RECORD_FAILURE: failure, FAILED: failed()}


def failed() -> Object:
    """The end of an execution that failed, with the error that it failed with."""
    return {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}


def _request(stage: Stage, step: StepKind, prefix: str) -> Object:
    """A StepRequest, for a payload or (`--`) for a job's arguments."""
    return {
        f"{prefix}location.$": "$.location",
        f"{prefix}table.$": "$.table",
        f"{prefix}stage": stage.value,
        f"{prefix}step": step.value,
        f"{prefix}run_id.$": "$.run_id",
    }
