"""Dagster's definitions into the compiler's own model; the only module here that knows Dagster.

Nothing is listed a second time: which steps there are, in which order and where they run stands in
the op graphs and their tags. What has no meaning on AWS is refused, not left out.
"""

from collections.abc import Mapping

import dagster as dg
from dagster._core.definitions.dependency import Node

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.step import Stage, StepKind
from admw_assets.defs.ops import RUNTIME, STEP, TABLE, WAVE
from aws_deploy.compiler.ir import Asset, Op, Program, Runtime

SUFFIX = "__"
"""What stands behind it in an op's name tells tables apart, not steps (`load_final__brand`)."""


class NotCompilable(ConfigurationError):
    """The definitions hold something that has no meaning on AWS; names asset, op and reason."""

    def __init__(self, reason: str, next_step: str, *, asset: str, op: str | None = None) -> None:
        place = f"Asset {asset!r}, op {op!r}" if op else f"Asset {asset!r}"
        super().__init__(f"{place}: {reason}.", next_step=next_step, asset=asset, op=op)


def read_program(definitions: dg.Definitions) -> Program:
    """The program of these definitions. Raises NotCompilable."""
    graph = definitions.resolve_asset_graph()
    found = sorted(
        (asset for asset in graph.assets_defs if asset.is_executable),
        key=lambda asset: sorted(key.to_user_string() for key in asset.keys),
    )
    assets = tuple(_asset(definition) for definition in found)
    if not assets:
        raise ConfigurationError(
            "The definitions hold no assets.", next_step="Give those of admw_assets.definitions."
        )
    _require_both_stages(assets)
    return Program(assets, _waves(assets, found))


def _asset(definition: dg.AssetsDefinition) -> Asset:
    names = sorted(key.to_user_string() for key in definition.keys)
    if len(names) != 1:
        raise NotCompilable(
            f"it is one of {len(names)} that are made together ({', '.join(names)})",
            "Make each a graph asset of its own.",
            asset=names[0],
        )
    key, name = definition.key, names[0]
    graph = definition.node_def
    if not isinstance(graph, dg.GraphDefinition):
        raise NotCompilable(
            "it is no graph of ops", "Make it with @dg.graph_asset from ops.", asset=name
        )
    if len(key.path) != 2 or key.path[0] not in set(Stage):
        raise NotCompilable(
            "its key does not say its stage",
            f"Call it {' or '.join(f'{stage}/<table>' for stage in Stage)}.",
            asset=name,
        )
    metadata = definition.metadata_by_key[key]
    if TABLE not in metadata:
        raise NotCompilable(
            "it does not say its table", f"Give it the metadata {TABLE!r}.", asset=name
        )
    ops = tuple(_op(name, graph, node) for node in graph.nodes_in_topological_order)
    _require_distinct(name, ops)
    return Asset(name, Stage(key.path[0]), _text(metadata[TABLE]), ops)


def _op(asset: str, graph: dg.GraphDefinition, node: Node) -> Op:
    definition = node.definition
    if not isinstance(definition, dg.OpDefinition):
        raise NotCompilable(
            "it is a graph within the graph", "Use its ops directly.", asset=asset, op=node.name
        )
    if any(output.is_dynamic for output in definition.output_defs):
        raise NotCompilable(
            "it has a dynamic output, so that how many ops follow is known only when it runs",
            "Do the work of all of them in one op.",
            asset=asset,
            op=node.name,
        )
    if definition.retry_policy or node.retry_policy:
        raise NotCompilable(
            "it has a retry policy, and on AWS what is tried again follows from the error",
            "Remove it; raise a TransientError where trying again helps.",
            asset=asset,
            op=node.name,
        )
    if definition.config_field and definition.config_field.is_required:
        raise NotCompilable(
            "it needs config, which nobody gives it on AWS",
            "Read what it needs from migration.yaml.",
            asset=asset,
            op=node.name,
        )
    return Op(
        _plain(node.name),
        StepKind(_tag(asset, node, STEP, [step.value for step in StepKind])),
        Runtime(_tag(asset, node, RUNTIME, [runtime.value for runtime in Runtime])),
        _upstream(graph, node),
    )


def _tag(asset: str, node: Node, tag: str, known: list[str]) -> str:
    value = node.tags.get(tag)
    if value not in known:
        what = "has no tag" if value is None else f"has {value!r} in the tag"
        raise NotCompilable(
            f"it {what} {tag!r}", f"Tag it with one of {known}.", asset=asset, op=node.name
        )
    return value


def _upstream(graph: dg.GraphDefinition, node: Node) -> tuple[str, ...]:
    """The ops of the same graph that a node's inputs come from."""
    outputs = graph.dependency_structure.input_to_upstream_outputs_for_node(node.name).values()
    return tuple(sorted({_plain(output.node_name) for several in outputs for output in several}))


def _plain(name: str) -> str:
    return name.partition(SUFFIX)[0]


def _require_distinct(asset: str, ops: tuple[Op, ...]) -> None:
    names = [op.name for op in ops]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise NotCompilable(
            f"another op of the asset has the same name before {SUFFIX!r}",
            "Give it a name of its own; states are named after ops.",
            asset=asset,
            op=twice,
        )


def _require_both_stages(assets: tuple[Asset, ...]) -> None:
    stages: dict[str, dict[Stage, str]] = {}
    for asset in assets:
        stages.setdefault(asset.table, {})[asset.stage] = asset.key
    for table, keys in stages.items():
        for stage in Stage:
            if stage not in keys:
                raise NotCompilable(
                    f"the table {table!r} has no {stage} asset beside it",
                    "Every table has both; build them with build_assets.",
                    asset=next(iter(keys.values())),
                )


def _waves(
    assets: tuple[Asset, ...], definitions: list[dg.AssetsDefinition]
) -> tuple[tuple[str, ...], ...]:
    """Tables by the wave of their final asset, which must not come before that of a parent."""
    final = {asset.key: asset.table for asset in assets if asset.stage is Stage.FINAL}
    numbers: dict[str, int] = {}
    for definition in definitions:
        name = definition.key.to_user_string()
        if name in final:
            numbers[name] = _wave(name, definition.metadata_by_key[definition.key])
    for definition in definitions:
        name = definition.key.to_user_string()
        for parent in sorted(key.to_user_string() for key in definition.dependency_keys):
            if name in final and parent in final and numbers[parent] >= numbers[name]:
                raise NotCompilable(
                    f"its wave {numbers[name]} does not come after that of its parent {parent!r} "
                    f"({numbers[parent]})",
                    f"Correct the metadata {WAVE!r}; it follows from the foreign keys.",
                    asset=name,
                )
    return tuple(
        tuple(sorted(final[name] for name in final if numbers[name] == number))
        for number in sorted(set(numbers.values()))
    )


def _wave(name: str, metadata: Mapping[str, object]) -> int:
    text = _text(metadata.get(WAVE, ""))
    if not text.isdigit():
        raise NotCompilable(
            "it does not say its wave", f"Give it the metadata {WAVE!r}.", asset=name
        )
    return int(text)


def _text(value: object) -> str:
    """A metadata entry as text: Dagster wraps some of them."""
    return str(getattr(value, "value", value))
