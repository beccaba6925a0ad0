import pytest
from hypothesis import given
from hypothesis import strategies as st

from admw_assets.core.load_order import deferred_foreign_keys, load_waves
from admw_assets.core.schema import ForeignKey, Schema, Table


def schema(**parents: str) -> Schema:
    """Tables by name, each with the names of its parents."""
    return Schema(
        {
            name: Table(
                name,
                (),
                foreign_keys=tuple(
                    ForeignKey(f"{name}_{parent}", ("p",), parent, ("id",))
                    for parent in listed.split()
                ),
            )
            for name, listed in parents.items()
        }
    )


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ({}, ()),
        ({"b": "", "a": ""}, (("a", "b"),)),
        ({"a": "b", "b": "c", "c": ""}, (("c",), ("b",), ("a",))),
        ({"a": "a"}, (("a",),)),
        ({"a": "b b", "b": ""}, (("b",), ("a",))),
        ({"a": "b", "b": "a", "c": "a", "d": ""}, (("a", "b", "d"), ("c",))),
        ({"a": "b", "b": "c d", "c": "a", "d": "", "e": "c"}, (("d",), ("a", "b", "c"), ("e",))),
        ({"a": "b", "b": "a x", "x": "y", "y": "x"}, (("x", "y"), ("a", "b"))),
    ],
)
def test_waves(parents: dict[str, str], expected: tuple[tuple[str, ...], ...]) -> None:
    assert load_waves(schema(**parents)) == expected


def test_deferred_keys_are_self_references_and_those_of_cycles() -> None:
    found = deferred_foreign_keys(schema(a="a b", b="a c", c="", d="a"))
    assert [(table, key.name) for table, key in found] == [
        ("a", "a_a"),
        ("a", "a_b"),
        ("b", "b_a"),
    ]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"))))
def test_every_table_comes_once_and_after_its_parents(graph: dict[str, list[str]]) -> None:
    known = {name: [p for p in parents if p in graph] for name, parents in graph.items()}
    tables = schema(**{name: " ".join(parents) for name, parents in known.items()})
    waves = load_waves(tables)
    order = {table: n for n, wave in enumerate(waves) for table in wave}
    assert sorted(order) == sorted(known)
    assert sum(map(len, waves)) == len(known)
    deferred = {(table, key.parent) for table, key in deferred_foreign_keys(tables)}
    for table, parents in known.items():
        for parent in parents:
            assert order[parent] < order[table] or (table, parent) in deferred
            assert order[parent] <= order[table]
    reordered = schema(**{name: " ".join(known[name]) for name in sorted(known, reverse=True)})
    assert load_waves(reordered) == waves
