"""A failed Lambda is reported under the class of its exception, as on AWS.

Stock ministack names every one of them Runtime.HandlerError, so that no Retry or Catch by class
could match.
"""

import re
import threading
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_EXCEPTION_LINE = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)


def install() -> None:
    """Put the class of the exception in the place of Runtime.HandlerError."""
    traces: dict[int, str] = {}
    stock_invoke = lambda_runtime.Worker.invoke
    stock_execute = lambda_svc._execute_function_warm

    def invoke(worker: Any, *args: Any, **kwargs: Any) -> Any:
        answer = stock_invoke(worker, *args, **kwargs)
        if answer.get("status") == "error":
            traces[threading.get_ident()] = answer.get("trace", "")
        return answer

    def execute(*args: Any, **kwargs: Any) -> Any:
        answer = stock_execute(*args, **kwargs)
        body = answer.get("body")
        unnamed = isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError"
        if answer.get("error") and unnamed:
            trace = traces.pop(threading.get_ident(), "")
            if names := _EXCEPTION_LINE.findall(trace):
                body["errorType"] = names[-1].rpartition(".")[2]
                body["stackTrace"] = trace.splitlines()[1:-1]
        return answer

    lambda_runtime.Worker.invoke = invoke
    lambda_svc._execute_function_warm = execute
