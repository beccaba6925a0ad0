"""What went wrong inside Spark, in a sentence instead of a stack trace."""

import re

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException, PySparkException

_LONGEST = 300  # characters
_DEEPEST = 30
_PYTHON_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit)(?=: |$)")
_SPARK_ERROR = re.compile(r"(?<=\[)[A-Z][A-Z_.]+(?=\])")
_NOISE = ("org.apache.spark.SparkException: ", "java.lang.RuntimeException: ")


def short_cause(err: BaseException, personal: bool = False) -> str:
    """The innermost cause of an error of Spark or of a transform, on one line.

    `personal`: what is transformed may be personal data, so only the kind of the error is told
    (and the words of an error that Spark found in the plan, before it saw any data).
    """
    if isinstance(err, Py4JJavaError):
        text = _innermost(err.java_exception)
    elif isinstance(err, PySparkException):
        text = str(err)
    else:
        text = f"{type(err).__name__}: {err}"
    line = _one_line(text)
    if personal and not isinstance(err, AnalysisException):
        return f"{_kind_of(line, err)} (the table holds personal data, so its words are left out)"
    return line


def _kind_of(line: str, err: BaseException) -> str:
    """`ValueError`, or Spark's name for what happened: `CAST_INVALID_INPUT`."""
    kind = _PYTHON_ERROR.match(line) or _SPARK_ERROR.search(line)
    return kind[0] if kind else type(err).__name__


def _innermost(exception: object) -> str:
    """The message of the last cause in a chain of Java exceptions."""
    for _ in range(_DEEPEST):
        cause = exception.getCause()  # type: ignore[attr-defined]  # a py4j proxy
        if cause is None:
            break
        exception = cause
    return str(exception.toString())  # type: ignore[attr-defined]


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any("Traceback (most recent call last)" in line for line in lines):
        line = lines[-1]  # of a Python function: its own error stands last
    else:
        line = lines[0] if lines else "no message"
    for noise in _NOISE:
        line = line.removeprefix(noise)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
