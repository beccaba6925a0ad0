"""The notice of a stage's end fits a mail and says what matters."""

import pytest

from admw_assets.core.ports import StageState
from admw_assets.core.step import Counts, Stage, Status, StepKind
from admw_assets.steps.notice import LONGEST_NOTICE, stage_notice

FILE = "CUSTOMER~20240101.000000.csv"


def _failed(message: str) -> StageState:
    return StageState(
        FILE,
        "customer",
        Stage.FINAL,
        Status.FAILED,
        StepKind.RECONCILE,
        2,
        Counts(1000, 1000, 990, 8, 2, 1),
        message=message,
        report="reports/customer",
    )


def test_notice_says_verdict_equation_reason_and_report() -> None:
    assert stage_notice(_failed("1 row is not as delivered.")).splitlines() == [
        f"{FILE}: FAILED at reconcile, attempt 2.",
        "1,000 expected = 990 loaded + 8 rejected + 2 dropped.",
        "1 row is not as delivered.",
        "Report: reports/customer",
    ]


def test_report_that_the_reason_names_is_not_named_again() -> None:
    text = stage_notice(_failed("Read the report in reports/customer."))
    assert text.count("reports/customer") == 1
    cut = stage_notice(_failed("x" * 990 + " Read the report in reports/customer."))
    assert cut.endswith("…\nReport: reports/customer") and len(cut) <= LONGEST_NOTICE


@pytest.mark.parametrize("characters", [0, 1, 850, 851, 900, 5000])
def test_notice_of_any_length_fits_and_keeps_the_report(characters: int) -> None:
    text = stage_notice(_failed("x" * characters))
    assert len(text) <= LONGEST_NOTICE == 1000
    assert text.endswith("\nReport: reports/customer")
