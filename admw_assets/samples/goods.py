"""Sample files about goods: BRAND (in two deliveries), CATEGORY, PRODUCT (for two tables)."""

import numpy as np

from admw_assets.samples.draws import Draws, Integers, Texts, blanked, decimals, instants, integers
from admw_assets.samples.faults import (
    Damage,
    Fault,
    bad_value,
    existing_key,
    malformed,
    orphan,
    repeated_key,
    tampered,
)
from admw_assets.samples.sample_file import SampleFile, Sizes
from admw_assets.samples.words import (
    BRAND_COUNTRIES,
    BRAND_FIRST,
    BRAND_SECOND,
    CATEGORY_TEXTS,
    CATEGORY_WORDS,
    DESCRIPTIONS,
    GOODS,
    LABELS,
    SIZES,
    WEBSITES,
)

_FIRST_LISTING = 1_483_228_800_000  # 2017-01-01, milliseconds since 1970
_LAST_LISTING = 1_704_060_000_000  # 2023-12-31
_MOST_SECONDARY = 4


def _brand_name(place: int) -> str:
    """A name that no other place has, whatever the collation."""
    first, second = len(BRAND_FIRST), len(BRAND_SECOND)
    name = f"{BRAND_FIRST[place % first]} {BRAND_SECOND[place // first % second]}"
    series = place // (first * second)
    return f"{name} {series + 1}" if series else name


def _brands(draws: Draws, _sizes: Sizes) -> list[Texts]:
    founded = draws.numbers("founded", 1901, 2023)
    return [
        integers(draws.index + 1),
        [_brand_name(place) for place in draws.index.tolist()],
        draws.chosen("country_code", BRAND_COUNTRIES),
        draws.chosen("website", WEBSITES),
        blanked(integers(founded), draws.rarely("founded", 5)),
        draws.chosen("own_label", ("N", "N", "N", "Y")),
    ]


BRAND = SampleFile(
    entity="BRAND",
    tables=("brand",),
    columns=("brand_no", "name", "country_code", "website", "founded", "own_label"),
    build=_brands,
    free_text=frozenset({"name", "website"}),
    faults=(
        *malformed("website"),
        bad_value("integer", "brand", "id", "12x", file_column="brand_no"),
        bad_value("range", "brand", "id", "4294967296", file_column="brand_no"),
        bad_value("not_null", "brand", "name", None),
        bad_value("length", "brand", "name", "x" * 81),
        bad_value("year", "brand", "founded", "MCMXC"),
        bad_value("boolean", "brand", "own_label", "maybe"),
        repeated_key("brand", "id", file_columns=("brand_no",)),
        repeated_key("brand", "name"),
        orphan("brand", "country_code", "QQ"),
    ),
    later_faults=(
        existing_key("brand", "id", file_columns=("brand_no",)),
        existing_key("brand", "name"),
    ),
    second_delivery=True,
)


def _categories(draws: Draws, _sizes: Sizes) -> list[Texts]:
    place = draws.index
    parent = draws.numbers("parent_id", 0, 2**40) % np.maximum(place, 1) + 1
    words = draws.chosen("name", CATEGORY_WORDS)
    return [
        integers(place + 1),
        blanked(integers(parent), place % 8 == 0),
        [f"{word} {number}" for word, number in zip(words, (place + 1).tolist(), strict=True)],
        integers(draws.numbers("position", 0, 65_535)),
        draws.chosen("visible", ("true", "true", "1", "false")),
        draws.chosen("description", CATEGORY_TEXTS),
    ]


CATEGORY = SampleFile(
    entity="CATEGORY",
    tables=("category",),
    columns=("id", "parent_id", "name", "position", "visible", "description"),
    build=_categories,
    free_text=frozenset({"name", "description"}),
    planted_cells=lambda _place: {"parent_id": "1"},
    faults=(
        *malformed("name"),
        bad_value("integer", "category", "position", "first"),
        bad_value("range", "category", "position", "65536"),
        bad_value("not_null", "category", "name", None),
        bad_value("length", "category", "name", "ß" * 61),
        bad_value("boolean", "category", "visible", "yes?"),
        repeated_key("category", "id"),
        orphan("category", "parent_id", "4000000000"),
    ),
)


def price_of(draws: Draws) -> Integers:
    """The prices of products in cents."""
    return draws.numbers("price", 19, 89_99)


