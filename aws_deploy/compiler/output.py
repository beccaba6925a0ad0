"""What a compilation gives: documents and artifacts, written to a folder; imports nothing else.

template.json              what CloudFormation gets
state_machines/*.asl.json  the machines, in the Amazon States Language
diagrams/*.mmd             the same as Mermaid flowcharts
jobs/*.json                the Glue jobs
policies/*.json            what each role may do, with example account and region filled in
artifacts/<hash>/<name>    what is uploaded, under the same keys
build.json                 what this was made from
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from admw_assets import __version__
from aws_deploy.compiler.artifacts import Artifact
from aws_deploy.compiler.cloudformation import Json, Object
from aws_deploy.compiler.diagram import mermaid
from aws_deploy.compiler.resolution import example_values, resolved
from aws_deploy.compiler.state_machine import definitions
from aws_deploy.compiler.template import template
from aws_deploy.compiler.unit import Unit

OWNED = ("artifacts", "diagrams", "jobs", "policies", "state_machines")
"""The folders that belong to the output: what else lies in them is removed."""


@dataclass(frozen=True, slots=True)
class Output:
    """The documents by their path in the folder, and the artifacts beside them."""

    template: Object
    documents: Mapping[str, str]
    artifacts: tuple[Artifact, ...]

    def write(self, folder: Path) -> None:
        """Write everything; what an earlier compilation left in the folder is replaced."""
        for owned in OWNED:
            shutil.rmtree(folder / owned, ignore_errors=True)
        for name, text in self.documents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for artifact in self.artifacts:
            path = folder / artifact.key
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(artifact.source, path)


def render(unit: Unit) -> Output:
    """The output of a unit."""
    whole = template(unit)
    documents: dict[str, str] = {"template.json": json_text(whole)}
    for machine, definition in definitions(unit).items():
        documents[f"state_machines/{machine}.asl.json"] = json_text(definition)
        documents[f"diagrams/{machine}.mmd"] = mermaid(definition)
    known = example_values(whole, unit.environment.region)
    for properties in _resources(whole, "AWS::Glue::Job").values():
        documents[f"jobs/{properties['Name']}.json"] = json_text(properties)
    for name, properties in _resources(whole, "AWS::IAM::Role").items():
        (policy,) = _list(properties["Policies"])
        assert isinstance(policy, dict)
        documents[f"policies/{name}.json"] = json_text(resolved(policy["PolicyDocument"], known))
    artifacts = unit.artifacts.all()
    documents["build.json"] = json_text(_build(unit, artifacts))
    return Output(whole, dict(sorted(documents.items())), artifacts)


def json_text(value: Json) -> str:
    """JSON as every document has it: order kept where it means something, one line end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _build(unit: Unit, artifacts: tuple[Artifact, ...]) -> Object:
    return {
        "admw": __version__,
        "environment": unit.environment.name,
        "prefix": unit.prefix,
        "region": unit.environment.region,
        "tables": list(unit.program.tables),
        "waves": [list(wave) for wave in unit.program.waves],
        "artifacts": [{"key": made.key, "sha256": made.sha256} for made in artifacts],
    }


def _resources(whole: Object, kind: str) -> dict[str, Object]:
    resources = whole["Resources"]
    assert isinstance(resources, dict)
    found: dict[str, Object] = {}
    for name, made in resources.items():
        if isinstance(made, dict) and made["Type"] == kind:
            properties = made["Properties"]
            assert isinstance(properties, dict)
            found[name] = properties
    return found


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
