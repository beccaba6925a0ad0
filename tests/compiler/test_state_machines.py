"""State machines: every transition, path, retry, timeout and size, whatever the environment."""

import ast
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from admw_assets.core.errors import DatabaseUnavailable, TerminalError, TransientError
from admw_assets.core.step import Stage, StepKind
from aws_deploy.compiler.ir import Asset, Op, Program, Runtime
from aws_deploy.compiler.names import Machine
from aws_deploy.compiler.output import Output
from aws_deploy.compiler.retries import transient_errors
from aws_deploy.compiler.state_machine import definitions
from tests.compiler.asl_validator import asl_validator_missing, refused
from tests.compiler.compiled import ENVIRONMENTS, unit_of
from tests.compiler.state_paths import FILE, problems

PROJECT = Path(__file__).parents[2]
GIVEN = {
    Machine.PRELIMINARY: FILE,
    Machine.FINAL: FILE,
    Machine.MIGRATION: frozenset({"$.stage"}),
}
LARGEST_PAYLOAD = 262_144
"""Bytes between states (step-functions/latest/dg/service-quotas)."""


def _machine(outputs: dict[str, Output], environment: str, machine: Machine) -> dict[str, Any]:
    return json.loads(outputs[environment].documents[f"state_machines/{machine}.asl.json"])


