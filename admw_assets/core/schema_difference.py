"""Where a live database is not as schema.sql says; imports the standard library only."""

from dataclasses import dataclass
from enum import StrEnum


class Aspect(StrEnum):
    """What differs."""

    TABLE = "table"
    ENGINE = "engine"
    COLUMN = "column"
    TYPE = "type"
    NULLABILITY = "nullability"
    COLLATION = "collation"
    PRIMARY_KEY = "primary key"
    UNIQUE_KEY = "unique key"
    FOREIGN_KEY = "foreign key"


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """One difference: `expected` is what schema.sql says, `found` what the database has.

    Either is empty where it has nothing of the kind; `column` is empty for what is the table's.
    """

    table: str
    aspect: Aspect
    expected: str
    found: str
    column: str = ""

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        if not self.found:
            return f"{where}: {self.aspect} {self.expected} is missing"
        if not self.expected:
            return f"{where}: {self.aspect} {self.found} is not in schema.sql"
        return f"{where}: {self.aspect} is {self.found}, schema.sql says {self.expected}"
