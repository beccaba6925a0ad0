"""Sample files about sales: PURCHASE, PURCHASE_ITEM, CART_ITEM."""

import numpy as np

from admw_assets.samples.draws import Draws, Integers, Texts, blanked, decimals, instants, integers
from admw_assets.samples.faults import bad_value, malformed, orphan, repeated_key, tampered
from admw_assets.samples.goods import price_of
from admw_assets.samples.sample_file import (
    LINES,
    SampleFile,
    Sizes,
    first_item_of,
    lines_of,
    purchase_of_item,
)
from admw_assets.samples.words import GIFT_MESSAGES, REMARKS

_OPENED = 1_577_865_600_000  # 2020-01-01T08:00:00Z, milliseconds since 1970
_NOW = 1_704_060_000_000  # 2023-12-31T22:00:00Z
_OLD_CARTS = (1_514_800_000_000, 1_546_300_000_000)  # all of 2018
_OLD_CART_EVERY = 23
_MINUTE = 60_000
_ITEMS_PER_PLANTED_PURCHASE = 50_000  # line_number is SMALLINT UNSIGNED


def _product_places(draws: Draws, sizes: Sizes) -> Integers:
    return draws.numbers("product_id", 0, sizes.product - 1)


def _quantities(draws: Draws) -> Integers:
    """In thousandths: mostly pieces, sometimes a weight."""
    pieces = draws.numbers("pieces", 1, 6) * 1000
    return np.where(draws.rarely("weighed", 5), draws.numbers("weight", 50, 3_999), pieces)


def _prices(draws: Draws, sizes: Sizes) -> Integers:
    return price_of(draws.of("PRODUCT", _product_places(draws, sizes)))


def _totals(draws: Draws, sizes: Sizes) -> Integers:
    """What the items of each purchase cost together, in cents, each item rounded up."""
    first, lines = first_item_of(draws.index), lines_of(draws.index)
    total = np.zeros(len(draws.index), dtype=np.int64)
    for line in range(max(LINES)):
        items = draws.of("PURCHASE_ITEM", first + line)
        amounts = (_quantities(items) * _prices(items, sizes) + 999) // 1000
        total += np.where(line < lines, amounts, 0)
    return total


def _purchases(draws: Draws, sizes: Sizes) -> list[Texts]:
    number = draws.index + 1
    moment = draws.numbers("purchased_at", _OPENED, _NOW)
    paid = moment + draws.numbers("paid_after", 1, 45) * _MINUTE
    east = draws.rarely("east", 5)
    customers = draws.numbers("customer_id", 1, sizes.customer)
    staff = draws.numbers("staff_id", 1, sizes.staff - 1)
    return [
        integers(number),
        blanked(integers(customers), draws.rarely("customer_id", 4)),
        blanked(integers(staff), draws.rarely("staff_id", 3)),
        instants(moment, east, unit="ms"),
        blanked(instants(paid, east), draws.rarely("paid_at", 15)),
        draws.chosen("payment", ("cash", "card", "card", "voucher", "invoice")),
        decimals(_totals(draws, sizes), 2),
        draws.chosen("discount_rate", ("0", "0.0000", "0.0250", "0.1")),
        [f"R{value:013d}" for value in number.tolist()],
        draws.chosen("remark", REMARKS),
    ]


PURCHASE = SampleFile(
    entity="PURCHASE",
    tables=("purchase",),
    columns=(
        "id",
        "customer_id",
        "staff_id",
        "purchased_at",
        "paid_at",
        "payment",
        "total",
        "discount_rate",
        "receipt",
        "remark",
    ),
    build=_purchases,
    free_text=frozenset({"remark"}),
    hash_column="admw_source_hash",
    faults=(
        *malformed("remark"),
        tampered("admw_source_hash", "total", "1000000.00"),
        bad_value("integer", "purchase", "id", "12x"),
        bad_value("range", "purchase", "staff_id", "-1"),
        bad_value("not_null", "purchase", "purchased_at", None),
        bad_value("length", "purchase", "remark", "ü" * 201),
        bad_value("datetime", "purchase", "paid_at", "yesterday"),
        bad_value("enum", "purchase", "payment", "barter"),
        bad_value("decimal", "purchase", "total", "1.234,50"),
        bad_value("precision", "purchase", "total", "123456789.00"),
        bad_value("scale", "purchase", "discount_rate", "0.00001"),
        repeated_key("purchase", "id"),
        repeated_key("purchase", "receipt"),
        orphan("purchase", "customer_id", "999999999999"),
        orphan("purchase", "staff_id", "4000000000"),
    ),
)


