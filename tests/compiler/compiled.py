"""Compiles the shipped definitions without building anything; for tests."""

from pathlib import Path
from typing import Any

from aws_deploy.compiler.artifacts import Artifact, Artifacts
from aws_deploy.compiler.ir import Program
from aws_deploy.compiler.unit import Unit
from aws_deploy.environment import load_environment

ENVIRONMENTS = ("dev", "prod")


def _placeholder(name: str) -> Artifact:
    return Artifact(name, "0" * 64, Path(name))


ARTIFACTS = Artifacts(
    functions=_placeholder("functions.zip"),
    layer=_placeholder("dependencies.zip"),
    script=_placeholder("run_step.py"),
    project=_placeholder("admw_assets-0-py3-none-any.whl"),
    wheels=(_placeholder("library-1-py3-none-any.whl"),),
    migration=_placeholder("migration.zip"),
)
"""Stand-ins, so that what is compiled does not change with every line of code."""


def unit_of(program: Program, environment: str, **changes: Any) -> Unit:
    """A unit with stand-ins for artifacts; `changes` are put over the environment's keys."""
    changed = load_environment(environment).model_copy(update=changes)
    return Unit(program, changed, ARTIFACTS)
