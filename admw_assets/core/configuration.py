"""What `migration.yaml` may say: the pydantic models, and so its JSON schema.

Only what DDL cannot say stands here. Imports pydantic only; reading the file and checking it
against schema.sql is `core.migration`.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SingleCharacter = Annotated[str, Field(min_length=1, max_length=1)]
Percentage = Annotated[float, Field(ge=0, le=100)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileFormat(_Model):
    """How the records of a file are written (RFC 4180 unless said otherwise)."""

    delimiter: SingleCharacter = ","
    quote: SingleCharacter | None = Field(default='"', description="null: no field is ever quoted")
    escape: SingleCharacter | None = Field(
        default=None,
        description="What goes before a quote inside a quoted field; null: it is doubled.",
    )
    header: bool = Field(default=True, description="The first record names the columns.")
    columns: list[str] | None = Field(
        default=None, description="The columns in file order; needed where there is no header."
    )
    null_marker: str = Field(
        default="",
        description="The text that means NULL. With the empty text (default) an unquoted empty "
        'field is NULL and "" is the empty string; with another marker every empty field is the '
        "empty string.",
    )
    encoding: str = "utf-8"
    quoted_newlines: bool = Field(
        default=False,
        description="Quoted fields may hold line ends (reading is then not parallel).",
    )

    @field_validator("delimiter", "quote", "escape")
    @classmethod
    def _must_be_one_byte(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value in "\r\n\0"):
            raise ValueError("must be one ASCII character that is no line end")
        return value

    @field_validator("encoding")
    @classmethod
    def _must_be_known(cls, value: str) -> str:
        import codecs

        try:
            return codecs.lookup(value).name
        except LookupError as err:
            raise ValueError(f"no encoding is called {value!r}; common: utf-8, cp1252") from err

    @model_validator(mode="after")
    def _must_name_columns(self) -> "FileFormat":
        if not self.header and not self.columns:
            raise ValueError("without a header, `columns` must list the columns in file order")
        if self.columns and len({c.casefold() for c in self.columns}) != len(self.columns):
            raise ValueError("`columns` names a column twice")
        if self.quote == self.delimiter:
            raise ValueError("`quote` and `delimiter` must differ")
        return self


class ExcessDigits(StrEnum):
    """What happens to decimal digits (or digits of seconds) that the column cannot keep."""

    REJECT = "reject"
    ROUND = "round"


class OnConflict(StrEnum):
    """What the final stage does with orphans and with keys that another file has brought."""

    REJECT = "reject"
    FAIL = "fail"


class ExtraColumns(StrEnum):
    """What happens to columns of a file that the migration does not know."""

    REFUSE = "refuse"  # the stage fails
    IGNORE = "ignore"  # they are left behind, and the report says so
    KEEP = "keep"  # they stay with the preliminary row (column admw_extra) and go no further


class MissingColumns(StrEnum):
    """What happens where a file lacks a column of its table."""

    REFUSE = "refuse"  # the stage fails
    FILL = "fill"  # the column's default, or NULL where it may be; the report says so


class RowsPerRecord(StrEnum):
    """How many rows a transform makes of one record."""

    ONE = "one"  # exactly one, or a row marked as dropped
    MANY = "many"  # none, one or several: then the transform's own count is the expected one


class Compression(StrEnum):
    """How archives are compressed."""

    ZIP = "zip"
    ZSTD = "zstd"
    GZ = "gz"


class RejectLimit(_Model):
    """How many records of a file may be rejected before nothing of it is loaded.

    Both limits hold where both are given; without any, every number is allowed.
    """

    count: Annotated[int, Field(ge=0)] | None = None
    percent: Percentage | None = None


class BooleanTexts(_Model):
    """The texts that mean true and false in boolean columns, compared without case."""

    true: list[str] = ["1", "true"]
    false: list[str] = ["0", "false"]


class TableRules(_Model):
    """What one table needs beyond its DDL."""

    transform: str | None = Field(default=None, description="A function in transforms.py.")
    rows_per_record: RowsPerRecord = RowsPerRecord.ONE
    columns: dict[str, str] = Field(
        default_factory=dict, description="target column: file column, where the names differ"
    )
    ignore: list[str] = Field(
        default_factory=list, description="File columns that are left behind on purpose."
    )
    extra_columns: ExtraColumns | None = Field(
        default=None, description="What to do with file columns that nothing here names."
    )
    missing_columns: MissingColumns | None = Field(
        default=None, description="What to do where the file lacks columns of the table."
    )
    rejects: RejectLimit | None = None
    excess_digits: ExcessDigits | None = None
    on_orphan: OnConflict | None = None
    on_existing_key: OnConflict | None = None
    booleans: BooleanTexts | None = None
    pii: list[str] = Field(default_factory=list, description="Columns that reports must mask.")
    float_decimals: dict[str, Annotated[int, Field(ge=0, le=30)]] = Field(
        default_factory=dict,
        description="FLOAT and DOUBLE columns compared after rounding to so many decimals.",
    )


class FileRules(_Model):
    """One kind of data file, named by what stands before the `~`."""

    feeds: list[str] = Field(min_length=1, description="The tables it brings rows for.")
    format: FileFormat | None = None
    source_hash_columns: list[str] | None = Field(
        default=None, description="The columns under admw_file_hash, in order; null: all others."
    )


class Prefixes(_Model):
    """What the preliminary tables and columns begin with."""

    table: str = "PRE_"
    column: str = "pre_"


class MigrationConfiguration(_Model):
    """The whole of migration.yaml."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
    description: str = ""
    prefixes: Prefixes = Prefixes()
    format: FileFormat = Field(
        default=FileFormat(), description="Of all files without a format of their own."
    )
    extra_columns: ExtraColumns = ExtraColumns.REFUSE
    missing_columns: MissingColumns = MissingColumns.REFUSE
    rejects: RejectLimit = RejectLimit()
    excess_digits: ExcessDigits = ExcessDigits.REJECT
    on_orphan: OnConflict = OnConflict.REJECT
    on_existing_key: OnConflict = OnConflict.REJECT
    booleans: BooleanTexts = BooleanTexts()
    compression: Compression = Compression.ZIP
    files: dict[str, FileRules] = Field(
        default_factory=dict,
        description="Files that feed other tables than the one they are named after, or have a "
        "format of their own.",
    )
    tables: dict[str, TableRules] = Field(default_factory=dict)
