"""The Lambda functions: start, tracker, db-init, and one for each small step; imports nothing else.

All run the same two archives: ADMW's code and, as a layer, the libraries. boto3 is the runtime's.
"""

from dataclasses import dataclass

from aws_deploy.compiler import policies
from aws_deploy.compiler.cloudformation import (
    ARTIFACT_BUCKET,
    Json,
    Object,
    Resources,
    get,
    ref,
    resource,
)
from aws_deploy.compiler.ir import Runtime
from aws_deploy.compiler.names import LAYER, QUEUE, Function, function_id, logical, step_name
from aws_deploy.compiler.network import function_network
from aws_deploy.compiler.settings_table import settings
from aws_deploy.compiler.states import SERVICE_SECONDS
from aws_deploy.compiler.unit import Unit

RUNTIME = "python3.11"
ARCHITECTURE = "x86_64"
SERVICE_MEMORY_MB = {Function.START: 1024, Function.TRACKER: 512, Function.DB_INIT: 512}

PURPOSES = {
    Function.START: "Starts stages: for an upload, a command, or what has become ready.",
    Function.TRACKER: "Keeps the tracker current and sends the mails.",
    Function.DB_INIT: "Creates the tables that are missing.",
}


@dataclass(frozen=True, slots=True)
class _Function:
    words: tuple[str, ...]
    name: str
    handler: str
    description: str
    statements: list[Json]
    memory_mb: int
    seconds: int
    asynchronous: bool = False
    storage_mb: int | None = None


def lambdas(unit: Unit) -> Resources:
    """The layer; every function with its role and its log group."""
    layer = unit.artifacts.layer
    resources: Resources = {
        LAYER: resource(
            "Lambda::LayerVersion",
            {
                "LayerName": f"{unit.prefix}-dependencies",
                "Description": "The libraries that ADMW needs, in the versions of its lock file.",
                "CompatibleRuntimes": [RUNTIME],
                "CompatibleArchitectures": [ARCHITECTURE],
                "Content": {"S3Bucket": ref(ARTIFACT_BUCKET), "S3Key": layer.key},
            },
        )
    }
    for function in [*_step_functions(unit), *_service_functions(unit)]:
        resources |= _resources(unit, function)
    return resources


def function_names(unit: Unit) -> dict[str, str]:
    """Every function's name by its logical id."""
    functions = [*_step_functions(unit), *_service_functions(unit)]
    return {function_id(*function.words): function.name for function in functions}


def _step_functions(unit: Unit) -> list[_Function]:
    limits = unit.environment.functions
    return [
        _Function(
            (stage, step),
            step_name(unit.prefix, stage, step),
            "aws_deploy.lambdas.step.handler",
            f"The step {step} of the {stage} stage.",
            policies.step_in_lambda(unit, stage, step),
            limits.memory_mb,
            limits.timeout_seconds,
            storage_mb=limits.temporary_storage_mb,
        )
        for (stage, step), runtimes in unit.program.runtimes().items()
        if Runtime.LAMBDA in runtimes
    ]


def _service_functions(unit: Unit) -> list[_Function]:
    return [
        _Function(
            (function,),
            f"{unit.prefix}-{function}",
            f"aws_deploy.lambdas.{function.value.replace('-', '_')}.handler",
            PURPOSES[function],
            policies.function(unit, function),
            SERVICE_MEMORY_MB[function],
            SERVICE_SECONDS[function],
            asynchronous=function is not Function.DB_INIT,
        )
        for function in Function
    ]


def _resources(unit: Unit, function: _Function) -> Resources:
    role, logs = (logical(*function.words, kind) for kind in ("FunctionRole", "FunctionLogs"))
    properties: Object = {
        "FunctionName": function.name,
        "Description": function.description,
        "Runtime": RUNTIME,
        "Architectures": [ARCHITECTURE],
        "Handler": function.handler,
        "Code": {"S3Bucket": ref(ARTIFACT_BUCKET), "S3Key": unit.artifacts.functions.key},
        "Layers": [ref(LAYER)],
        "Role": get(role),
        "MemorySize": function.memory_mb,
        "Timeout": function.seconds,
        "Environment": {"Variables": settings(unit)},
        "LoggingConfig": {"LogGroup": ref(logs)},
        **function_network(unit),
    }
    if function.storage_mb:
        properties["EphemeralStorage"] = {"Size": function.storage_mb}
    if function.asynchronous:
        properties["DeadLetterConfig"] = {"TargetArn": get(QUEUE)}
    return {
        role: policies.role("lambda", function.statements, f"The function {function.name}."),
        logs: resource(
            "Logs::LogGroup",
            {
                "LogGroupName": f"/aws/lambda/{function.name}",
                "RetentionInDays": unit.environment.log_days,
            },
        ),
        function_id(*function.words): resource("Lambda::Function", properties),
    }
