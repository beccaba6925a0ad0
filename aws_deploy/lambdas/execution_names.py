"""Names of executions: the same cause gives the same name, so that it starts nothing twice."""

import hashlib
import re
from dataclasses import dataclass

_LONGEST_TABLE = 20
_DIGITS = 8
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]+")  # Step Functions allows some more; S3 keys do not
LONGEST = 64
"""Characters of a run's name in the tracker; Step Functions takes 80."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a stage is started: the attempt's number, and the version of the file's object.

    `version` is empty for final stages, which need no file.
    """

    file: str
    table: str
    stage: str
    attempt: int
    version: str = ""

    @property
    def name(self) -> str:
        """`pre-product-20240101_000000-1-<digest of file>-<digest of version>`."""
        stamp = self.file.partition("~")[2][:15]
        parts = [
            self.stage.replace("preliminary", "pre"),
            self.table[:_LONGEST_TABLE],
            stamp,
            str(self.attempt),
            _digest(self.stage, self.file, self.table),
            self.mark,
        ]
        return "-".join(_NOT_ALLOWED.sub("_", part) for part in parts if part)[:LONGEST]

    @property
    def mark(self) -> str:
        """What the names of all executions for this version of the file end with."""
        return _digest(self.version) if self.version else ""


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:_DIGITS]
