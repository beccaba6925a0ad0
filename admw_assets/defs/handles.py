"""What crosses the edges between ops: small typed references, never rows."""

from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, ConfigDict

from admw_assets.core.step import StepResult


class StepHandle(BaseModel):
    """What a step hands on: which (file, table) it was, and its counts as `core.step.Counts`."""

    model_config = ConfigDict(frozen=True)

    file: str
    table: str
    run_id: str
    records: int | None = None
    expected: int | None = None
    loaded: int | None = None
    rejected: int | None = None
    dropped: int | None = None
    mismatched: int | None = None

    @classmethod
    def of(cls, result: StepResult) -> Self:
        """The handle for a step's result."""
        known = result.to_json() | asdict(result.counts)
        return cls.model_validate({name: known[name] for name in cls.model_fields})


class TransformedFile(StepHandle):
    """Rows are staged, in the folder `staged`."""

    staged: str


class LoadedRows(StepHandle):
    """Rows are in the stage's table."""


class ReconciledRows(StepHandle):
    """Rows are proven to be what was delivered; `report` is the folder with the proof."""

    report: str


class ArchivedSource(StepHandle):
    """The source file is in `archive`, or (None) waits for the other tables that it feeds."""

    archive: str | None = None
