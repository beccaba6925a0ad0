"""The Lambda functions; each imports admw_assets without Dagster and Spark, late, to start fast."""
