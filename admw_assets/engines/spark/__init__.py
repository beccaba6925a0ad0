"""Transforms with Spark: reads, checks, transforms, validates, hashes and stages rows."""
