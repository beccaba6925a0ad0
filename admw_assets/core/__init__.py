"""The pure heart of ADMW: names, rules, contracts.

Imports the standard library, pydantic, sqlglot and yaml only.
"""