def _tasks(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    tasks: dict[str, dict[str, Any]] = {}
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            tasks[name] = state
        if state["Type"] == "Map":
            tasks |= _tasks(state["ItemProcessor"])
    return tasks


@pytest.fixture(params=[(e, m) for e in ENVIRONMENTS for m in Machine], ids=lambda p: "-".join(p))
def case(request: pytest.FixtureRequest, outputs: dict[str, Output]) -> Any:
    environment, machine = request.param
    return machine, _machine(outputs, environment, machine)


def test_every_path_exists_in_the_state_before_and_every_state_is_reached(case: Any) -> None:
    machine, definition = case
    assert problems(definition, GIVEN[machine]) == []


def test_the_check_of_paths_sees_a_wrong_path_and_a_wrong_target(
    outputs: dict[str, Output],
) -> None:
    right = _machine(outputs, "dev", Machine.FINAL)
    wrong = copy.deepcopy(right)
    payload = wrong["States"]["Record completion"]["Parameters"]["Payload"]
    payload["results"]["archive.$"] = "$.archive_outcome"
    wrong["States"]["Load"]["Next"] = "Nowhere"
    assert set(problems(wrong, FILE)) == {
        "Record completion: $.archive_outcome is not there",
        "there is no state 'Nowhere'",
    }


@pytest.mark.asl
def test_the_grammar_of_the_language_is_kept(outputs: dict[str, Output], tmp_path: Path) -> None:
    if (missing := asl_validator_missing()) is not None:
        pytest.skip(missing)
    right = _machine(outputs, "dev", Machine.FINAL)
    wrong = copy.deepcopy(right)
    wrong["StartAt"] = "Nowhere"
    written: list[Path] = []
    for environment in ENVIRONMENTS:
        for machine in Machine:
            written.append(tmp_path / f"{environment}-{machine}.json")
            written[-1].write_text(json.dumps(_machine(outputs, environment, machine)))
    bad = tmp_path / "wrong.json"
    bad.write_text(json.dumps(wrong))

    assert refused(written) == ""
    assert "Nowhere" in refused([*written, bad])


def test_every_task_has_a_timeout_a_retry_and_a_catch(case: Any) -> None:
    _, definition = case
    assert definition["TimeoutSeconds"] > 0
    for name, task in _tasks(definition).items():
        assert task["TimeoutSeconds"] <= definition["TimeoutSeconds"], name
        assert task["Retry"] and task["Catch"], name
        assert all(retry["JitterStrategy"] == "FULL" for retry in task["Retry"]), name
    names = [*definition["States"], *_tasks(definition)]
    assert len(set(definition["States"])) == len(definition["States"]) and names
    assert all(len(name) <= 80 for name in names)


def test_the_stages_go_through_their_steps_in_order(outputs: dict[str, Output]) -> None:
    def way(machine: Machine) -> list[str]:
        states = _machine(outputs, "dev", machine)["States"]
        name, passed = "Record start", []
        while name != "Done":
            passed.append(name)
            state = states[name]
            name = state["Choices"][0]["Next"] if "Choices" in state else state["Next"]
        return [name for name in passed if not name.endswith("where?")]

    assert way(Machine.PRELIMINARY) == [
        "Record start", "Transform", "Load", "Reconcile", "Record completion",
        "Start what is ready",
    ]  # fmt: skip
    assert way(Machine.FINAL) == [
        "Record start", "Load", "Reconcile", "Archive", "Record completion",
        "Start what is ready",
    ]  # fmt: skip


def test_a_manual_final_stage_is_not_started_by_the_machines(outputs: dict[str, Output]) -> None:
    for machine in (Machine.PRELIMINARY, Machine.FINAL):
        states = _machine(outputs, "prod", machine)["States"]
        assert "Start what is ready" not in states
        assert states["Record completion"]["Next"] == "Done"


def test_files_above_the_limit_go_to_glue(outputs: dict[str, Output]) -> None:
    states = _machine(outputs, "dev", Machine.FINAL)["States"]
    choice = states["Archive: where?"]
    assert choice["Choices"][0]["And"][1]["NumericLessThanEquals"] == 50_000_000
    assert states[choice["Choices"][0]["Next"]]["Resource"].endswith("lambda:invoke")
    assert states[choice["Default"]]["Resource"].endswith("glue:startJobRun.sync")


def test_what_is_tried_again_follows_the_error_tree(outputs: dict[str, Output]) -> None:
    load = _machine(outputs, "dev", Machine.FINAL)["States"]["Load"]
    names = [name for retry in load["Retry"] for name in retry["ErrorEquals"]]
    assert {TransientError.__name__, DatabaseUnavailable.__name__} <= set(names)
    terminal = {kind.__name__ for kind in TerminalError.__subclasses__()} | {"TerminalError"}
    assert not terminal & set(names)


def test_every_transient_error_is_where_the_compiler_looks() -> None:
    found: dict[str, str] = {}
    for path in [*PROJECT.glob("admw_assets/**/*.py"), *PROJECT.glob("aws_deploy/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if bases & {*transient_errors()}:
                    found[node.name] = path.relative_to(PROJECT).as_posix()
    assert set(found.values()) == {"admw_assets/core/errors.py"}, found
    assert set(found) | {"TransientError"} == set(transient_errors())


def test_an_asset_with_its_own_ops_gets_a_branch_of_its_own(program: Program) -> None:
    extra = Op("prove_again", StepKind.RECONCILE, Runtime.GLUE, ("reconcile_preliminary",))
    assets = tuple(
        Asset(asset.key, asset.stage, asset.table, (*asset.ops, extra))
        if asset.key == "preliminary/staff"
        else asset
        for asset in program.assets
    )
    unit = unit_of(Program(assets, program.waves), "dev")
    definition = json.loads(json.dumps(definitions(unit)[Machine.PRELIMINARY]))
    states = definition["States"]
    assert problems(definition, FILE) == []
    assert states["Record start"]["Next"] == "Choose by table"
    branch = {"Variable": "$.table", "StringEquals": "staff", "Next": "Transform (staff)"}
    assert states["Choose by table"]["Choices"] == [branch]
    assert states["Choose by table"]["Default"] == "Transform"
    assert states["Reconcile (staff)"]["Next"] == "Prove again (staff)"


def test_the_migration_goes_wave_by_wave(outputs: dict[str, Output], program: Program) -> None:
    states = _machine(outputs, "prod", Machine.MIGRATION)["States"]
    planned = {
        name: state["Parameters"]["Payload"]["plan"]["tables"]
        for name, state in states.items()
        if name.startswith("Plan final")
    }
    assert list(planned.values()) == [list(wave) for wave in program.waves]
    one = states["Run final wave 1"]
    assert one["MaxConcurrency"] == 20
    inside = one["ItemProcessor"]["States"]["One file of final wave 1"]
    assert inside["Catch"][0]["Next"] == "Go on with final wave 1"


def test_a_portion_of_the_migration_fits_between_states() -> None:
    table, file = "T" * 64, "T" * 64 + "~20240101.000000.csv"
    bucket = "b" * 63
    task = {
        "file": file,
        "location": f"s3://{bucket}/{file}",
        "table": table,
        "size": 10**12,
        "run_id": "r" * 80,
    }
    largest_error = {"Error": "E" * 256, "Cause": "C" * 32_768}
    data = {"stage": "all", "plan": {"result": {"tasks": [task] * 200, "more": True}}}
    data |= {"error": largest_error, "record_error": largest_error}
    assert len(json.dumps(data).encode()) < LARGEST_PAYLOAD


def test_a_definition_fits_into_step_functions(case: Any) -> None:
    assert len(json.dumps(case[1]).encode()) < 1 << 20


def test_stage_names_are_those_of_the_core() -> None:
    assert {Machine(stage.value) for stage in Stage} < set(Machine)
