"""The shipped program, read once, and what comes of it in both environments."""

import pytest

from admw_assets.core.migration_folder import load_migration
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from aws_deploy.compiler.ir import Program
from aws_deploy.compiler.output import Output, render
from tests.compiler.compiled import ENVIRONMENTS, unit_of


@pytest.fixture(scope="session")
def program() -> Program:
    from admw_assets.defs.assets import build_assets
    from aws_deploy.compiler.frontend import read_program
    from tests.compiler.definitions import definitions_of

    return read_program(definitions_of(build_assets(load_migration(SHIPPED_MIGRATION))))


@pytest.fixture(scope="session")
def outputs(program: Program) -> dict[str, Output]:
    return {name: render(unit_of(program, name)) for name in ENVIRONMENTS}
