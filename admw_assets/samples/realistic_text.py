"""Words that look like what a column's name says, in several scripts; imports Faker.

Faker is pinned and seeded, so the same seed gives the same words.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from faker import Faker

_LOCALES = ("en_US", "de_DE", "ja_JP", "ru_RU", "pl_PL", "el_GR")
_EACH = 40  # words of every locale
_KINDS: Mapping[str, Callable[[Faker], str]] = MappingProxyType(
    {
        r"e_?mail": lambda f: f.ascii_safe_email(),
        r"phone|mobile|fax|tel$": lambda f: f.phone_number(),
        r"first_?name|given": lambda f: f.first_name(),
        r"last_?name|sur_?name|family": lambda f: f.last_name(),
        r"user|login|nick": lambda f: f.user_name(),
        r"city|town|place": lambda f: f.city(),
        r"country": lambda f: f.country(),
        r"street|address": lambda f: f.street_address(),
        r"zip|postal|post_?code": lambda f: f.postcode(),
        r"company|brand|vendor|supplier|publisher|label": lambda f: f.company(),
        r"url|web|link|uri": lambda f: f.url(),
        r"iban|account": lambda f: f.iban(),
        r"isbn": lambda f: f.isbn13(),
        r"colou?r": lambda f: f.color_name(),
        r"currency": lambda f: f.currency_code(),
        r"lang|locale": lambda f: f.language_code(),
        r"job|position|profession": lambda f: f.job(),
        r"title|subject|caption|heading": lambda f: f.sentence(nb_words=4).rstrip("."),
        r"note|text|comment|desc|bio|body|content|message|remark|review|abstract": lambda f: (
            f.paragraph(nb_sentences=2)
        ),
        r"name|author|person|owner|contact|artist|composer": lambda f: f.name(),
    }
)
AWKWARD = (
    "", " leading", "trailing ", 'said "yes", twice', "semi;colon", "tab\there", "a,b", "N/A",
    "NULL", "\\N", "C:\\new", "line one\nline two", "Zoë 😀", "東京 ½", "~", "'", "|", "% :x ?",
)  # fmt: skip
"""What files get wrong: to be mixed into free texts."""


def word_kind(column: str) -> str:
    """The pattern that a column's name meets; empty where it tells nothing."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower()
    return next((pattern for pattern in _KINDS if re.search(pattern, snake)), "")


@lru_cache(maxsize=256)
def words(kind: str, seed: int) -> tuple[str, ...]:
    """Texts of a kind (see word_kind), the same for the same seed."""
    found: list[str] = []
    for number, locale in enumerate(_LOCALES):
        fake = _faker(locale)
        fake.seed_instance(seed * len(_LOCALES) + number)
        make = _KINDS.get(kind, lambda f: f.word())
        found += [make(fake).replace("\n", ", ") for _ in range(_EACH)]
    return tuple(found)


@lru_cache(maxsize=len(_LOCALES))
def _faker(locale: str) -> Faker:
    return Faker(locale)
