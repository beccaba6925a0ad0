"""Reports to render: one that passed, one that failed in every way, one that wants to break out."""

from dataclasses import replace

from admw_assets.core.diagnosis import ChangedRow, diagnose
from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    Attempt,
    ComparedRow,
    Difference,
    DifferenceKind,
    ReconciliationReport,
    RejectedRecord,
    TimelineEntry,
)
from admw_assets.core.step import CheckResult, Counts, Stage

FILE = "CUSTOMER~20240101.000000.csv"
HOSTILE = (
    "<script>document.title='broken'</script><img src=http://example.invalid/x onerror=alert(1)>"
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")')

PASSED = ReconciliationReport(
    migration="shop",
    file=FILE,
    file_sha256="ab" * 32,
    table="customer",
    stage=Stage.FINAL,
    run_id="20240102T030405-0a1b2c3d",
    created_at="2024-01-02T03:04:05+00:00",
    counts=Counts(1000, 1000, 990, 8, 2, 0),
    checks=(
        CheckResult(CONSERVATION, True, "1,000 expected = 990 loaded + 8 rejected + 2 dropped."),
        CheckResult(ROW_HASH, True, "All 990 rows are as they were delivered."),
        CheckResult(REJECT_LIMIT, True, "8 rejects, 10 allowed.", warns=True),
        CheckResult(ORPHANS, True, "Every parent is there."),
    ),
    rejects_by_rule={"length": 5, "duplicate_key": 3},
    dropped_by_reason={"closed before 2020": 2},
    seconds_by_step={"load": 1.5},
    rejected=(
        RejectedRecord(Stage.PRELIMINARY, 17, 1, "length", "name", "51 characters, 50 fit."),
        RejectedRecord(Stage.FINAL, 23, 1, "duplicate_key", "id", "record 4 has id 9 already"),
    ),
    file_size=123_456,
    code_version="1.2.3",
    migration_fingerprint="cd" * 32,
    columns=("id", "name", "email"),
    key=("id",),
    personal=("email",),
    passes=(
        ComparedRow(
            1,
            1,
            {"id": "1", "name": "Zoë", "email": "pii:0a1b2c"},
            {"id": "1", "name": "Zoë", "email": "pii:0a1b2c"},
        ),
    ),
    timeline=(
        TimelineEntry("preliminary", "transform", "COMPLETED", "2024-01-02T03:00:00+00:00", 9.5, 1),
        TimelineEntry("final", "load", "COMPLETED", "2024-01-02T03:04:01+00:00", 1.5, 1, 990),
        TimelineEntry("final", "reconcile", "RUNNING", "2024-01-02T03:04:03+00:00", 0.04, 1),
    ),
)


def failed_report(text: str = "größer, mit einem langen Namen") -> ReconciliationReport:
    """A report with every section in it; `text` stands wherever a text can stand."""
    rows = [
        ChangedRow(
            n,
            {"id": str(n), "name": f"{text} {n}", "email": "2024-01-01 08:00:00"},
            {"id": str(n), "name": f"{text} {n}".upper(), "email": "2024-01-01 16:00:00"},
        )
        for n in range(1, 31)
    ]
    changed = [
        Difference(
            DifferenceKind.CHANGED,
            {"id": str(row.record)},
            row.record,
            1,
            ("name", "email"),
            row.delivered,
            row.found,
            {"email": "the time is shifted by +8 h"},
        )
        for row in rows
    ]
    others = [
        Difference(
            DifferenceKind.MISSING,
            {"id": "50"},
            50,
            1,
            (),
            {"id": "50", "name": text, "email": None},
        ),
        Difference(
            DifferenceKind.EXTRA,
            {"id": text},
            None,
            None,
            (),
            None,
            {"id": text, "name": "", "email": ""},
        ),
    ]
    return replace(
        PASSED,
        stage=Stage.PRELIMINARY,
        counts=Counts(1000, 1000, 989, 8, 2, 32),
        checks=(
            CheckResult(CONSERVATION, False, "Does not add up, 1 lost: 1,000 expected = …."),
            CheckResult(SOURCE_HASH, True, "Every loaded record agrees with its hash."),
            CheckResult(ROW_HASH, False, f"32 rows are not as delivered: {text}."),
            CheckResult(REJECT_LIMIT, True, "8 rejects, 10 allowed."),
        ),
        rejects_by_rule={text: 5, "duplicate_key": 3},
        dropped_by_reason={text: 2},
        rejected=(RejectedRecord(Stage.PRELIMINARY, 3, 1, text, text, f"Wrong: {text}"),),
        differences=(*changed, *others),
        differences_by_kind={"changed": 30, "missing": 1, "extra": 1},
        diagnoses=diagnose(rows),
        diagnosed=30,
        notes=(f"A note: {text}",),
        passes=(ComparedRow(7, 1, {"id": "7", "name": text}, {"id": "7", "name": text}),),
        attempts=(
            Attempt(1, "run-0", "2024-01-01T00:00:00+00:00", "load", "FAILED", f"Refused: {text}"),
        ),
    )


REFUSED = replace(
    PASSED,
    stage=Stage.PRELIMINARY,
    counts=Counts(1000, 1000, 0, 31, 2, 0),
    checks=(CheckResult(REJECT_LIMIT, False, "31 rejects, 30 are allowed; nothing was loaded."),),
    rejects_by_rule={"length": 31},
    passes=(),
)
"""Of a file that was not loaded, because too much of it was rejected."""
