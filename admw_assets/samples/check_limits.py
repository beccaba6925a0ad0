"""What CHECK constraints ask of single columns, as far as it can be read; imports core, sqlglot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp, parse_one

from admw_assets.core.schema import Table


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds (both included), or a list of texts; `is_opaque`: something that is not understood."""

    low: Decimal | None = None
    high: Decimal | None = None
    members: tuple[str, ...] = ()
    is_opaque: bool = False


def check_limits(table: Table) -> dict[str, Limit]:
    """The limit of every column that a CHECK of the table names."""
    limits: dict[str, Limit] = {}
    tree = parse_one(table.ddl, dialect="mysql")
    for check in tree.find_all(exp.CheckColumnConstraint, exp.Check):
        for term in _terms(check.this):
            for column in term.find_all(exp.Column, exp.Identifier):
                if column.name.casefold() in {c.name.casefold() for c in table.columns}:
                    name = table.column(column.name).name
                    limits[name] = _narrowed(limits.get(name, Limit()), term)
    return limits


def _terms(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _terms(condition.left)
        yield from _terms(condition.right)
    else:
        yield condition


def _narrowed(limit: Limit, term: exp.Expr) -> Limit:
    match term:
        case exp.Between() if isinstance(term.this, exp.Column):
            low, high = _number(term.args["low"]), _number(term.args["high"])
            if low is not None and high is not None:
                return replace(limit, low=low, high=high)
        case exp.In() if isinstance(term.this, exp.Column) and all(
            isinstance(member, exp.Literal) for member in term.expressions
        ):
            return replace(limit, members=tuple(m.name for m in term.expressions))
        case exp.GT() | exp.GTE() | exp.LT() | exp.LTE() if isinstance(term.this, exp.Column):
            number = _number(term.expression)
            if number is not None:
                strict = Decimal(1) if isinstance(term, (exp.GT, exp.LT)) else Decimal(0)
                if isinstance(term, (exp.GT, exp.GTE)):
                    return replace(limit, low=number + strict)
                return replace(limit, high=number - strict)
        case _:
            pass
    return replace(limit, is_opaque=True)


def _number(value: exp.Expr) -> Decimal | None:
    negative = isinstance(value, exp.Neg)
    literal = value.this if negative else value
    if isinstance(literal, exp.Literal) and not literal.is_string:
        return -Decimal(literal.this) if negative else Decimal(literal.this)
    return None
