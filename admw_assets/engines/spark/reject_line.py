"""A line of a rejects file: a JSON object of record, row, rule, column and message."""

from pyspark.sql import Column
from pyspark.sql import functions as F


def reject_line(
    record: Column, row: Column, rule: Column, column: Column, message: Column
) -> Column:
    """One reject as JSON."""
    return F.to_json(
        F.struct(
            record.cast("bigint").alias("record"),
            row.cast("bigint").alias("row"),
            rule.alias("rule"),
            column.alias("column"),
            message.alias("message"),
        )
    )
