"""What one compilation is about: a program, an environment, artifacts; imports nothing else."""

from dataclasses import dataclass

from aws_deploy.compiler.artifacts import Artifacts
from aws_deploy.compiler.ir import Program
from aws_deploy.environment import Environment


@dataclass(frozen=True, slots=True)
class Unit:
    """The input of every module behind the frontend."""

    program: Program
    environment: Environment
    artifacts: Artifacts

    @property
    def prefix(self) -> str:
        """What every name in the account begins with."""
        return self.environment.prefix
