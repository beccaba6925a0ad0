"""Transforms of the OpenFlights migration: generated ids, and one row per equipment code.

Values pass through as they stand in the file: what does not fit is for the validation to reject.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def plane(records: DataFrame) -> DataFrame:
    """Number the planes by their record."""
    return records.select(
        "admw_record_number",
        F.col("admw_record_number").cast("string").alias("id"),
        "name",
        "iata",
        "icao",
    )


def route(records: DataFrame) -> DataFrame:
    """Number the routes by their record; their equipment becomes rows of ROUTE_EQUIPMENT."""
    return records.select(
        "admw_record_number",
        F.col("admw_record_number").cast("string").alias("id"),
        "airline",
        "airline_id",
        "source_airport",
        "source_airport_id",
        "destination_airport",
        "destination_airport_id",
        "codeshare",
        "stops",
    )


def route_equipment(records: DataFrame) -> DataFrame:
    """Make a row of every equipment code, in the order of the list.

    Codes are what stands between spaces: two spaces in a row, and spaces at either end, hold
    no code between them. A route without equipment makes no row.
    """
    codes = F.filter(F.split("equipment", " "), lambda code: code != "")
    return records.select("admw_record_number", F.posexplode(codes).alias("index", "code")).select(
        "admw_record_number",
        (F.col("index") + 1).alias("admw_row_number"),
        F.col("admw_record_number").cast("string").alias("id_route"),
        (F.col("index") + 1).cast("string").alias("position"),
        F.col("code").alias("iata"),
    )
