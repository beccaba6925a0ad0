"""In which forms the values of a column are written; imports the standard library only."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

ISO = "YYYY-MM-DD"
_CLOCK = r"(?:[ T]\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d\d:?\d\d)?)?\Z"
_DATES = {
    ISO: re.compile(r"\d{4}-\d\d-\d\d" + _CLOCK),
    "DD.MM.YYYY": re.compile(r"\d\d?\.\d\d?\.\d{4}" + _CLOCK),
    "DD-MM-YYYY": re.compile(r"\d\d?-\d\d?-\d{4}" + _CLOCK),
    "YYYY/MM/DD": re.compile(r"\d{4}/\d\d?/\d\d?" + _CLOCK),
    "YYYYMMDD": re.compile(r"(?:1[6-9]|2[01])\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\Z"),
    "N/N/YYYY": re.compile(r"(\d\d?)/(\d\d?)/\d{4}" + _CLOCK),
    "seconds since 1970": re.compile(r"\d{9,10}\Z"),
}
SPARK_PATTERNS = {
    "DD.MM.YYYY": "d.M.yyyy",
    "DD-MM-YYYY": "d-M-yyyy",
    "YYYY/MM/DD": "yyyy/M/d",
    "YYYYMMDD": "yyyyMMdd",
    "DD/MM/YYYY": "d/M/yyyy",
    "MM/DD/YYYY": "M/d/yyyy",
}
_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:[. ']\d{3})+|\d+),\d+\Z")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
NULL_WORDS = ("NULL", "\\N", "null", "N/A", "#N/A", "NA", "n/a", "None", "nil", "(null)", "-", "?")
_MONTHS = 12
_BOOLEANS = (
    (("y", "yes", "j", "ja", "t", "true", "1", "x", "on", "oui", "o", "si", "s"), True),
    (("n", "no", "nein", "f", "false", "0", "off", "non"), False),
)


def date_form(values: Iterable[str]) -> str | None:
    """The form of most of these dates; None where most are in no known form."""
    seen = [value for value in values if value]
    forms = Counter(next((f for f, p in _DATES.items() if p.match(value)), "") for value in seen)
    if not forms:
        return None
    form, number = forms.most_common(1)[0]
    if not form or number * 2 <= len(seen):
        return None
    return _slashes(seen) if form == "N/N/YYYY" else form


def _slashes(values: Sequence[str]) -> str:
    """Which of day and month stands first; both may be where no number tells."""
    pairs = [m for m in map(_DATES["N/N/YYYY"].match, values) if m]
    if any(int(m[1]) > _MONTHS for m in pairs):
        return "DD/MM/YYYY"
    return "MM/DD/YYYY"


def is_month_certain(values: Iterable[str]) -> bool:
    """True where a number above 12 tells the day from the month."""
    pairs = [m for m in map(_DATES["N/N/YYYY"].match, values) if m]
    return any(int(m[1]) > _MONTHS or int(m[2]) > _MONTHS for m in pairs)


def number_form(values: Iterable[str]) -> str | None:
    """`decimal comma` or `thousands comma`, where many numbers are written so."""
    seen = [value for value in values if value]
    commas = sum(bool(_COMMA.match(v)) and not _THOUSANDS.match(v) for v in seen)
    thousands = sum(bool(_THOUSANDS.match(v)) for v in seen)
    if commas and commas >= thousands:
        return "decimal comma" if (commas + thousands) * 4 >= len(seen) else None
    return "thousands comma" if thousands * 4 >= len(seen) and thousands else None


def null_words(values: Iterable[str]) -> Counter[str]:
    """How often a word stands that usually means NULL."""
    return Counter(value for value in values if value in NULL_WORDS)


def boolean_texts(values: Iterable[str]) -> tuple[list[str], list[str]] | None:
    """The texts that seem to mean true and false; None where others occur as well."""
    seen = {value.casefold() for value in values if value}
    yes, no = ([text for text in texts if text in seen] for texts, _ in _BOOLEANS)
    return (yes, no) if seen and len(yes) + len(no) == len(seen) else None