def _purchase_items(draws: Draws, sizes: Sizes) -> list[Texts]:
    purchase = purchase_of_item(draws.index)
    line = draws.index - first_item_of(purchase) + 1
    return [
        integers(purchase + 1),
        integers(line),
        integers(_product_places(draws, sizes) + 1),
        decimals(_quantities(draws), 3),
        decimals(_prices(draws, sizes), 2),
        draws.chosen("returned", ("0",) * 30 + ("1",)),
        draws.chosen("remark", REMARKS),
    ]


def _spare_line(place: int) -> dict[str, str | None]:
    """A line of the first purchases that no sound item has."""
    purchase, line = divmod(place, _ITEMS_PER_PLANTED_PURCHASE)
    return {"purchase_id": str(purchase + 1), "line_number": str(100 + line)}


PURCHASE_ITEM = SampleFile(
    entity="PURCHASE_ITEM",
    tables=("purchase_item",),
    columns=(
        "purchase_id",
        "line_number",
        "product_id",
        "quantity",
        "unit_price",
        "returned",
        "remark",
    ),
    build=_purchase_items,
    free_text=frozenset({"remark"}),
    hash_column="admw_file_hash",
    planted_cells=_spare_line,
    faults=(
        *malformed("remark"),
        tampered("admw_file_hash", "unit_price", "1000000.00"),
        bad_value("integer", "purchase_item", "product_id", "12x"),
        bad_value("range", "purchase_item", "line_number", "65536"),
        bad_value("not_null", "purchase_item", "quantity", None),
        bad_value("length", "purchase_item", "remark", "🥖" * 101),
        bad_value("boolean", "purchase_item", "returned", "perhaps"),
        bad_value("decimal", "purchase_item", "quantity", "a few"),
        bad_value("precision", "purchase_item", "quantity", "123456.000"),
        bad_value("scale", "purchase_item", "unit_price", "0.999"),
        repeated_key("purchase_item", "purchase_id", "line_number"),
        orphan("purchase_item", "purchase_id", "999999999999"),
        orphan("purchase_item", "product_id", "4000000000"),
    ),
)


def _is_old_cart(place: int) -> bool:
    return place % _OLD_CART_EVERY == 7


def _cart_items(draws: Draws, sizes: Sizes) -> list[Texts]:
    old = draws.index % _OLD_CART_EVERY == 7
    moment = np.where(
        old, draws.numbers("old_cart", *_OLD_CARTS), draws.numbers("added_at", _OPENED, _NOW)
    )
    return [
        integers(draws.index + 1),
        integers(draws.numbers("customer_id", 1, sizes.customer)),
        integers(_product_places(draws, sizes) + 1),
        integers(draws.numbers("quantity", 1, 12)),
        instants(moment, draws.rarely("east", 6)),
        draws.chosen("gift_message", GIFT_MESSAGES),
    ]


def _cart_rows(columns: list[Texts]) -> dict[str, tuple[int, int]]:
    old = sum(str(added) < "2020" for added in columns[4])
    return {"cart_item": (len(columns[0]), old)}


CART_ITEM = SampleFile(
    entity="CART_ITEM",
    tables=("cart_item",),
    columns=("id", "customer_id", "product_id", "quantity", "added_at", "gift_message"),
    build=_cart_items,
    free_text=frozenset({"gift_message"}),
    outcome=_cart_rows,
    is_dropped=_is_old_cart,
    planted_cells=lambda _place: {"added_at": "2023-05-05T12:00:00Z"},
    faults=(
        *malformed("gift_message"),
        bad_value("integer", "cart_item", "quantity", "2 or 3"),
        bad_value("range", "cart_item", "quantity", "65536"),
        bad_value("not_null", "cart_item", "customer_id", None),
        bad_value("length", "cart_item", "gift_message", "♥" * 141),
        bad_value("datetime", "cart_item", "added_at", "2023-05-05T25:00:00Z"),
        repeated_key("cart_item", "id"),
        orphan("cart_item", "customer_id", "999999999999"),
        orphan("cart_item", "product_id", "4000000000"),
    ),
)
