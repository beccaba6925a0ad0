"""A transform that stumbles over a value and says which."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def letter(records: DataFrame) -> DataFrame:
    """Letters as they are; one whose body begins with `explode` ends the transform."""
    body = F.when(
        F.col("body").startswith("explode"),
        F.raise_error(F.concat(F.lit("cannot do "), F.col("body"))).cast("string"),
    ).otherwise(F.col("body"))
    return records.select("admw_record_number", "id", "person_email", body.alias("body"))
