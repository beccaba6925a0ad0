"""From a compiled folder to a stack that runs: change sets through boto3.

Imports boto3, pydantic-free data and core; no Dagster, Spark or database. `cli.py` shows what
happens here and asks; nothing here prints.
"""
