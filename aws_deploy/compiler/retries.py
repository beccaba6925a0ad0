"""Which errors a state tries again, and how often; imports core only.

What helps to try again is said once, by the error tree (core/errors.py): Lambda reports a raised
error by its class's name, so every subclass of TransientError is in. The services' own errors are
those of AWS's documentation: step-functions/latest/dg, "Best practices" and "Error handling".
"""

from collections.abc import Iterator

import admw_assets.core.errors as errors
from aws_deploy.compiler.cloudformation import Json, Object
from aws_deploy.environment import Environment

LAMBDA_SERVICE = (
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
)
LAMBDA_CRASHED = "Lambda.Unknown"
"""The function ran out of time or memory, or its process died."""

GLUE_SERVICE = (
    "Glue.AWSGlueException",
    "Glue.ConcurrentRunsExceededException",
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.ThrottlingException",
)
TASK_FAILED = "States.TaskFailed"
"""A Glue run that ended in FAILED, whatever for: Step Functions is told no class of error."""


def transient_errors() -> tuple[str, ...]:
    """The names of all errors that may not come back, as Lambda reports them."""
    return tuple(sorted({kind.__name__ for kind in _family(errors.TransientError)}))


def lambda_retries() -> list[Json]:
    """For a step or the tracker in Lambda; both may be repeated."""
    return [
        _retry((*transient_errors(), *LAMBDA_SERVICE), seconds=2, attempts=5, longest=60),
        _retry((LAMBDA_CRASHED,), seconds=5, attempts=1, longest=60),
    ]


def glue_retries(environment: Environment) -> list[Json]:
    """For a step in Glue. A run costs minutes, so what failed is tried again seldom."""
    service = _retry(GLUE_SERVICE, seconds=15, attempts=8, longest=300)
    attempts = environment.glue.retries
    if not attempts:
        return [service]
    return [service, _retry((TASK_FAILED,), seconds=10, attempts=attempts, longest=300)]


def _retry(names: tuple[str, ...], *, seconds: int, attempts: int, longest: int) -> Object:
    return {
        "ErrorEquals": list(names),
        "IntervalSeconds": seconds,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


def _family(kind: type[errors.AdmwError]) -> Iterator[type[errors.AdmwError]]:
    """A class of the tree and all below it, as far as they stand in core/errors.py."""
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _family(child)
