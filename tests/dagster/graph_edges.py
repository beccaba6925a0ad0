"""The ops of a graph asset, and the edges between them with the types at both ends."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True, slots=True)
class Edge:
    """An op's output and the op's input that takes it; types as the ops declare them."""

    output: str
    input: str
    given: dg.DagsterType
    taken: dg.DagsterType

    @property
    def fits(self) -> bool:
        """True where whatever the one op gives, the other takes."""
        return issubclass(self.given.typing_type, self.taken.typing_type)


def edges_of(asset: dg.AssetsDefinition) -> Iterator[Edge]:
    """Every edge inside the asset's graph."""
    graph = graph_of(asset)
    structure = graph.dependency_structure
    for node in graph.nodes_in_topological_order:
        taken_by = structure.input_to_upstream_outputs_for_node(node.name)
        for taken, outputs in taken_by.items():
            for given in outputs:
                yield Edge(
                    f"{given.node_name}.{given.output_name}",
                    f"{node.name}.{taken.input_name}",
                    given.output_def.dagster_type,
                    taken.input_def.dagster_type,
                )


def graph_of(asset: dg.AssetsDefinition) -> dg.GraphDefinition:
    """The asset's graph."""
    assert isinstance(asset.node_def, dg.GraphDefinition), f"{asset.key} is no graph asset"
    return asset.node_def


def ops_of(asset: dg.AssetsDefinition) -> list[dg.OpDefinition]:
    """The ops of the asset's graph, each after those that it needs."""
    definitions = [node.definition for node in graph_of(asset).nodes_in_topological_order]
    assert all(isinstance(definition, dg.OpDefinition) for definition in definitions)
    return [definition for definition in definitions if isinstance(definition, dg.OpDefinition)]
