"""Transforms of the supermarket: a function for every table that `migration.yaml` names one for.

A transform gets the records of a file, every column as nullable text, with `admw_record_number`.
It returns every column of its table as text, `admw_record_number`, and where it needs them
`admw_row_number` (position among the rows of one record, from 1) and `admw_drop_reason` (not
NULL: the row is dropped on purpose). It judges nothing: a text it cannot read goes on as it is,
for the validation against the table to reject.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SHOP_TIME_ZONE = "Europe/Berlin"
SELF_CHECKOUT = "0"
BEFORE_RECORDS_BEGAN = "2000-01-01 00:00:00"
OLDEST_CART = "2020-01-01 00:00:00"
MOST_SECONDARY_CATEGORIES = 999

# Years from 1000: where DATETIME begins (MySQL manual, The DATE, DATETIME, and TIMESTAMP Types).
_INSTANT = r"^[1-9]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-8]):[0-5]\d)\z"
_LOCAL = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?\z"


def local_time(name: str) -> Column:
    """The local time in the shop at an ISO 8601 instant with an offset.

    `2024-03-01T10:15:30.5Z` becomes `2024-03-01 11:15:30.5`; all else stays as it is, a time
    without an offset as one that is local already. Needs a session whose time zone is UTC. In
    the hour that comes twice in autumn two instants become one local time.
    """
    given = F.col(name)
    # What these take it apart into means something only where _INSTANT matches.
    is_utc = given.endswith("Z")
    digits = given.substr(F.lit(20), F.length(given) - F.when(is_utc, 20).otherwise(25))
    written = given.substr(1, 19)
    # The session's zone is UTC: naming it would make Spark look it up for every row.
    zoned = F.when(is_utc, written).otherwise(F.concat(written, F.right(given, F.lit(6))))
    instant = F.try_to_timestamp(zoned)
    local = F.from_utc_timestamp(instant, SHOP_TIME_ZONE)
    text = F.concat(F.date_format(local, "yyyy-MM-dd HH:mm:ss"), digits)
    return F.coalesce(F.when(given.rlike(_INSTANT), text), given)


def default_if_blank(name: str, default: str) -> Column:
    """The column, or the default where it is NULL, empty or only spaces."""
    return F.when(F.trim(name) != "", F.col(name)).otherwise(F.lit(default))


def customer(records: DataFrame) -> DataFrame:
    """Registrations in local time; customers older than the records get the day they began."""
    filled = records.withColumn(
        "registered_at", default_if_blank("registered_at", BEFORE_RECORDS_BEGAN)
    )
    return filled.select(
        "admw_record_number",
        "id",
        F.trim("email").alias("email"),
        "first_name",
        "last_name",
        "phone",
        "birth_date",
        "country_code",
        F.col("zip").alias("postal_code"),
        "city",
        "loyalty_level",
        "newsletter",
        "balance",
        local_time("registered_at").alias("registered_at"),
        "note",
    )


def product(records: DataFrame) -> DataFrame:
    """Products; their secondary categories become rows of a table of their own."""
    filled = records.withColumn("listed_at", default_if_blank("listed_at", BEFORE_RECORDS_BEGAN))
    return filled.select(
        "admw_record_number",
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
        local_time("listed_at").alias("listed_at"),
    )


def product_secondary_category(records: DataFrame) -> DataFrame:
    """A row for every category in a product's list, `3,17,4`, in the order of the list.

    The id is product id * 1000 + position, so it is the same in every run and in no other
    product. Where that cannot be computed the product's id, or NULL for a list that is too
    long, takes its place and is rejected.
    """
    listed = F.split("secondary_categories", ",")
    rows = records.where(F.trim("secondary_categories") != "").select(
        "admw_record_number",
        F.col("id").alias("product_id"),
        F.posexplode(listed).alias("index", "category"),
    )
    position = F.col("index") + 1
    number = F.expr("try_cast(product_id AS DECIMAL(20, 0))") * 1000 + position
    generated = F.coalesce(number.cast("string"), F.col("product_id"))
    return rows.select(
        "admw_record_number",
        position.alias("admw_row_number"),
        F.when(position <= MOST_SECONDARY_CATEGORIES, generated).alias("id"),
        "product_id",
        F.trim("category").alias("category_id"),
    )


def purchase(records: DataFrame) -> DataFrame:
    """Purchases in local time; where nobody served, it was the self checkout."""
    return records.select(
        "admw_record_number",
        "id",
        "customer_id",
        default_if_blank("staff_id", SELF_CHECKOUT).alias("staff_id"),
        local_time("purchased_at").alias("purchased_at"),
        local_time("paid_at").alias("paid_at"),
        "payment",
        "total",
        "discount_rate",
        "receipt",
        "remark",
    )


def cart_item(records: DataFrame) -> DataFrame:
    """Carts as they stand, without what was put into one before 2020 and never bought."""
    local = records.withColumn("added_at", local_time("added_at"))
    is_old = F.col("added_at").rlike(_LOCAL) & (
        F.try_to_timestamp("added_at") < F.try_to_timestamp(F.lit(OLDEST_CART))
    )
    return local.select(
        "admw_record_number",
        F.when(is_old, F.lit("left in the cart since before 2020")).alias("admw_drop_reason"),
        "id",
        "customer_id",
        "product_id",
        "quantity",
        "added_at",
        "gift_message",
    )
