"""Requests count as encrypted: on 127.0.0.1 they are plain, and policies deny what is not TLS."""

from typing import Any

from ministack.core import iam_evaluator


def install() -> None:
    """Let the condition key aws:SecureTransport be true."""
    stock_resolve = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        if key.lower() == "aws:securetransport":
            return "true"
        return stock_resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve
