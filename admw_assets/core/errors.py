"""The error tree; imports nothing.

AdmwError
├── TransientError            try again: the same call may succeed
│   ├── DatabaseUnavailable
│   └── StorageUnavailable
└── TerminalError             trying again changes nothing; a person must act
    ├── ConfigurationError    migration.yaml, schema.sql, settings, command line
    │   └── SchemaError       a statement of schema.sql
    ├── DataFileError         the file itself: name, archive, encoding, header
    │   └── DataFileChanged
    ├── TransformError        a table's transform broke its contract
    ├── LoadError             the database did not take the rows as they are
    ├── RejectLimitExceeded   more rejects than the migration allows
    ├── ExtractionError       the source did not give its rows exactly as they are
    ├── ReconciliationFailed  (core.reconciliation) something was lost, doubled or changed
    └── ArchiveError          the archive cannot be trusted, the source stays
"""

from typing import ClassVar


class AdmwError(Exception):
    """An error with a next step.

    `message` says what is wrong, `next_step` what to do about it; `context` names the things
    involved (file, table, column, ...), all JSON-able.
    """

    transient: ClassVar[bool] = False

    def __init__(self, message: str, *, next_step: str = "", **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.context = context

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".rstrip()


class TransientError(AdmwError):
    """The same call may succeed later."""

    transient = True


class DatabaseUnavailable(TransientError):
    """The database cannot be reached, or gave up on a lock."""


class StorageUnavailable(TransientError):
    """The object store cannot be reached, or asks to slow down."""


class TerminalError(AdmwError):
    """Trying again changes nothing; a person must act."""


class ConfigurationError(TerminalError):
    """A migration folder, a setting or a command line is wrong."""


class SchemaError(ConfigurationError):
    """A statement of schema.sql cannot be used."""


class DataFileError(TerminalError):
    """A data file cannot be read as the migration says."""


class DataFileChanged(DataFileError):
    """A file of this name was already taken in with other bytes."""


class TransformError(TerminalError):
    """A table's transform broke its contract."""


class LoadError(TerminalError):
    """The database did not take the rows exactly as they are; nothing was kept."""


class RejectLimitExceeded(TerminalError):
    """More records were rejected than the migration allows; nothing was loaded.

    `location` is the folder of the report, once that is written.
    """

    location: str | None = None


class ExtractionError(TerminalError):
    """The source did not give its rows exactly as they are; the table is not extracted."""


class ArchiveError(TerminalError):
    """The archive cannot be trusted; the source file stays where it is."""
