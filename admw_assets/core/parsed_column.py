"""One column, from sqlglot's tree and the draft's spelling of its type; imports core only."""

from dataclasses import dataclass, replace

from sqlglot import exp

from admw_assets.core.column_types import column_type
from admw_assets.core.schema import Column
from admw_assets.core.table_draft import ColumnDraft

_CHARACTER_TYPES = frozenset(
    {"CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET"}
)


@dataclass(frozen=True, slots=True)
class CharacterRules:
    """A character set and a collation, as far as schema.sql names them."""

    character_set: str | None = None
    collation: str | None = None

    def completed(self) -> "CharacterRules":
        """With the character set that the collation belongs to, where only that is named."""
        if self.character_set is None and self.collation is not None:
            return replace(self, character_set=self.collation.partition("_")[0])
        return self


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """A column, and what its definition says about keys and foreign keys."""

    column: Column
    primary: bool
    unique: bool
    references: bool


@dataclass(frozen=True, slots=True)
class _Attributes:
    nullable: bool = True
    default: str | None = None
    auto_increment: bool = False
    generated: bool = False
    comment: str = ""
    primary: bool = False
    unique: bool = False
    references: bool = False
    bytewise: bool = False  # the attribute BINARY: the character set's _bin collation
    rules: CharacterRules = CharacterRules()


def read_column(
    draft: ColumnDraft, node: exp.ColumnDef, table_rules: CharacterRules
) -> ParsedColumn:
    """Read a column and take inline REFERENCES out of its tree, as MySQL 8 ignores them.

    Raises SchemaError without a place: the caller knows table and line.
    """
    facts = _Attributes()
    for constraint in list(node.constraints):
        facts = _with_attribute(facts, constraint.kind)
        if isinstance(constraint.kind, exp.Reference):
            constraint.pop()
    rules = _rules_of(draft, facts, table_rules)
    column = Column(
        name=draft.name,
        type=column_type(draft.type, rules.character_set, rules.collation),
        nullable=facts.nullable and not facts.primary,
        default=facts.default,
        auto_increment=facts.auto_increment,
        generated=facts.generated,
        pii=draft.pii,
        comment=facts.comment,
    )
    return ParsedColumn(column, facts.primary, facts.unique, facts.references)


def _with_attribute(facts: _Attributes, kind: exp.Expr) -> _Attributes:
    match kind:
        case exp.NotNullColumnConstraint():
            return replace(facts, nullable=bool(kind.args.get("allow_null")))
        case exp.DefaultColumnConstraint():
            return replace(facts, default=kind.this.sql(dialect="mysql"))
        case exp.AutoIncrementColumnConstraint():
            return replace(facts, auto_increment=True, nullable=False)
        case exp.ComputedColumnConstraint() | exp.GeneratedAsRowColumnConstraint():
            return replace(facts, generated=True)
        case exp.CommentColumnConstraint():
            return replace(facts, comment=kind.name)
        case exp.PrimaryKeyColumnConstraint():
            return replace(facts, primary=True)
        case exp.UniqueColumnConstraint():
            return replace(facts, unique=True)
        case exp.Reference():
            return replace(facts, references=True)
        case exp.BinaryColumnConstraint():
            return replace(facts, bytewise=True)
        case exp.CharacterSetColumnConstraint():
            return replace(facts, rules=replace(facts.rules, character_set=kind.name.lower()))
        case exp.CollateColumnConstraint():
            return replace(facts, rules=replace(facts.rules, collation=kind.this.name.lower()))
        case _:
            return facts


def _rules_of(
    draft: ColumnDraft, facts: _Attributes, table_rules: CharacterRules
) -> CharacterRules:
    """What holds for the column: its own rules, or the table's where it has none.

    A column with a character set of its own has that set's default collation, not the table's.
    """
    if draft.type.name not in _CHARACTER_TYPES:
        return CharacterRules()
    own = facts.rules.completed()
    national = "utf8mb3" if draft.type.national else None
    rules = replace(own, character_set=own.character_set or national)
    if rules == CharacterRules():
        rules = table_rules
    if facts.bytewise and own.collation is None:
        return replace(rules, collation=f"{rules.character_set or 'utf8mb4'}_bin")
    return rules
