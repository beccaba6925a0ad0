"""The texts of mails: subject and body, for a person; imports core only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from admw_assets.core.ports import StageState
from admw_assets.core.step import Counts, Stage, Status

_LONGEST_REASON = 420
_LONGEST_FILES = 5
_REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent; cut to what SNS takes by the notifier."""

    subject: str
    text: str


def completed(state: StageState, region: str) -> Mail:
    """The summary of one stage of one (file, table)."""
    lines = [
        f"{state.file}, table {state.table}: the {state.stage} stage has completed "
        f"(attempt {state.attempt}, {state.seconds:,.0f} s).",
        "",
        _numbers(state.counts),
    ]
    if state.message:
        lines += ["", _short(state.message)]
    lines += _places(state, region)
    return Mail(f"Completed: {state.stage}/{state.table}, {state.file}", "\n".join(lines))


def failed(state: StageState, region: str, recorded: bool = True) -> Mail:
    """The alert for one stage of one (file, table)."""
    where = f" in the step {state.step}" if state.step else ""
    lines = [
        f"{state.file}, table {state.table}: the {state.stage} stage has failed{where} "
        f"(attempt {state.attempt}).",
        "",
        f"Why: {_short(state.message)}",
    ]
    if state.counts != Counts():
        lines += ["", _numbers(state.counts)]
    lines += [
        "",
        "When the cause is gone, go on with:",
        f"python -m aws_deploy start '{state.file}' --stage {state.stage}",
    ]
    if not recorded:
        lines += ["", "The tracker could not be written: it does not show this failure."]
    lines += _places(state, region)
    return Mail(f"FAILED: {state.stage}/{state.table}, {state.file}", "\n".join(lines))


def refused(name: str, bucket: str, reason: str) -> Mail:
    """The alert for an object in landing that is no data file of the migration."""
    text = (
        f"{name} in the bucket {bucket} was not started.\n\nWhy: {_short(reason)}\n\n"
        "Nothing was loaded. Upload it again under a right name and remove this one."
    )
    return Mail(f"NOT STARTED: {name}", text)


def migration_stopped(name: str, status: str) -> Mail:
    """The alert for a migration's execution that ended without a summary."""
    text = (
        f"The migration {name} was ended from outside: {status}.\n\n"
        "Files that were on their way go on by themselves. Start the migration again: it takes "
        "up what is not completed."
    )
    return Mail(f"FAILED: migration {name}", text)


def migration_summary(
    about: Mapping[str, object], states: Iterable[StageState], expected: Iterable[Stage]
) -> Mail:
    """How far a migration came: files by stage and status, and the first that failed."""
    known = list(states)
    error = about.get("error")
    lines = [f"The migration {about.get('execution') or ''} has ended.".replace("  ", " "), ""]
    bad: list[StageState] = []
    for stage in expected:
        mine = [state for state in known if state.stage is stage]
        by_status = Counter(state.status for state in mine)
        parts = [
            f"{by_status[status]:,} {status.lower()}" for status in Status if status in by_status
        ]
        loaded = sum(state.counts.loaded or 0 for state in mine)
        rejected = sum(state.counts.rejected or 0 for state in mine)
        lines.append(
            f"{stage}: {', '.join(parts) or 'nothing'}; {loaded:,} rows, {rejected:,} rejects."
        )
        bad += [state for state in mine if state.status is Status.FAILED]
    if isinstance(error, Mapping):
        lines += ["", f"It could not go on: {_short(reason_of(error))}"]
    if bad:
        lines += ["", "Failed:"]
        lines += [
            f"- {s.stage}/{s.table}, {s.file}: {s.message[:90]}" for s in bad[:_LONGEST_FILES]
        ]
        if len(bad) > _LONGEST_FILES:
            lines.append(f"and {len(bad) - _LONGEST_FILES:,} more (python -m aws_deploy status)")
    word = "FAILED" if error or bad else "Completed"
    return Mail(f"{word}: migration {about.get('stage') or ''}".rstrip(), "\n".join(lines))


def reason_of(error: Mapping[str, object]) -> str:
    """What went wrong, from what a Catch of Step Functions has kept."""
    import json

    name, cause = str(error.get("Error") or "unknown"), str(error.get("Cause") or "")
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    if not isinstance(told, Mapping):
        return f"{name}: {cause}" if cause else name
    if "errorMessage" in told:  # Lambda
        return f"{told['errorMessage']}"
    if "JobRunState" in told:  # Glue
        text = told.get("ErrorMessage") or "it left no message"
        return f"The Glue job {told.get('JobName')} ended as {told['JobRunState']}: {text}"
    return f"{name}: {cause}"


def console_link(uri: str, region: str) -> str:
    """The page of an object in the AWS console."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return f"https://{region}.console.aws.amazon.com/s3/object/{bucket}?prefix={quote(key)}"


def _places(state: StageState, region: str) -> list[str]:
    lines = [""]
    if state.report:
        report = f"{state.report}/{_REPORT}"
        lines += [f"Report: {console_link(report, region)}"]
    if state.archive:
        lines += [f"Archive: {state.archive}"]
    return [*lines, f"Run: {state.run_id}"]


def _numbers(counts: Counts) -> str:
    def text(number: int | None) -> str:
        return "?" if number is None else f"{number:,}"

    return (
        f"Records in the file {text(counts.records)}, rows expected {text(counts.expected)}: "
        f"loaded {text(counts.loaded)}, rejected {text(counts.rejected)}, "
        f"dropped {text(counts.dropped)}."
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 2] + " …"
