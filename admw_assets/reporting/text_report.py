"""A report as a short text, for mail and terminals; imports core."""

from collections.abc import Iterator

from admw_assets.core.reconciliation import ROW_HASH, ReconciliationReport, first_of_each_kind

LONGEST_TEXT = 1000
"""Characters; what fits a mail's preview and any SNS message."""

_LONGEST_LINE = 200
_SENTENCES = 4
_NAMED_OF_A_KIND = 2


def render_text(report: ReconciliationReport, limit: int = LONGEST_TEXT) -> str:
    """Verdict, records, checks, diagnosis, rejects and the first differences: `limit` characters.

    Lines are left out at the end, never cut apart, but for one that alone would be too long.
    """
    kept: list[str] = []
    more = "… more in report.html"
    left = limit - len(more) - 1
    for line in (_shortened(line) for line in _lines(report)):
        left -= len(line) + 1
        if left < 0:
            return "\n".join([*kept, more])
        kept.append(line)
    return "\n".join(kept)


def _lines(report: ReconciliationReport) -> Iterator[str]:
    counts = report.counts
    yield f"{'PASSED' if report.passed else 'FAILED'}: {report.stage}/{report.table}, {report.file}"
    yield f"{counts.records:,} records" if counts.records is not None else "records unknown"
    for check in report.checks:
        message = check.message
        if check.name == ROW_HASH and report.differences:
            message = message.partition(":")[0] + "."  # the rest stands below
        yield f"{'ok ' if check.passed else 'RED'} {check.name}: {message}"
    yield from report.drift
    yield from report.sentences[:_SENTENCES]
    for difference in first_of_each_kind(report.differences, _NAMED_OF_A_KIND):
        yield f"- {difference}"
    if report.rejects_by_rule:
        by_rule = sorted(report.rejects_by_rule.items(), key=lambda item: (-item[1], item[0]))
        yield "rejects: " + ", ".join(f"{rule} {count:,}" for rule, count in by_rule)
    for reason, number in report.dropped_by_reason.items():
        yield f"dropped: {number:,} {reason}"


def _shortened(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1].rstrip() + "…"
