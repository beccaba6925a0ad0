"""Writes a stage's report into a folder of its own; imports core and the renderers."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from admw_assets.core.reconciliation import ReconciliationReport
from admw_assets.core.step import Stage
from admw_assets.reporting.csv_report import render_detail_csv, render_summary_csv
from admw_assets.reporting.html_report import render_html
from admw_assets.reporting.json_report import parse_json, render_json
from admw_assets.reporting.text_report import render_text

HTML, TEXT, JSON = "report.html", "report.txt", "report.json"

RENDERINGS: Mapping[str, Callable[[ReconciliationReport], str]] = {
    JSON: render_json,
    TEXT: render_text,
    "summary.csv": render_summary_csv,
    "detail.csv": render_detail_csv,
    HTML: render_html,
}


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """Implements the ReportWriter port: `root/<file>/<stage>-<table>/report.*`."""

    root: Path

    def write(self, report: ReconciliationReport) -> str:
        """Write every rendering, replacing those of an earlier attempt; returns the folder.

        Each file is whole at any moment: the one before, or the new one.
        """
        folder = self.folder_of(report.file, report.table, report.stage)
        folder.mkdir(parents=True, exist_ok=True)
        for name, render in RENDERINGS.items():
            _replace(folder / name, render(report))
        return str(folder)

    def read(self, location: str) -> ReconciliationReport | None:
        """The report that `write` left in this folder; None where it is gone."""
        path = Path(location) / JSON
        return parse_json(path.read_text(encoding="utf-8")) if path.is_file() else None

    def folder_of(self, file: str, table: str, stage: Stage) -> Path:
        """Where the report of that stage is, or will be."""
        return self.root / file / f"{stage}-{table}"


def _replace(target: Path, text: str) -> None:
    partial = target.with_name(target.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(target)
