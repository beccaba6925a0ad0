"""Quick tests say what the examination says, and decide what most rows hold."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from admw_assets.engines.spark.type_rules import rule_for
from tests.engines.spark.jobs import table_of, table_settings
from tests.engines.spark.test_type_rules import FAULTY, TABLE, VALID

SETS = table_of(
    """CREATE TABLE s (few SET('a', 'ab', 'b.c', 'x''y', '(', 'ü'), one SET('only'));"""
)
COMMON = [
    ("c_set", "red,green"),
    ("c_set", "green,blue"),
    ("c_set", "red,green,blue"),
    ("c_double", "0"),
    ("c_double", "-0.0"),
    ("c_ufloat", "0.00"),
    ("c_blob", "00ff0A"),
    ("c_binary", "ff"),
    ("c_json", '{"a": [1, 2.50, "x, y"], "b": null, "ü": {"c": true, "d": ""}}'),
    ("c_json", '[{"sku":"SM1","n":3},{"sku":"SM2","n":-0.5}]'),
    ("c_json", " [ ] "),
    ("c_json", '[{"a": 1}' + ', {"a": 1}' * 100_000 + "]"),
]
TRICKY = [
    *(("c_set", text) for text in ("red,", ",red", "red,,green", "green,red", "red,red", ",", "")),
    *(("c_double", text) for text in ("1e-400", "-1e-400", "0e5", ".", "-", "+0", "1e309", "0x")),
    *(("c_ufloat", text) for text in ("-0.0", "-0", "-1e-60", "1e-46", "-0.1")),
    *(("c_binary", text) for text in ("f", "Fg", "fFf0", "0Xff", "aabbccdd", " ff")),
    *(
        ("few", text)
        for text in ("a", "ab", "a,ab,b.c", "aba", "bxc", "b.c,x'y,(", "ü", "x'y", "a,b")
    ),
    *(("one", text) for text in ("only", "only,only", "on", "")),
    *(
        ("c_json", text)
        for text in (
            *('{"a":1,}', '{"a" 1}', "{a:1}", "[01]", "[1.]", "[.5]", "[-]", '["\t"]', '["\\x"]'),
            *(
                '{"a":1}}',
                "[[1],[2]]",
                "[[[1]]]",
                "tru",
                "truefalse",
                "nul",
                '"a"b',
                "",
                " ",
                "[,]",
            ),
            *('{"":""}', '{"a":1,"a":2}', "[1 2]", '{"a":[1,{"b":2}]}', "\u00a01", "1e5", "'a'"),
            *(
                '"a b"',
                '""',
                ' "it\'s" ',
                '"a, b"',
                '"12:30"',
                '"a \\n \\u00e4"',
                '"\\x"',
                '"a" "b"',
            ),
            *("123456789012345678901234567890", '["\u2028\x7f"]', "[" + "1," * 700 + "1]"),
        )
    ),
]


@pytest.fixture(scope="module")
def judged(spark: SparkSession) -> Iterator[dict[tuple[str, str], tuple[str | None, str | None]]]:
    """What the quick test makes of a text, and what the examination does, by column and text."""
    columns = {c.name: c for c in (*TABLE.columns, *SETS.columns)}
    texts: dict[str, list[str]] = {}
    for name, text, *_ in (*VALID, *FAULTY, *COMMON, *TRICKY):
        texts.setdefault(name, []).append(text)
    found: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for name, mine in texts.items():
        rule = rule_for(columns[name], table_settings(float_decimals={}))
        frame = spark.createDataFrame([(text,) for text in mine], "text STRING")
        both = frame.select(
            "text", rule.quick(F.col("text")), rule.examine(F.col("text")).getField("text")
        )
        found |= {(name, text): (quick, examined) for text, quick, examined in both.collect()}
    yield found


def test_quick_test_never_says_anything_else_than_the_examination(
    judged: dict[tuple[str, str], tuple[str | None, str | None]],
) -> None:
    quick = {key: both for key, both in judged.items() if both[0] is not None}
    wrong = {key: both for key, both in quick.items() if both[0] != both[1]}
    # The examination of these gets only what their quick test refuses.
    texts = ("c_char", "c_varchar", "c_tinytext", "c_text", "c_ascii", "c_latin", "c_utf3")
    members = ("c_bool", "c_one", "c_bit1", "c_enum", "c_year")
    wrong = {key: both for key, both in wrong.items() if key[0] not in (*texts, *members)}
    del wrong["c_set", ""], wrong["one", ""]
    assert wrong == {}


def test_strings_are_json_and_raw_control_characters_are_not(
    judged: dict[tuple[str, str], tuple[str | None, str | None]],
) -> None:
    for text in ('"a b"', '""', ' "it\'s" ', '"a, b"', '"12:30"', '"a \\n \\u00e4"'):
        assert judged["c_json", text][1] == text
    for text in ('["\t"]', '"\\x"', '"a" "b"', '"a"b'):
        assert judged["c_json", text] == (None, None)


def test_common_forms_need_no_second_pass(
    judged: dict[tuple[str, str], tuple[str | None, str | None]],
) -> None:
    assert [key for key in COMMON if judged[key][0] is None] == []