def _secondary_categories(draws: Draws, sizes: Sizes) -> Texts:
    """Lists of up to four different categories, about two in five products without any."""
    count = np.maximum(draws.numbers("secondary_count", -2, _MOST_SECONDARY), 0).tolist()
    start = draws.numbers("secondary_start", 0, sizes.category - 1).tolist()
    widest = max(1, (sizes.category - 1) // _MOST_SECONDARY)
    step = draws.numbers("secondary_step", 1, widest).tolist()
    comma = draws.chosen("secondary_comma", (",", ",", ", "))
    return [
        str(between).join(str((a + k * by) % sizes.category + 1) for k in range(n)) if n else None
        for n, a, by, between in zip(count, start, step, comma, strict=True)
    ]


def _products(draws: Draws, sizes: Sizes) -> list[Texts]:
    number = draws.index + 1
    names = zip(draws.chosen("good", GOODS), draws.chosen("size", SIZES), strict=True)
    brands = draws.numbers("brand_id", 1, sizes.brand)
    weights: Texts = [f"{w / 1000:.3f}" for w in draws.numbers("weight_kg", 1, 25_000).tolist()]
    moments = instants(
        draws.numbers("listed_at", _FIRST_LISTING, _LAST_LISTING), draws.rarely("listed_east", 4)
    )
    return [
        integers(number),
        [f"SM{value:010d}" for value in number.tolist()],
        [f"{good}, {size}" for good, size in names],
        draws.chosen("description", DESCRIPTIONS),
        blanked(integers(brands), draws.rarely("brand_id", 6)),
        integers(draws.numbers("category_id", 1, sizes.category)),
        decimals(price_of(draws), 2),
        draws.chosen("vat_rate", ("0.0700", "0.07", "0.1900")),
        blanked(weights, draws.rarely("weight_kg", 8)),
        draws.chosen("labels", LABELS),
        blanked(moments, draws.rarely("listed_at", 10)),
        _secondary_categories(draws, sizes),
    ]


def _product_rows(columns: list[Texts]) -> dict[str, tuple[int, int]]:
    listed = sum(ids.count(",") + 1 for ids in columns[-1] if ids is not None)
    return {"product": (len(columns[0]), 0), "product_secondary_category": (listed, 0)}


def _bad_list(kind: str, rule: str, column: str, ids: str, stage: str = "preliminary") -> Fault:
    """A list of two categories, of which the second is wrong."""
    table = "product_secondary_category"
    cells = {"secondary_categories": ids}
    sound = {"product": 1, table: 1}
    return Fault(f"{kind}:list", rule, Damage.CELLS, table, column, cells, stage, sound)


PRODUCT = SampleFile(
    entity="PRODUCT",
    tables=("product", "product_secondary_category"),
    columns=(
        "id",
        "sku",
        "name",
        "description",
        "brand_id",
        "category_id",
        "price",
        "vat_rate",
        "weight_kg",
        "labels",
        "listed_at",
        "secondary_categories",
    ),
    build=_products,
    free_text=frozenset({"name", "description", "labels", "secondary_categories"}),
    hash_column="admw_source_hash",
    outcome=_product_rows,
    # A rejected product leaves the rows of its list without a parent: so none has a list.
    planted_cells=lambda _place: {"secondary_categories": None},
    faults=(
        # A quote that is not closed would take in the records after it: this file has
        # quoted line ends.
        *malformed(
            "name",
            Damage.TOO_FEW_FIELDS,
            Damage.TOO_MANY_FIELDS,
            Damage.TEXT_AFTER_QUOTE,
            Damage.INVALID_BYTES,
        ),
        tampered("admw_source_hash", "price", "1000000.00"),
        bad_value("integer", "product", "id", "12x"),
        bad_value("range", "product", "id", "-1"),
        bad_value("not_null", "product", "category_id", None),
        bad_value("length", "product", "sku", "SM00000000001"),
        bad_value("character", "product", "sku", "SM-Größe"),
        bad_value("decimal", "product", "price", "2.50 €"),
        bad_value("precision", "product", "price", "123456789.00"),
        bad_value("scale", "product", "vat_rate", "0.07125"),
        bad_value("number", "product", "weight_kg", "heavy"),
        bad_value("set", "product", "labels", "organic,cheap"),
        bad_value("datetime", "product", "listed_at", "2023-13-01T10:15:30Z"),
        repeated_key("product", "id"),
        repeated_key("product", "sku"),
        orphan("product", "category_id", "4000000000"),
        orphan("product", "brand_id", "4000000000"),
        _bad_list("integer", "integer", "category_id", "1,12x"),
        _bad_list("duplicate_key", "duplicate_key", "product_id, category_id", "2,2"),
        _bad_list("orphan", "orphan", "category_id", "3,4000000000", stage="final"),
    ),
)
