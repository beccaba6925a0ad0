"""SQL scripts as statements and tokens: what a MySQL client does before a server sees anything.

Knows quotes, comments, executable comments (`/*!50003 ... */`) and DELIMITER, and nothing of what
statements mean. Imports core.errors only. Rules: MySQL 8 manual, "Comments", "String Literals"
and "mysql Client Commands".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from admw_assets.core.errors import SchemaError

_STRING = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\""
_QUOTED = r"`(?:[^`]|``)*`"
_COMMENT = r"--(?=\s|\Z)[^\n]*|\#[^\n]*|/\*.*?\*/"
_SKIPPED = f"{_COMMENT}|{_STRING}|{_QUOTED}"

_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<comment>{_COMMENT})|(?P<string>{_STRING})|(?P<quoted>{_QUOTED})"
    r"|(?P<word>[\w$@]+)|(?P<mark>.)",
    re.DOTALL,
)
# Inside is code for MySQL up to 8; with a later version, or for MariaDB (`/*M!`), a comment.
_EXECUTABLE = re.compile(
    rf"(?P<open>/\*!(?:0?[0-8]\d{{4}}(?!\d)|(?!\d)))|{_SKIPPED}|(?P<close>\*/)", re.DOTALL
)
_BLANK = re.compile(rf"(?:\s+|{_COMMENT})*", re.DOTALL)
_DELIMITER = re.compile(r"DELIMITER[ \t]+(?P<mark>\S+)[^\n]*", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?P<escaped>.)|''|\"\"", re.DOTALL)
_ESCAPED = {
    "0": "\0",
    "b": "\b",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "Z": "\x1a",
    "%": "\\%",
    "_": "\\_",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A `word`, `quoted` name, `string`, `mark` or `comment`, and its line in the script.

    `spaced` tells whether anything blank stands before it.
    """

    kind: str
    text: str
    line: int
    spaced: bool = True

    @property
    def word(self) -> str:
        """The word or mark in upper case; the empty string for whatever is quoted."""
        return self.text.upper() if self.kind in ("word", "mark") else ""

    @property
    def name(self) -> str:
        """The identifier that the token stands for."""
        return self.text[1:-1].replace("``", "`") if self.kind == "quoted" else self.text

    @property
    def is_name(self) -> bool:
        """True where the token can be an identifier."""
        return self.kind in ("word", "quoted")


Tokens = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, without its delimiter; `line` counts from 1."""

    text: str
    line: int

    def tokens(self) -> Tokens:
        """The tokens of the statement, comments included."""
        return tuple(_tokens(self.text, self.line))


def statements(script: str, source: str = "schema.sql") -> Iterator[Statement]:
    """Split a script as the mysql client does, executable comments unwrapped.

    Raises SchemaError where a quote or a comment is not closed.
    """
    script = unwrap_executable_comments(script.removeprefix("\ufeff"))
    delimiter, position, line = ";", 0, 1
    while True:
        blank = _BLANK.match(script, position)
        start = blank.end() if blank else position
        line += script.count("\n", position, start)
        if start >= len(script):
            return
        if command := _DELIMITER.match(script, start):
            delimiter, position = command["mark"], command.end()
        else:
            end, position = _end_of_statement(script, start, delimiter, source, line)
            if end > start:
                yield Statement(script[start:end].rstrip(), line)
        line += script.count("\n", start, position)


def unwrap_executable_comments(script: str) -> str:
    """Put blanks over `/*!50003` and its `*/`, so that every line and column stays in place."""
    opened = False

    def blank(match: re.Match[str]) -> str:
        nonlocal opened
        if match["open"] or (match["close"] and opened):
            opened = match["open"] is not None
            return " " * len(match[0])
        return match[0]

    return _EXECUTABLE.sub(blank, script)


def string_value(literal: str) -> str:
    """The text that a quoted MySQL string stands for."""
    quote = literal[0]

    def plain(match: re.Match[str]) -> str:
        escaped = match["escaped"]
        if escaped is None:
            return match[0].replace(quote * 2, quote)
        return _ESCAPED.get(escaped, escaped)

    return _ESCAPE.sub(plain, literal[1:-1])


def closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at `opening`; their number where none."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[index].word, 0)
        if depth == 0:
            return index
    return len(tokens)


def split_at_commas(tokens: Sequence[Token]) -> list[Tokens]:
    """The parts between the commas that stand outside all parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if token.word == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def spelled(tokens: Sequence[Token]) -> str:
    """SQL text of these tokens: as written, without comments, in one line."""
    return "".join(" " * token.spaced + token.text for token in tokens).strip()


def _end_of_statement(
    script: str, start: int, delimiter: str, source: str, line: int
) -> tuple[int, int]:
    """Where the statement ends, and where the next one begins."""
    mark = re.escape(delimiter)
    pattern = re.compile(rf"(?P<end>{mark})|{_SKIPPED}|(?P<open>['\"`]|/\*)", re.DOTALL)
    for match in pattern.finditer(script, start):
        if match["end"]:
            return match.start(), match.end()
        if match["open"]:
            where = line + script.count("\n", start, match.start())
            raise SchemaError(
                f"{source}, line {where}: {match[0]} is opened here and never closed.",
                next_step="Close the quote or the comment.",
                file=source,
                line=where,
            )
    return len(script), len(script)


def _tokens(text: str, line: int) -> Iterator[Token]:
    spaced = True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "space":
            yield Token(kind, match[0], line, spaced)
        spaced = kind in ("space", "comment")
        line += match[0].count("\n")
