"""The verdict on each promise; imports core only."""

from collections.abc import Sequence

from admw_assets.core.configuration import RejectLimit
from admw_assets.core.reconciliation import (
    CONSERVATION,
    ORPHANS,
    REJECT_LIMIT,
    ROW_HASH,
    SOURCE_HASH,
    UnmetReferences,
    equation,
    first_of_each_kind,
)
from admw_assets.core.reject_limit import allowed_rejects
from admw_assets.core.step import CheckResult, Counts
from admw_assets.steps.side_by_side import Examined

_NAMED_OF_A_KIND = 3
_SPOKEN = 3


def conservation(counts: Counts) -> CheckResult:
    """Every row is accounted for: expected = loaded + rejected + dropped."""
    numbers = equation(counts)
    if counts.conserved:
        return CheckResult(CONSERVATION, True, f"{numbers}.")
    parts = (counts.loaded or 0) + (counts.rejected or 0) + (counts.dropped or 0)
    off = parts - (counts.expected or 0)
    what = f"{off:,} too many" if off > 0 else f"{-off:,} lost"
    return CheckResult(CONSERVATION, False, f"Does not add up, {what}: {numbers}.")


def source_hash(carried: bool, rejected: int, corrected: int = 0) -> CheckResult:
    """Every loaded record agrees with the hash that it came with; `corrected` rows have none."""
    if not carried:
        return CheckResult(SOURCE_HASH, True, "The file carries no source hash.")
    more = f"; {rejected:,} records with another hash were rejected" if rejected else ""
    more += f"; {corrected:,} rows are of records that a person has corrected" if corrected else ""
    message = f"Every loaded record agrees with its hash{more}."
    return CheckResult(SOURCE_HASH, True, message, warns=rejected > 0)


def row_hash(rows: int, mismatched: int, examined: Examined) -> CheckResult:
    """Every row in the table is as it was delivered: none lost, doubled or changed."""
    if not mismatched:
        return CheckResult(ROW_HASH, True, f"All {rows:,} rows are as they were delivered.")
    named = "; ".join(str(d) for d in first_of_each_kind(examined.differences, _NAMED_OF_A_KIND))
    why = " ".join(diagnosis.sentence for diagnosis in examined.diagnoses[:_SPOKEN])
    were = "row is" if mismatched == 1 else "rows are"
    message = f"{mismatched:,} {were} not as delivered: {named}. {why}"
    return CheckResult(ROW_HASH, False, message.rstrip())


def reject_limit(limits: RejectLimit, counts: Counts) -> CheckResult:
    """No more records were rejected than the migration allows."""
    limit = allowed_rejects(limits, counts.expected or 0)
    rejected = counts.rejected or 0
    if limit is None:
        return CheckResult(REJECT_LIMIT, True, f"{rejected:,} rejects, no limit set.", rejected > 0)
    message = f"{rejected:,} rejects, {limit:,} allowed."
    return CheckResult(REJECT_LIMIT, rejected <= limit, message, 0 < rejected <= limit)


def orphans(number: int, unmet: Sequence[UnmetReferences] = ()) -> CheckResult:
    """Every row that refers to another table finds its parent there.

    `unmet` are rows in a circle of tables that were moved before their parents: they may wait for
    them, but not for parents that were rejected.
    """
    lost = [
        f"{u.missing:,} rows of {u.child} refer by ({', '.join(u.columns)}) to rows of {u.parent} "
        "that were rejected or never delivered"
        for u in unmet
        if u.missing
    ]
    if lost:
        advice = "Correct and replay those rejects, or start the referring file anew (--restart)."
        return CheckResult(ORPHANS, False, f"{'; '.join(lost)}. {advice}")
    were = "orphan was" if number == 1 else "orphans were"
    sentences = [f"{number:,} {were} rejected."] if number else []
    waiting = [f"{u.waiting:,} rows of {u.child} for {u.parent}" for u in unmet if u.waiting]
    if waiting:
        sentences.append(f"Parents are still to come: {'; '.join(waiting)}.")
    message = " ".join(sentences) or "Every parent is there."
    return CheckResult(ORPHANS, True, message, warns=bool(sentences))
