"""CloudFormation where the stock emulator differs from AWS: refusals, adoptions, properties."""

from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation, glue, lambda_svc, s3
from ministack.services.cloudformation import provisioners, stacks

_JOB_PROPERTIES = (
    "ExecutionClass",
    "ExecutionProperty",
    "JobMode",
    "JobRunQueuingEnabled",
    "NotificationProperty",
)


def install() -> None:
    """Refuse functions without code and the removal of full buckets; let buckets be adopted; keep
    a job's properties."""
    handlers = provisioners._RESOURCE_HANDLERS
    functions = handlers["AWS::Lambda::Function"]
    for verb in ("create", "update"):
        functions[verb] = _with_code(functions[verb], is_new=verb == "create")
    handlers["AWS::S3::Bucket"]["delete"] = _only_empty(handlers["AWS::S3::Bucket"]["delete"])
    _adopt_buckets()
    _keep_job_properties()


def _with_code(handler: Callable[..., Any], is_new: bool) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        answer = handler(*args, **kwargs)
        if not lambda_svc._functions[answer[0]].get("code_zip"):
            if is_new:
                del lambda_svc._functions[answer[0]]
            raise ValueError(
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: "
                f"The specified key does not exist. ({answer[0]})"
            )
        return answer

    return wrapped


def _only_empty(handler: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(name: str, properties: Any) -> Any:
        if (s3._buckets.get(name) or {}).get("objects"):
            raise ValueError(
                f"The bucket you tried to delete is not empty: {name} (BucketNotEmpty)"
            )
        return handler(name, properties)

    return wrapped


def _adopt_buckets() -> None:
    """A bucket that a change set imports is there already, and rightly so."""
    stock_errors = stacks._validation_errors

    def errors(*args: Any, **kwargs: Any) -> list[Any]:
        stack_id = args[6]
        imported = {
            name
            for change_set in cloudformation._change_sets.values()
            if change_set["StackId"] == stack_id
            for name in change_set.get("_import_existing") or ()
        }
        return [
            error
            for error in stock_errors(*args, **kwargs)
            if not (error[2] == "NAME_CONFLICT_VALIDATION" and error[0] in imported)
        ]

    stacks._validation_errors = errors


def _keep_job_properties() -> None:
    stock_create, stock_update = glue._create_job, glue._update_job
    stock_fields = provisioners._glue_job_fields

    def kept(given: dict[str, Any]) -> dict[str, Any]:
        return {key: given[key] for key in _JOB_PROPERTIES if key in given}

    def create_job(data: dict[str, Any]) -> Any:
        answer = stock_create(data)
        if answer[0] < 300:
            glue._jobs[data["Name"]].update(kept(data))
        return answer

    def update_job(data: dict[str, Any]) -> Any:
        answer = stock_update(data)
        if answer[0] < 300:
            glue._jobs[data["JobName"]].update(kept(data["JobUpdate"]))
        return answer

    glue._create_job, glue._update_job = create_job, update_job
    provisioners._glue_job_fields = lambda given: {**stock_fields(given), **kept(given)}
