"""The Lambda functions: start, tracker, step, db_init; no Dagster, no Spark.

Handlers import what they need when they are called, so that each module is there in an instant.
"""
