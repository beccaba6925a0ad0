"""Runs single steps in a process of its own, so that a test can kill it in the middle.

    python -m tests.step_driver STAGE STEP TABLE FILE... (options as ADMW_* in the environment)

Prints `ready` right before the first step, then a line of JSON per step: the seconds it took.
"""

import json
import os
import sys

from admw_assets.core.step import Stage, StepKind, StepRequest
from admw_assets.runtime.local import open_ports
from admw_assets.runtime.settings import read_settings
from admw_assets.steps.runner import run_step


def main(stage: str, step: str, table: str, *locations: str) -> None:
    """Run one step for each of the files."""
    with open_ports(read_settings(os.environ)) as ports:
        ports.tables.initialize(ports.migration)
        print("ready", flush=True)
        for location in locations:
            request = StepRequest(location, table, Stage(stage), StepKind(step), "driven")
            result = run_step(request, ports)
            print(json.dumps({"file": result.file, "seconds": result.seconds}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
