"""Refusals that AWS knows and the stock emulator does not, and properties that it drops."""

from collections.abc import Callable
from typing import Any

from ministack.services import glue, lambda_svc, s3
from ministack.services.cloudformation import provisioners

_JOB_PROPERTIES = (
    "ExecutionClass",
    "ExecutionProperty",
    "JobMode",
    "JobRunQueuingEnabled",
    "NotificationProperty",
)


def install() -> None:
    """Refuse functions without code and the removal of full buckets; keep a job's properties."""
    handlers = provisioners._RESOURCE_HANDLERS
    functions = handlers["AWS::Lambda::Function"]
    for verb in ("create", "update"):
        functions[verb] = _with_code(functions[verb])
    handlers["AWS::S3::Bucket"]["delete"] = _only_empty(handlers["AWS::S3::Bucket"]["delete"])
    _keep_job_properties()


def _with_code(handler: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        answer = handler(*args, **kwargs)
        if not lambda_svc._functions[answer[0]].get("code_zip"):
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
