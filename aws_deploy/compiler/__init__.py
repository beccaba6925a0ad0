"""From Dagster's definitions to a folder that can be deployed: offline and deterministic.

`frontend` reads the definitions into the model of `ir`; everything behind it knows no Dagster.
"""

from typing import TYPE_CHECKING

from aws_deploy.compiler.artifacts import Artifacts
from aws_deploy.compiler.output import Output, render
from aws_deploy.compiler.unit import Unit
from aws_deploy.environment import Environment

if TYPE_CHECKING:
    import dagster as dg

__all__ = ["Output", "compile"]


def compile(
    definitions: "dg.Definitions", environment: Environment, artifacts: Artifacts | None = None
) -> Output:
    """Compile definitions for an environment; artifacts are built where none are given.

    Raises ConfigurationError, among them NotCompilable, which names asset, op and reason.
    """
    from aws_deploy.compiler.bundle import build_artifacts
    from aws_deploy.compiler.frontend import read_program

    program = read_program(definitions)
    return render(Unit(program, environment, artifacts or build_artifacts(environment)))
