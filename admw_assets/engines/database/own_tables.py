"""ADMW's own tables in the target database, and the types they are made of; imports SQLAlchemy.

Times are UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

LONGEST_NAME = 64  # characters of an identifier (MySQL 8 manual, 11.2.1)
MYSQL_OPTIONS: Mapping[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4"}


def now() -> datetime:
    """This moment in UTC, without a zone, to the second."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def exact_text(length: int) -> TypeEngine[str]:
    """Text that compares byte by byte."""
    exact = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return String(length).with_variant(exact, "mysql")


def ascii_text(length: int) -> TypeEngine[str]:
    """Text of ASCII characters that compares byte by byte."""
    plain = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(plain, "mysql")


def hash_text() -> TypeEngine[str]:
    """64 hex digits."""
    plain = mysql.CHAR(64, charset="ascii", collation="ascii_bin")
    return String(64).with_variant(plain, "mysql")


def long_text() -> TypeEngine[str]:
    """Text without a limit that matters."""
    return Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql")


def long_bytes() -> TypeEngine[bytes]:
    """Bytes without a limit that matters."""
    return LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")


def _row_id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)


def _file_and_table() -> tuple[Column[str], Column[str]]:
    return (
        Column("file_name", exact_text(255), nullable=False),
        Column("table_name", exact_text(LONGEST_NAME), nullable=False),
    )


def _entry_key() -> tuple[Column[str], Column[str], Column[str]]:
    return (*_file_and_table(), Column("stage", ascii_text(16), nullable=False))


ADMW_METADATA = MetaData()

LEDGER = Table(
    "admw_ledger",
    ADMW_METADATA,
    *_entry_key(),
    Column("run_id", exact_text(64), nullable=False),
    Column("rows_loaded", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("checksum", ascii_text(80)),  # HashSum of what was staged
    Column("committed_at", DateTime, nullable=False),
    PrimaryKeyConstraint("file_name", "table_name", "stage"),
    **MYSQL_OPTIONS,
)

REPLAYS = Table(
    "admw_replays",
    ADMW_METADATA,
    *_file_and_table(),
    Column("replay_sha256", ascii_text(64), nullable=False),  # of the file of corrected records
    Column("run_id", exact_text(64), nullable=False),
    # What the replay changed in the equation of the (file, table), and in its sum of row hashes.
    Column("expected_change", BigInteger, nullable=False),
    Column("dropped_change", long_text(), nullable=False),  # JSON: rows by reason
    Column("rows_added", BigInteger, nullable=False),
    Column("checksum_added", ascii_text(80), nullable=False),
    Column("checksum_removed", ascii_text(80), nullable=False),
    Column("committed_at", DateTime, nullable=False),
    Column("finished_at", DateTime),  # NULL until both stages have been reconciled anew
    PrimaryKeyConstraint("file_name", "table_name", "replay_sha256"),
    **MYSQL_OPTIONS,
)

REJECTS = Table(
    "admw_rejects",
    ADMW_METADATA,
    _row_id(),
    *_entry_key(),
    Column("record_number", BigInteger, nullable=False),
    Column("row_in_record", Integer, nullable=False),
    Column("rule_name", exact_text(64), nullable=False),
    Column("column_names", long_text(), nullable=False),
    Column("message", long_text(), nullable=False),
    # NULL between the finding of a reject and the reading of its text, never after a commit.
    Column("record_text", long_bytes()),
    Column("byte_offset", BigInteger, nullable=False),
    Column("run_id", exact_text(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    # core.ports.RejectStatus; what is not open stays as history, with the record as it came again.
    Column("status", ascii_text(16), nullable=False, server_default="open"),
    Column("resolved_by", exact_text(64)),
    Column("resolved_at", DateTime),
    Column("replayed_text", long_bytes()),
    Index(
        "admw_rejects_entry",
        "file_name",
        "table_name",
        "stage",
        "record_number",
        "row_in_record",
    ),
    sqlite_autoincrement=True,
    **MYSQL_OPTIONS,
)

TRACKER = Table(
    "admw_tracker",
    ADMW_METADATA,
    *_entry_key(),
    Column("status", ascii_text(16), nullable=False),
    Column("step", ascii_text(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("records", BigInteger),
    Column("expected", BigInteger),
    Column("loaded", BigInteger),
    Column("rejected", BigInteger),
    Column("dropped", BigInteger),
    Column("mismatched", BigInteger),
    Column("seconds", Double, nullable=False),
    Column("message", long_text(), nullable=False),
    Column("report", long_text()),
    Column("archive", long_text()),
    Column("file_sha256", ascii_text(64), nullable=False),
    Column("run_id", exact_text(64), nullable=False),
    Column("started_at", ascii_text(40), nullable=False),
    Column("updated_at", ascii_text(40), nullable=False),
    PrimaryKeyConstraint("file_name", "table_name", "stage"),
    **MYSQL_OPTIONS,
)

EVENTS = Table(
    "admw_events",
    ADMW_METADATA,
    _row_id(),
    *_entry_key(),
    Column("step", ascii_text(16), nullable=False),
    Column("status", ascii_text(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("run_id", exact_text(64), nullable=False),
    Column("happened_at", ascii_text(40), nullable=False),
    Column("seconds", Double, nullable=False),
    Column("row_count", BigInteger),
    Column("message", long_text(), nullable=False),
    Column("result", long_text()),  # StepResult as JSON
    Index("admw_events_entry", "file_name", "table_name", "stage"),
    sqlite_autoincrement=True,
    **MYSQL_OPTIONS,
)

MANIFESTS = Table(
    "admw_manifests",
    ADMW_METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("file_name", exact_text(255), nullable=False),
    Column("sha256", ascii_text(64), nullable=False),  # of the document
    Column("document", long_text(), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Index("admw_manifests_file", "file_name"),
    **MYSQL_OPTIONS,
)
