"""Any table that can be written is read as it was meant, however it is written."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from admw_assets.core.ddl import parse_schema
from admw_assets.core.schema import TypeKind

names = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20
).filter(lambda name: not name.casefold().startswith("admw_"))
members = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8).map(
        lambda text: text.rstrip(" ")
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
blanks = st.sampled_from([" ", "\n", "\t ", " /* ; ' ` */ ", " -- it's\n", " # `\n"])


@dataclass(frozen=True)
class Written:
    """A column as text, and what must come of it."""

    name: str
    sql: str
    kind: TypeKind
    members: tuple[str, ...]
    nullable: bool
    default: str | None


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@st.composite
def columns(draw: st.DrawFn, name: str) -> Written:
    kind, sql = draw(
        st.sampled_from(
            [
                (TypeKind.INTEGER, "int(11)"),
                (TypeKind.INTEGER, "BIGINT UNSIGNED"),
                (TypeKind.DECIMAL, "numeric(12 , 4)"),
                (TypeKind.VARCHAR, "varchar(20) character set utf8mb4"),
                (TypeKind.DATETIME, "DateTime(6)"),
                (TypeKind.DOUBLE, "double precision"),
                (TypeKind.ENUM, "enum"),
            ]
        )
    )
    chosen: tuple[str, ...] = ()
    if kind is TypeKind.ENUM:
        chosen = tuple(draw(members))
        sql += "(" + ",".join(map(literal, chosen)) + ")"
    nullable = draw(st.booleans())
    default = draw(st.none() | st.text(st.characters(codec="utf-8"), max_size=9).map(literal))
    blank = draw(blanks)
    parts = [quoted(name), sql, "" if nullable else "not null"]
    parts += [f"default {default}"] if default is not None else []
    return Written(name, blank.join(parts), kind, chosen, nullable, default)


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[Written]]:
    chosen = draw(st.lists(names, min_size=1, max_size=6, unique_by=lambda n: n.casefold()))
    written = [draw(columns(name)) for name in chosen]
    blank = draw(blanks)
    create = draw(st.sampled_from(["CREATE TABLE", "create table if not exists"]))
    return f"{create}{blank}`t`{blank}({f'{blank},'.join(w.sql for w in written)}{blank});", written


@settings(max_examples=150, deadline=None)
@given(tables())
def test_columns_are_read_as_written(case: tuple[str, list[Written]]) -> None:
    sql, written = case
    found = parse_schema(sql).table("t")
    assert [c.name for c in found.columns] == [w.name for w in written]
    assert [c.type.kind for c in found.columns] == [w.kind for w in written]
    assert [c.type.members for c in found.columns] == [w.members for w in written]
    assert [c.nullable for c in found.columns] == [w.nullable for w in written]
    assert [c.default is None for c in found.columns] == [w.default is None for w in written]
    again = parse_schema(found.ddl).table("t")
    assert again == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*";'`\"/*-# \n(),", "CREATE TABLE t", "a INT", "DELIMITER //"])))
def test_no_script_breaks_the_reader(parts: list[str]) -> None:
    """Whatever is given, either a schema or a SchemaError comes back."""
    from admw_assets.core.errors import SchemaError

    try:
        parse_schema("".join(parts))
    except SchemaError as err:
        assert err.next_step
