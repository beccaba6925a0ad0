"""What has happened to the values of a column is said in one sentence."""

import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest

from admw_assets.core.diagnosis import (
    PATTERNS,
    SAMPLES,
    ChangedRow,
    Diagnosis,
    Tally,
    diagnose,
    explain,
    percentage,
    reason,
)
from admw_assets.core.difference_patterns import Pattern

Text = str | None
Rows = list[tuple[Text, Text]]

ROWS = 100
PLANTED = 98


def moment(n: int) -> str:
    start = datetime(2024, 1, 1, 8, 30)
    return (start + timedelta(days=n, minutes=n)).isoformat(" ")


def name(n: int) -> str:
    return f"Zoë Größ-{n} von der Heide"


def price(n: int) -> str:
    return f"{n}.{n * 7919 % 900 + 100}7"


def shifted(text: Text, **by: float) -> str:
    return (datetime.fromisoformat(text or "") + timedelta(**by)).isoformat(" ")


def rounded(text: Text, how: str) -> str:
    return str(Decimal(text or "").quantize(Decimal("0.01"), how))


def single(text: Text) -> str:
    (value,) = struct.unpack("<f", struct.pack("<f", float(text or "")))
    return repr(value)


CASES: dict[str, tuple[Callable[[int], Text], Callable[[Text], Text], str]] = {
    "shifted by hours": (moment, lambda t: shifted(t, hours=8), "the time is shifted by +8 h"),
    "shifted by half an hour": (
        moment,
        lambda t: shifted(t, hours=-5, minutes=-30),
        "the time is shifted by -330 min",
    ),
    "shifted by a day": (
        lambda n: moment(n)[:10],
        lambda t: shifted(t, days=-1)[:10],
        "the time is shifted by -1 d",
    ),
    "shifted by milliseconds": (
        lambda n: f"{moment(n)}.000",
        lambda t: f"{(t or '')[:-4]}.250",
        "the time is shifted by +0.25 s",
    ),
    "a time of day shifted": (
        lambda n: f"{n % 12:02}:15:00",
        lambda t: f"{int((t or '')[:2]) + 1:02}:15:00",
        "the time is shifted by +1 h",
    ),
    "time of day lost": (
        moment,
        lambda t: f"{(t or '')[:10]} 00:00:00",
        "the time of day is lost",
    ),
    "day and month swapped": (
        lambda n: f"2024-{n % 6 + 1:02}-{n % 5 + 7:02}",
        lambda t: f"2024-{(t or '')[8:]}-{(t or '')[5:7]}",
        "day and month are swapped",
    ),
    "trailing space lost": (
        lambda n: name(n) + " " * (n % 3 + 1),
        lambda t: (t or "").rstrip(),
        "white space is lost at the end",
    ),
    "leading space added": (name, lambda t: f" {t}", "white space is added at the beginning"),
    "space lost on both sides": (
        lambda n: f" {name(n)} ",
        lambda t: (t or "").strip(),
        "white space is lost",
    ),
    "carriage return added": (
        name,
        lambda t: f"{t}\r",
        "white space is added at the end (line ends)",
    ),
    "upper case": (
        name,
        lambda t: (t or "").upper(),
        "only the letter case differs (all upper case now)",
    ),
    "lower case": (
        name,
        lambda t: (t or "").lower(),
        "only the letter case differs (all lower case now)",
    ),
    "another scale": (
        lambda n: f"{n}.50",
        lambda t: (t or "").rstrip("0"),
        "the number is the same, written with another scale (2 decimals became 1)",
    ),
    "rounded": (
        price,
        lambda t: rounded(t, ROUND_HALF_UP),
        "the number is rounded to 2 decimals",
    ),
    "cut decimals": (
        lambda n: f"{n}.{n % 10}189",
        lambda t: rounded(t, ROUND_DOWN),
        "decimals are cut off to 2 decimals",
    ),
    "single precision": (price, single, "the number has single precision only"),
    "decimal point moved": (
        price,
        lambda t: str(Decimal(t or "") * 100),
        "the decimal point is moved by 2 to the right (times 100)",
    ),
    "cut": (name, lambda t: (t or "")[:10], "the text is cut at 10 characters"),
    "mojibake": (
        name,
        lambda t: (t or "").encode().decode("cp1252"),
        "the encoding is damaged (UTF-8 read as Windows-1252)",
    ),
    "mojibake repaired": (
        lambda n: name(n).encode().decode("cp1252"),
        lambda t: (t or "").encode("cp1252").decode(),
        "the encoding is damaged (it was UTF-8 read as Windows-1252, and is repaired)",
    ),
    "question marks": (
        name,
        lambda t: (t or "").encode("ascii", "replace").decode(),
        "characters are replaced (characters beyond ASCII became ?)",
    ),
    "question marks for bytes": (
        name,
        lambda t: "".join(c if c.isascii() else "?" * len(c.encode()) for c in t or ""),
        "characters are replaced (characters beyond ASCII became ?, once for each byte)",
    ),
    "replacement characters": (
        name,
        lambda t: (t or "").encode("cp1252").decode("utf-8", "replace"),
        "characters are replaced (characters beyond ASCII became \ufffd)",
    ),
    "emoji gone": (
        lambda n: f"{name(n)} 😀",
        lambda t: (t or "").replace("😀", ""),
        "characters are replaced (4-byte characters such as emoji are gone)",
    ),
    "accents lost": (
        lambda n: f"Zoé {n}",
        lambda t: (t or "").replace("é", "e"),
        "accents are lost",
    ),
    "decomposed": (
        lambda n: f"Zoé {n}",
        lambda t: (t or "").replace("é", "e\u0301"),
        "the same characters are encoded differently (NFD now)",
    ),
    "empty became NULL": (
        lambda n: "",
        lambda t: None,
        "NULL and the empty text are exchanged (the empty text became NULL)",
    ),
    "NULL became empty": (
        lambda n: None,
        lambda t: "",
        "NULL and the empty text are exchanged (NULL became the empty text)",
    ),
    "value lost": (name, lambda t: None, "the value is lost (NULL now)"),
    "NULL filled": (lambda n: None, lambda t: "0", "a value stands where NULL was"),
    "sign turned": (price, lambda t: f"-{t}", "the sign is turned"),
}


