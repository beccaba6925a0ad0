"""Data files out of a source database, with a source hash per row: `admw extract`.

Imports core and SQLAlchemy (with PyMySQL and psycopg below it), and nothing else of ADMW.
`extraction.extract` is the way in; docs/extract.md says how each type is written.
"""

from admw_assets.extraction.extraction import Extraction, TableOutcome, extract
from admw_assets.extraction.listener import ExtractListener
from admw_assets.extraction.request import (
    ExtractRequest,
    FileCompression,
    FileLimit,
    HashConvention,
)

__all__ = [
    "ExtractListener",
    "ExtractRequest",
    "Extraction",
    "FileCompression",
    "FileLimit",
    "HashConvention",
    "TableOutcome",
    "extract",
]
