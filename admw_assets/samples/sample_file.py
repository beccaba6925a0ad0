"""What a kind of sample file is made of; imports numpy through draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeAlias

import numpy as np

from admw_assets.samples.draws import Draws, Integers, Texts
from admw_assets.samples.faults import Fault
from admw_assets.samples.words import COUNTRIES

LINES = (3, 1, 5, 2, 4, 7, 1, 2, 6, 3, 4, 1, 8, 2, 3, 4)
"""Lines on a receipt: the purchases of the shop repeat this pattern."""
_PATTERN_ITEMS = sum(LINES)
_PATTERN_PURCHASE = np.repeat(np.arange(len(LINES)), LINES)
_PATTERN_FIRST = np.cumsum((0, *LINES[:-1]))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many sound rows the tables have that others refer to, and the purchase items."""

    country: int
    brand: int
    category: int
    staff: int
    customer: int
    product: int
    cart_item: int
    purchase: int
    purchase_item: int

    def of(self, entity: str) -> int:
        """The number of sound records in a kind of file."""
        return {f.name.upper(): getattr(self, f.name) for f in fields(self)}[entity]


def sizes_for(rows: int) -> Sizes:
    """The shop that has so many purchase items; small tables have least sizes."""
    return Sizes(
        country=len(COUNTRIES),
        brand=max(12, min(rows // 200, 2_000)),
        category=max(16, min(rows // 400, 1_000)),
        staff=max(14, min(rows // 1_000, 2_000)),
        customer=max(20, rows // 10),
        product=max(30, rows // 20),
        cart_item=max(25, rows // 8),
        purchase=int(purchase_of_item(np.array([max(rows, 1) - 1]))[0]) + 1,
        purchase_item=rows,
    )


def purchase_of_item(item: Integers) -> Integers:
    """The place (from 0) of the purchase that a purchase item belongs to."""
    return item // _PATTERN_ITEMS * len(LINES) + _PATTERN_PURCHASE[item % _PATTERN_ITEMS]


def first_item_of(purchase: Integers) -> Integers:
    """The place (from 0) of a purchase's first item."""
    return purchase // len(LINES) * _PATTERN_ITEMS + _PATTERN_FIRST[purchase % len(LINES)]


def lines_of(purchase: Integers) -> Integers:
    """How many items a purchase has."""
    return np.array(LINES)[purchase % len(LINES)]


RowBuilder: TypeAlias = Callable[[Draws, Sizes], list[Texts]]
OutcomeCounter: TypeAlias = Callable[[list[Texts]], dict[str, tuple[int, int]]]
"""Counts what sound records make: table -> (expected rows, dropped rows)."""


def _no_cells(_place: int) -> Mapping[str, str | None]:
    return {}


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One kind of file: its columns in file order and how they are drawn.

    `free_text` are the columns whose texts may need quotes. `hash_column` is the last column of
    the file where it carries a source hash. `planted_cells` gives the cells (by column, for the
    n-th planted record) that keep a planted record from being anything but its fault.
    `later_faults` are those of a second delivery; with it comes `second_delivery`.
    """

    entity: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    build: RowBuilder
    free_text: frozenset[str]
    faults: tuple[Fault, ...] = ()
    later_faults: tuple[Fault, ...] = ()
    second_delivery: bool = False
    hash_column: str | None = None
    line_end: str = "\n"
    outcome: OutcomeCounter | None = None
    is_dropped: Callable[[int], bool] = field(default=lambda _place: False)
    planted_cells: Callable[[int], Mapping[str, str | None]] = _no_cells
