"""`python -m aws_deploy` as people and programs use it, over a few resources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from admw_assets.core.errors import AdmwError, ConfigurationError
from aws_deploy.cli import app
from aws_deploy.deploy.access import Access
from aws_deploy.deploy.deployment import Deployment
from tests.rehearsal.server import Emulator
from tests.rehearsal.test_deployment import PREFIX, broken_template, small_template

COMMANDS = [
    "compile",
    "validate",
    "plan",
    "deploy",
    "status",
    "start",
    "restart",
    "logs",
    "destroy",
]


class CommandLine:
    """Runs commands for one environment; `compiled` is the folder that is deployed."""

    def __init__(self, folder: Path) -> None:
        self.compiled = folder / "compiled"
        self._environments = folder / "environments.yaml"
        self._environments.write_text(
            f"small: {{prefix: {PREFIX}, region: eu-central-1, database: {{kind: existing}}}}\n"
        )

    def write(self, template: dict[str, Any]) -> None:
        self.compiled.mkdir(exist_ok=True)
        (self.compiled / "template.json").write_text(json.dumps(template))

    def run(self, command: str, *arguments: str) -> Result:
        line = [command, *arguments, "-e", "small", "--environments", str(self._environments)]
        if command in ("plan", "deploy"):
            line += ["--from", str(self.compiled)]
        return CliRunner().invoke(app, line)

    def refused(self, command: str, *arguments: str) -> AdmwError:
        error = self.run(command, *arguments).exception
        assert isinstance(error, AdmwError), error
        return error


@pytest.fixture
def line(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[CommandLine]:
    for name, value in emulator.environment().items():
        monkeypatch.setenv(name, value)
    made = CommandLine(tmp_path)
    made.write(small_template())
    yield made
    deployment = Deployment(Access(emulator.region), emulator.account, PREFIX, poll=0.05)
    if deployment.stack.describe() is not None:
        deployment.destroy(deployment.contents(), True, lambda event: None, lambda text: None)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output

    assert f"python -m aws_deploy {command}" in said


def test_plan_and_deploy_speak_json(line: CommandLine) -> None:
    plan = json.loads(line.run("plan", "--json").stdout)
    deployed = json.loads(line.run("deploy", "--json").stdout)
    again = json.loads(line.run("deploy", "--json").stdout)

    assert {change["action"] for change in plan["changes"]} == {"add"}
    assert (deployed["result"], again["result"]) == ("deployed", "no changes")
    assert deployed["outputs"]["LandingBucket"].startswith(PREFIX)


def test_loss_of_data_is_refused_without_a_word(line: CommandLine) -> None:
    line.run("deploy")
    template = small_template()
    del template["Resources"]["StagingBucket"]
    line.write(template)

    error = line.refused("deploy")

    assert isinstance(error, ConfigurationError)
    assert "StagingBucket may be lost" in str(error)
    assert json.loads(line.run("plan", "--json").stdout)["changes"][0]["loses_data"]
    assert line.run("deploy", "--yes").exit_code == 0


def test_failed_deployment_says_the_reason_and_what_became_of_the_stack(line: CommandLine) -> None:
    line.run("deploy")
    line.write(broken_template())

    error = line.refused("deploy")

    assert error.message.startswith("Function (AWS::Lambda::Function): ")
    assert "the version before works on" in error.next_step


def test_destroy_needs_a_word_and_for_data_the_name(line: CommandLine) -> None:
    line.run("deploy")

    assert "--yes" in line.refused("destroy").next_step
    assert PREFIX in line.refused("destroy", "--yes", "--delete-data").next_step
    said = line.run("destroy", "--yes").output

    assert "LandingBucket" in said
    assert f"kept: AWS::S3::Bucket {PREFIX}-landing" in said
    line.run("deploy", "--yes")  # which takes the bucket back, for what removes it


def test_commands_before_the_first_deployment_say_so(line: CommandLine) -> None:
    for command in ("status", "destroy"):
        assert f"no stack {PREFIX}" in str(line.refused(command))
    assert "Give a file, or --all" in str(line.refused("start"))
