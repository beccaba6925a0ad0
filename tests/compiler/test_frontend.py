"""From op graphs to the compiler's model: changes are seen, what has no meaning is refused."""

import json
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from admw_assets.core.migration_folder import load_migration
from admw_assets.core.step import STAGE_STEPS, Stage
from admw_assets.defs.assets import build_assets
from admw_assets.defs.ops import RUNTIME, STEP, TABLE, WAVE
from admw_assets.runtime.settings import SHIPPED_MIGRATION
from aws_deploy.compiler.frontend import NotCompilable, read_program
from aws_deploy.compiler.ir import Asset, Program, Runtime
from aws_deploy.compiler.names import Machine
from aws_deploy.compiler.state_machine import definitions
from tests.compiler.compiled import unit_of
from tests.compiler.definitions import definitions_of

LAMBDA_LOAD = {RUNTIME: "lambda", STEP: "load"}
LAMBDA_RECONCILE = {RUNTIME: "lambda", STEP: "reconcile"}


@dg.op(tags={RUNTIME: "glue", STEP: "transform"})
def read() -> int:
    return 1


@dg.op(tags=LAMBDA_LOAD)
def load_final(rows: int) -> int:
    return rows


@dg.op(tags=LAMBDA_RECONCILE)
def prove_again(rows: int) -> int:
    return rows


def _graph(
    stage: str, compose: Callable[[], object], table: str = "shelf", wave: int = 0
) -> dg.AssetsDefinition:
    made = dg.graph_asset(key=[stage, table], metadata={TABLE: table, WAVE: wave})
    return made(compose)


def _two_stages(final: Callable[[], object]) -> dg.Definitions:
    def preliminary() -> object:
        return read()

    return dg.Definitions(assets=[_graph("preliminary", preliminary), _graph("final", final)])


def _asset(program: Program, key: str) -> Asset:
    return next(asset for asset in program.assets if asset.key == key)


def test_the_shipped_assets_are_read_as_the_core_knows_their_steps(program: Program) -> None:
    for asset in program.assets:
        assert tuple(op.step for op in asset.ops) == STAGE_STEPS[asset.stage], asset.key
    brand = _asset(program, "final/brand")
    assert [op.name for op in brand.ops] == ["load_final", "reconcile_final", "archive"]
    assert [op.after for op in brand.ops] == [(), ("load_final",), ("reconcile_final",)]
    assert {op.runtime for op in _asset(program, "preliminary/brand").ops} == set(Runtime)


def test_waves_are_those_of_the_foreign_keys(program: Program) -> None:
    assert program.waves == load_migration(SHIPPED_MIGRATION).waves


def test_the_order_of_the_definitions_does_not_matter(program: Program) -> None:
    assets = build_assets(load_migration(SHIPPED_MIGRATION))
    assert read_program(definitions_of(assets[::-1])) == program


def test_an_op_that_joins_a_graph_becomes_a_state() -> None:
    def as_before() -> object:
        return load_final(read())

    def with_one_more() -> object:
        return prove_again(load_final(read()))

    def states(final: Callable[[], object]) -> dict[str, Any]:
        unit = unit_of(read_program(_two_stages(final)), "dev")
        return json.loads(json.dumps(definitions(unit)[Machine.FINAL]))["States"]

    before, after = states(as_before), states(with_one_more)
    assert after.keys() - before.keys() == {
        "Prove again", "Prove again: where?", "Prove again, large file",
    }  # fmt: skip
    assert before["Load"]["Next"] == "Record completion"
    assert after["Load"]["Next"] == "Prove again: where?"
    assert after["Prove again"]["Next"] == "Record completion"


@dg.op
def untagged(rows: int) -> int:
    return rows


@dg.op(tags={RUNTIME: "moon", STEP: "load"})
def far_away(rows: int) -> int:
    return rows


@dg.op(tags={RUNTIME: "lambda", STEP: "polish"})
def polish(rows: int) -> int:
    return rows


@dg.op(tags=LAMBDA_LOAD, retry_policy=dg.RetryPolicy(max_retries=3))
def patient(rows: int) -> int:
    return rows


@dg.op(tags=LAMBDA_LOAD, config_schema={"batch": int})
def configured(rows: int) -> int:
    return rows


@dg.op(tags=LAMBDA_LOAD, out=dg.DynamicOut(int))
def scattering(rows: int):
    yield dg.DynamicOutput(rows, "one")


@dg.op(tags=LAMBDA_LOAD)
def gathering(parts: list[int]) -> int:
    return sum(parts)


@dg.graph
def nested(rows: int) -> int:
    return load_final(rows)


def _scattered() -> object:
    return gathering(scattering(read()).collect())


def _twice() -> object:
    return load_final.alias("load__b")(load_final.alias("load__a")(read()))


@pytest.mark.parametrize(
    ("final", "op", "reason"),
    [
        (lambda: untagged(read()), "untagged", "has no tag 'admw/step'"),
        (lambda: far_away(read()), "far_away", "has 'moon' in the tag 'admw/runtime'"),
        (lambda: polish(read()), "polish", "has 'polish' in the tag 'admw/step'"),
        (lambda: patient(read()), "patient", "retry policy"),
        (lambda: configured(read()), "configured", "needs config"),
        (lambda: nested(read()), "nested", "graph within the graph"),
        (_scattered, "scattering", "dynamic output"),
        (_twice, "load", "same name before '__'"),
    ],
)
def test_an_op_without_meaning_on_aws_is_refused(
    final: Callable[[], object], op: str, reason: str
) -> None:
    with pytest.raises(NotCompilable) as refusal:
        read_program(_two_stages(final))
    assert f"Asset 'final/shelf', op {op!r}: " in refusal.value.message
    assert reason in refusal.value.message
    assert refusal.value.next_step


def test_an_asset_that_is_no_graph_is_refused() -> None:
    @dg.asset(key=["final", "shelf"])
    def shelf() -> int:
        return 1

    with pytest.raises(NotCompilable, match="'final/shelf': it is no graph of ops"):
        read_program(dg.Definitions(assets=[shelf]))


def test_an_asset_of_no_stage_is_refused() -> None:
    made = _graph("middle", lambda: read())
    with pytest.raises(NotCompilable, match="'middle/shelf': its key does not say its stage"):
        read_program(dg.Definitions(assets=[made]))


def test_a_table_with_one_stage_only_is_refused() -> None:
    made = _graph("preliminary", lambda: read())
    with pytest.raises(NotCompilable, match="'shelf' has no final asset"):
        read_program(dg.Definitions(assets=[made]))


def test_a_child_in_the_wave_of_its_parent_is_refused() -> None:
    def child(parent: int) -> object:
        return load_final(parent)

    goods = dg.graph_asset(
        key=["final", "goods"],
        ins={"parent": dg.AssetIn(key=["final", "shelf"])},
        metadata={TABLE: "goods", WAVE: 0},
    )(child)
    assets = [
        _graph("preliminary", lambda: read()),
        _graph("preliminary", lambda: read(), "goods"),
        _graph("final", lambda: read()),
        goods,
    ]
    with pytest.raises(NotCompilable, match="'final/goods': its wave 0 does not come after"):
        read_program(dg.Definitions(assets=assets))


def test_every_stage_has_a_graph(program: Program) -> None:
    for stage in Stage:
        (shape,) = program.shapes(stage)
        assert set(shape.tables) == set(program.tables)
