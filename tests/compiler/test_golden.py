"""What is compiled, beside what it was: a change is seen before it is deployed.

ADMW_UPDATE_GOLDEN=1 pytest tests/compiler/test_golden.py     writes golden files and diagrams anew
"""

import json
import os
from pathlib import Path

import pytest

from aws_deploy.compiler.names import Machine
from aws_deploy.compiler.output import Output
from aws_deploy.costs import MILLION_ROWS, SMALL_FILE, table
from aws_deploy.environment import load_environment

PROJECT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
DIAGRAMS = PROJECT / "docs" / "state-machines.md"
UPDATE = "ADMW_UPDATE_GOLDEN"

KEPT = {
    "dev": ("template.json", "state_machines/", "policies/", "build.json"),
    "prod": ("template.json",),
}
"""The template holds everything; state machines and policies are kept apart to be read."""


def _same_as(path: Path, text: str) -> None:
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    there = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert there == text, f"{path.relative_to(PROJECT)} is not as compiled: set {UPDATE}=1"


@pytest.mark.parametrize("environment", KEPT)
def test_the_output_is_as_kept(environment: str, outputs: dict[str, Output]) -> None:
    kept = {
        name: text
        for name, text in outputs[environment].documents.items()
        if name.startswith(KEPT[environment])
    }
    folder = GOLDEN / environment
    if os.environ.get(UPDATE):
        for path in folder.rglob("*.json"):
            path.unlink()
    for name, text in kept.items():
        _same_as(folder / name, text)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")}
    assert there == set(kept)


def test_the_pictures_in_the_docs_are_those_of_the_machines(outputs: dict[str, Output]) -> None:
    text = "# State machines\n\nGenerated; dotted arrows are what happens on an error.\n"
    for machine in Machine:
        diagram = outputs["dev"].documents[f"diagrams/{machine}.mmd"]
        text += f"\n## {machine.value.title()}\n\n```mermaid\n{diagram}```\n"
    _same_as(DIAGRAMS, text)


def test_the_costs_in_the_docs_are_computed() -> None:
    page = PROJECT / "docs" / "aws.md"
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition("<!-- costs -->\n")
    _, end, after = rest.partition("<!-- /costs -->")
    assert begin and end
    computed = f"\n{table(load_environment('dev'))}\n\n"
    _same_as(page, before + begin + computed + end + after)


def test_costs_count_the_states_that_a_file_goes_through(outputs: dict[str, Output]) -> None:
    def transitions(large: bool) -> int:
        count = 0
        for machine in (Machine.PRELIMINARY, Machine.FINAL):
            states = json.loads(outputs["dev"].documents[f"state_machines/{machine}.asl.json"])
            name = states["StartAt"]
            while name:
                state = states["States"][name]
                count += 1
                way = (
                    state.get("Default") if large else state.get("Choices", [state])[0].get("Next")
                )
                name = way if "Choices" in state else state.get("Next")
        return count

    assert SMALL_FILE.transitions == transitions(large=False)
    assert MILLION_ROWS.transitions == transitions(large=True)
