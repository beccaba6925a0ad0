"""Dagster's view of a migration: the only package with ops, assets, jobs and resources."""
