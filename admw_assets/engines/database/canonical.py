"""The canonical encoding in the SQL of a connection's dialect; imports core and SQLAlchemy."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy import ColumnElement, String, cast

from admw_assets.core.errors import ConfigurationError
from admw_assets.core.schema import Column, TypeKind
from admw_assets.engines.database import canonical_mysql, canonical_sqlite


class CanonicalSql(Protocol):
    """The builders that each dialect has; texts are compared by `encoded_sql`.

    MySQL's usual collations take the texts `x` and `x ` for one (PAD SPACE); their encodings
    differ by the length.
    """

    def canonical_sql(
        self, column: Column, expression: ColumnElement[Any], decimals: int | None = None
    ) -> ColumnElement[str]: ...

    def encoded_sql(
        self, column: Column, expression: ColumnElement[Any], decimals: int | None = None
    ) -> ColumnElement[str]: ...

    def row_hash_sql(
        self, columns: Sequence[tuple[Column, ColumnElement[Any], int | None]]
    ) -> ColumnElement[str]: ...

    def hash_sum_sql(
        self, hash_column: ColumnElement[Any]
    ) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]: ...


_DIALECTS: Mapping[str, CanonicalSql] = MappingProxyType(
    {"mysql": canonical_mysql, "mariadb": canonical_mysql, "sqlite": canonical_sqlite}
)


def canonical_for(dialect: str) -> CanonicalSql:
    """The builders for a dialect's name as SQLAlchemy gives it; raises ConfigurationError."""
    if dialect not in _DIALECTS:
        raise ConfigurationError(
            f"Row hashes cannot be computed on {dialect!r}. Known: {', '.join(_DIALECTS)}.",
            next_step="Use a mysql+pymysql:// or sqlite:// URL.",
            dialect=dialect,
        )
    return _DIALECTS[dialect]


def shown_sql(dialect: str, column: Column, expression: ColumnElement[Any]) -> ColumnElement[str]:
    """A value as people read it: the canonical text, but digits for FLOAT and DOUBLE."""
    if column.type.kind in (TypeKind.FLOAT, TypeKind.DOUBLE):
        return cast(expression, String)
    return canonical_for(dialect).canonical_sql(column, expression)