def planted(make: Callable[[int], Text], damage: Callable[[Text], Text]) -> Rows:
    """98 damaged values and two that no pattern explains."""
    rows: Rows = [(text := make(n), damage(text)) for n in range(1, PLANTED + 1)]
    return [*rows, ("one thing", "another"), ("this", "that")]


def changed(rows: Rows) -> list[ChangedRow]:
    return [
        ChangedRow(n, {"id": str(n), "c": old}, {"id": str(n), "c": new})
        for n, (old, new) in enumerate(rows)
    ]


@pytest.mark.parametrize(("make", "damage", "pattern"), CASES.values(), ids=list(CASES))
def test_pattern_in_98_of_100_rows_is_said(
    make: Callable[[int], Text], damage: Callable[[Text], Text], pattern: str
) -> None:
    (diagnosis,) = diagnose(changed(planted(make, damage)))
    assert diagnosis.sentence == (
        f"100 values of c differ, 98% of them: {pattern}; 2 differ otherwise."
    )
    assert diagnosis.samples == (("one thing", "another"), ("this", "that"))
    assert diagnosis.share == 0.98


def test_swapped_columns_are_said_for_both() -> None:
    rows = [
        ChangedRow(n, {"first": f"a{n}", "last": f"b{n}"}, {"first": f"b{n}", "last": f"a{n}"})
        for n in range(PLANTED)
    ]
    rows += [
        ChangedRow(n, {"first": "x", "last": "y"}, {"first": "q", "last": "r"}) for n in (1, 2)
    ]
    sentences = [diagnosis.sentence for diagnosis in diagnose(rows)]
    assert sentences == [
        f"100 values of {one} differ, 98% of them: the value is swapped with {other}; "
        "2 differ otherwise."
        for one, other in (("first", "last"), ("last", "first"))
    ]


