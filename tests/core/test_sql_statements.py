import pytest

from admw_assets.core.errors import SchemaError
from admw_assets.core.sql_statements import (
    spelled,
    statements,
    string_value,
    unwrap_executable_comments,
)


def texts(script: str) -> list[str]:
    return [statement.text for statement in statements(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        (" -- only a comment\n# and another", []),
        ("a; b ;\n c", ["a", "b", "c"]),
        ("a;;; b", ["a", "b"]),
        ("\ufeffa;", ["a"]),
        ("a;\r\nb;\r\n", ["a", "b"]),
        ("a 'x;y' \"p;q\" `r;s`; b", ["a 'x;y' \"p;q\" `r;s`", "b"]),
        (r"a 'it''s; \'; \\'; b", [r"a 'it''s; \'; \\'", "b"]),
        ("a -- no; end\n; b # no; end\n; c /* no; end */; d", None),
        ("a--b;c", ["a--b", "c"]),
        ("delimiter //\na; b//\nc//\nDELIMITER ;\nd; e", ["a; b", "c", "d", "e"]),
        ("-- why\nDELIMITER $$\na; b$$\n", ["a; b"]),
        ("/*!40101 SET x */; /*!999999 later */ y; /*M!100 mariadb */ z", ["SET x", "y", "z"]),
    ],
)
def test_script_is_split_as_the_client_splits_it(script: str, expected: list[str] | None) -> None:
    if expected is None:
        assert len(texts(script)) == 4
    else:
        assert texts(script) == expected


def test_statements_know_their_lines() -> None:
    script = "a;\n\n/* two\nlines */ b;\nDELIMITER //\nc\n;d//\ne"
    found = [(s.text, s.line) for s in statements(script)]
    assert found == [("a", 1), ("b", 4), ("c\n;d", 6), ("e", 8)]


@pytest.mark.parametrize("script", ["a;\nb 'x", 'a;\nb "x', "a;\nb `x", "a;\nb /* x"])
def test_open_quote_is_refused_with_its_line(script: str) -> None:
    with pytest.raises(SchemaError, match=r"my\.sql, line 2: .* never closed"):
        list(statements(script, "my.sql"))


def test_unwrapping_keeps_every_position() -> None:
    script = "x /*!50003 y\n'*/' */ z /*!80023 q*/"
    unwrapped = unwrap_executable_comments(script)
    assert len(unwrapped) == len(script)
    assert unwrapped.split() == ["x", "y", "'*/'", "z", "q"]
    assert unwrapped.index("\n") == script.index("\n")


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("''", ""),
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'\'''''", "'''"),
        ('"a""b"', 'a"b'),
        ("\"a''b\"", "a''b"),
        (r"'\\n\n\t\0\Z'", "\\n\n\t\0\x1a"),
        (r"'100\% \_ \x'", r"100\% \_ x"),
    ],
)
def test_string_value_is_what_the_server_reads(literal: str, value: str) -> None:
    assert string_value(literal) == value


def test_spelled_keeps_numbers_and_operators_together() -> None:
    (statement,) = statements("a  <=\n 1.5e-3 -- c\n->> 'x  y'")
    plain = [token for token in statement.tokens() if token.kind != "comment"]
    assert spelled(plain) == "a <= 1.5e-3 ->> 'x  y'"
