"""What a migration is to the compiler: assets, ops, edges, tables, waves; imports core only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from admw_assets.core.step import Stage, StepKind


class Runtime(StrEnum):
    """Where an op runs on AWS.

    GLUE: always a Glue job. LAMBDA: a Lambda function, for large files a Glue job.
    """

    GLUE = "glue"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Op:
    """One op of an asset; `after` names the ops whose outputs it takes."""

    name: str
    step: StepKind
    runtime: Runtime
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """One stage of one table; `ops` in an order that keeps every edge."""

    key: str
    stage: Stage
    table: str
    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An op graph, and the tables that go through it."""

    ops: tuple[Op, ...]
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that is compiled; `waves` are the tables in the order of their foreign keys."""

    assets: tuple[Asset, ...]
    waves: tuple[tuple[str, ...], ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table, parents first."""
        return tuple(table for wave in self.waves for table in wave)

    def shapes(self, stage: Stage) -> tuple[Shape, ...]:
        """The different op graphs of a stage, that of most tables first."""
        tables: dict[tuple[Op, ...], list[str]] = {}
        for asset in self.assets:
            if asset.stage is stage:
                tables.setdefault(asset.ops, []).append(asset.table)
        shapes = [Shape(ops, tuple(sorted(names))) for ops, names in tables.items()]
        return tuple(sorted(shapes, key=lambda shape: (-len(shape.tables), shape.tables)))

    def runtimes(self) -> Mapping[tuple[Stage, StepKind], frozenset[Runtime]]:
        """Every step that some asset has, with the runtimes that its ops ask for."""
        found: dict[tuple[Stage, StepKind], frozenset[Runtime]] = {}
        for asset in self.assets:
            for op in asset.ops:
                key = (asset.stage, op.step)
                found[key] = found.get(key, frozenset()) | {op.runtime}
        return dict(sorted(found.items()))
