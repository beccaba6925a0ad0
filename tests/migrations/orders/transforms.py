"""The one transform of tests/migrations/orders."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def customer_tag(records: DataFrame) -> DataFrame:
    """A row for every tag in a customer's list; the tag `old` is dropped."""
    rows = records.where(F.col("tags") != "").select(
        "admw_record_number",
        F.col("id").alias("customer_id"),
        F.posexplode(F.split("tags", ";")).alias("index", "tag"),
    )
    return rows.select(
        "admw_record_number",
        (F.col("index") + 1).alias("admw_row_number"),
        F.when(F.col("tag") == "old", "nobody uses it").alias("admw_drop_reason"),
        "customer_id",
        "tag",
    )