def test_the_value_of_the_neighbouring_record_is_said() -> None:
    delivered = [{"c": f"value {n * 31 % 101}"} for n in range(ROWS)]
    rows = [
        ChangedRow(n, delivered[n], delivered[n - 1], (delivered[n - 1],))
        for n in range(1, PLANTED + 1)
    ]
    rows += [ChangedRow(n, {"c": "x"}, {"c": "q"}, (delivered[3],)) for n in (1, 2)]
    (diagnosis,) = diagnose(rows)
    assert diagnosis.sentence == (
        "100 values of c differ, 98% of them: the value is that of the neighbouring record; "
        "2 differ otherwise."
    )


def test_a_clock_change_leaves_two_findings() -> None:
    rows: Rows = [(moment(n), shifted(moment(n), hours=1 if n < 60 else 2)) for n in range(ROWS)]
    (diagnosis,) = diagnose(changed(rows))
    assert diagnosis.sentence == (
        "100 values of c differ, 60% of them: the time is shifted by +1 h; "
        "40%: the time is shifted by +2 h."
    )
    assert diagnosis.unexplained == 0


def test_few_neighbours_are_a_coincidence() -> None:
    rows = [ChangedRow(n, {"c": "cash"}, {"c": "card"}, ({"c": "card"},)) for n in range(4)]
    (diagnosis,) = diagnose(rows)
    assert diagnosis.sentence == "4 values of c differ without a common pattern."


def test_all_of_them_is_said_in_words() -> None:
    (diagnosis,) = diagnose(changed([(name(n), name(n).upper()) for n in range(9)]))
    assert diagnosis.sentence == (
        "9 values of c differ, all of them: only the letter case differs (all upper case now)."
    )


def test_values_without_anything_in_common_are_shown() -> None:
    rows: Rows = [(moment(n), moment(n * n + 3)) for n in range(2, ROWS)]
    (diagnosis,) = diagnose(changed(rows))
    assert diagnosis.sentence == "98 values of c differ without a common pattern."
    assert len(diagnosis.samples) == SAMPLES


def test_one_value_is_said_in_the_singular() -> None:
    (diagnosis,) = diagnose(changed([("Ann", "ANN")]))
    assert diagnosis.sentence == (
        "1 value of c differs: only the letter case differs (all upper case now)."
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0000-00-00", "2024-01-01"),
        ("2024-02-30", "2024-03-01"),
        ("1" * 70, "2"),
        ("1e300", "1.5"),
        ("1.5e-300", "0"),
        ("", "x"),
        ("\ud800", "?"),
        ("-838:59:59", "838:59:59"),
        ("nan", "inf"),
    ],
)
def test_no_pattern_stumbles_over_odd_values(old: str, new: str) -> None:
    for one, other in ((old, new), (new, old)):
        (diagnosis,) = diagnose(changed([(one, other)]))
        assert diagnosis.differing == 1


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
def test_no_pattern_explains_equal_values(pattern: Pattern) -> None:
    for text in ("", " ", "Zoë", "1.50", "-0", "2024-01-02 03:04:05", "12:00:00", "A"):
        assert list(pattern(text, text)) == []


def test_a_row_says_the_finding_of_its_column() -> None:
    rows = changed([(price(n), rounded(price(n), ROUND_HALF_UP)) for n in range(ROWS)])
    (diagnosis,) = diagnose(rows)
    row = ChangedRow(1, {"c": "1.2034"}, {"c": "1.2"})  # rounded to one decimal, and to two
    assert reason(explain(row)["c"], diagnosis) == "the number is rounded to 2 decimals"
    assert reason(frozenset(), diagnosis) == ""


def test_memory_does_not_grow_with_the_rows() -> None:
    tally = Tally()
    for n in range(20_000):
        tally.add({"c": frozenset({("the time is shifted", f"by +{n} s")})}, {"c": ("a", "b")})
    (diagnosis,) = tally.diagnoses()
    assert diagnosis == Diagnosis("c", 20_000, (), diagnosis.samples)
    assert len(diagnosis.samples) == SAMPLES


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 5, "0%"), (5, 5, "100%"), (999, 1000, "99%"), (1, 1000, "1%"), (1, 3, "33%")],
)
def test_all_and_nothing_are_only_said_where_they_are_true(
    part: int, whole: int, text: str
) -> None:
    assert percentage(part, whole) == text
