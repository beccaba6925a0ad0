"""The AWS emulator of the rehearsal: ministack, and what it lacks without Docker.

Runs in `.venv-rehearsal` (`python -m tests.rehearsal.emulator`), which has ministack, boto3 and
nothing else; imports those and the standard library. Every addition replaces an attribute of a
ministack module in memory: nothing on disk changes.
"""
