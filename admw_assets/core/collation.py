"""Which texts MySQL takes for the same key, without a server; imports the standard library only.

An imitation, and so never what a load decides by (ADR 0001): a dry run has no server to ask. It
knows case, accents and padding of the collations that MySQL and MariaDB use by default, but no
tailoring by language (in `utf8mb4_swedish_ci` å is no a).
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

BYTES = "binary"
"""The collation under which every two texts differ: how SQLite compares."""

MYSQL_DEFAULT = "utf8mb4_0900_ai_ci"
"""What MySQL 8 takes where nothing is said; MariaDB's utf8mb4_general_ci knows the same case and
accents, but also pads with spaces."""

_STROKES = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ð": "d"})
_LIGATURES = str.maketrans({"æ": "ae", "œ": "oe"})
_SHORT_I, _KEPT_SHORT_I = "и\u0306", "й"  # a letter of its own, which decomposes all the same
_REPLACEMENT = "\ufffd"
_LAST_OF_BASIC_PLANE = "\uffff"
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_WEIGHTED_CONTROLS = "\t\n\v\f\r\x85"

ComparisonKey = Callable[[str], str]


def comparison_key(collation: str) -> ComparisonKey | None:
    """A function whose results are equal where the collation takes two texts for equal.

    None where texts are compared as they are.
    """
    words = collation.casefold().split("_")
    pads = not ({"0900", "nopad"} & set(words)) and words != [BYTES]
    if words[-1] in ("bin", BYTES):
        return _padded if pads else None
    if "general" in words:
        letters = _general
    else:
        letters = _letters_of(
            accents="as" in words or "cs" in words,
            case="cs" in words,
            old=words[1:] == ["unicode", "ci"],
        )
    if not pads:
        return letters
    return lambda text: letters(text.rstrip(" "))


def _padded(text: str) -> str:
    return text.rstrip(" ")


def _general(text: str) -> str:
    """`*_general_ci`: a letter at a time, never one letter for two."""
    if text.isascii():
        return text.upper()
    return "".join(map(_general_letter, text))


@lru_cache(maxsize=4096)
def _general_letter(letter: str) -> str:
    if letter > _LAST_OF_BASIC_PLANE:
        return _REPLACEMENT
    if letter == "ß":
        return "S"
    base = unicodedata.normalize("NFD", letter)[0] if letter not in "йЙ" else letter
    upper = base.upper()
    return upper if len(upper) == 1 else base


def _letters_of(*, accents: bool, case: bool, old: bool) -> ComparisonKey:
    """The collations by the Unicode collation algorithm; `old`: of Unicode 4.0, where ø is
    no o and all characters beyond U+FFFF are the same."""

    def key(text: str) -> str:
        if text.isascii() and text.isprintable():
            return text if case else text.casefold()
        if accents:
            text = unicodedata.normalize("NFKC", text)
            text = text if case else text.lower()
        else:
            text = unicodedata.normalize("NFKD", text).casefold()
            text = unicodedata.normalize("NFKD", text).replace(_SHORT_I, _KEPT_SHORT_I)
            text = text.translate(_LIGATURES)
            text = _BEYOND.sub(_REPLACEMENT, text) if old else text.translate(_STROKES)
        return "".join(letter for letter in text if _has_weight(letter, accents))

    return key


@lru_cache(maxsize=4096)
def _has_weight(letter: str, accents: bool) -> bool:
    kind = unicodedata.category(letter)
    if kind == "Mn":
        return accents
    return kind not in ("Cc", "Cf") or letter in _WEIGHTED_CONTROLS
