"""The values of any table's rows, by their places; imports core, numpy through draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from admw_assets.core.migration import Migration
from admw_assets.core.schema import Column, TypeKind
from admw_assets.samples.check_limits import Limit, check_limits
from admw_assets.samples.drawn_text import TextDraw
from admw_assets.samples.draws import Draws, Flags, Integers, Texts, blanked
from admw_assets.samples.row_plan import Digit, Link, TablePlan
from admw_assets.samples.serial_text import serial_text

_NULL_ONE_IN = 6
_CHILDREN = 3  # rows that refer to one row of their own table


@dataclass(frozen=True, slots=True)
class TableValues:
    """Values of all tables of a migration; a child's foreign key is read from its parent's row.

    `can_stand` tells of a table's file whether it has a way to write a text.
    """

    migration: Migration
    plans: Mapping[str, TablePlan]
    seed: int
    can_stand: Callable[[str, str], bool]
    limits: dict[str, dict[str, Limit]] = field(default_factory=dict[str, dict[str, Limit]])

    def texts(self, table: str, name: str, places: Integers) -> Texts:
        """The texts of one column for the rows at these places."""
        plan = self.plans[table]
        column = plan.table.column(name)
        draws = Draws(self.seed, table, places)
        if name in plan.always_null:
            return [None] * len(places)
        if (digit := plan.serials.get(name)) is not None:
            return self._serial(table, column, digit, draws)
        found = plan.link_of(name)
        if found is not None:
            link, position = found
            parents, missing = self._parents(plan, link, draws)
            texts = self.texts(link.key.parent, link.key.parent_columns[position], parents)
            optional = column.nullable and name not in plan.table.primary_key
            return blanked(texts, missing) if optional else texts
        return self._drawn(table, column, draws)

    def _serial(self, table: str, column: Column, digit: Digit, draws: Draws) -> Texts:
        numbers = (draws.index // digit.divisor % digit.modulus).tolist()
        if column.type.kind is TypeKind.BOOLEAN:
            texts = self.migration.settings(table).booleans
            return [(texts.true if number else texts.false)[0] for number in numbers]
        draw = self._draw(table, column)
        stems = [draw.stem(bits) for bits in draws.bits(column.name).tolist()]
        return [serial_text(column.type, n, s) for n, s in zip(numbers, stems, strict=True)]

    def _drawn(self, table: str, column: Column, draws: Draws) -> Texts:
        draw = self._draw(table, column)
        if draw.limit and draw.limit.is_opaque and column.nullable:
            return [None] * len(draws.index)
        texts: Texts = list(draw.texts(draws.bits(column.name).tolist()))
        if column.nullable and column.name not in self.plans[table].table.primary_key:
            return blanked(texts, draws.rarely(f"{column.name} null", _NULL_ONE_IN))
        return texts

    def _draw(self, table: str, column: Column) -> TextDraw:
        if table not in self.limits:
            self.limits[table] = check_limits(self.plans[table].table)
        return TextDraw(
            column,
            self.seed,
            self.migration.settings(table).booleans,
            self.limits[table].get(column.name),
            lambda text: self.can_stand(table, text),
        )

    def _parents(self, plan: TablePlan, link: Link, draws: Draws) -> tuple[Integers, Flags]:
        """The places of the parents, and where there is none."""
        name = f"parent {', '.join(link.key.columns)}"
        count = self.plans[link.key.parent].rows
        if link.digit is not None:
            parents = draws.index // link.digit.divisor % link.digit.modulus
            return parents, np.zeros(len(parents), dtype=np.bool_)
        missing = draws.rarely(name, _NULL_ONE_IN) & link.is_nullable
        if link.key.parent == plan.table.name:
            return draws.index // _CHILDREN % count, missing | (draws.index == 0)
        return draws.numbers(name, 0, count - 1), missing
