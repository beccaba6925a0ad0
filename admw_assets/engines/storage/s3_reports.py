"""Reports in S3 (port ReportWriter): written on this machine, then put there; imports core."""

from pathlib import Path

from admw_assets.core.ports import ReportWriter
from admw_assets.core.reconciliation import ReconciliationReport
from admw_assets.engines.storage.s3 import S3


class S3Reports:
    """Puts what `writer` writes below `root` into a bucket, under the same names."""

    def __init__(self, writer: ReportWriter, root: Path, s3: S3, bucket: str) -> None:
        self._writer = writer
        self._root = root
        self._s3 = s3
        self._bucket = bucket

    def write(self, report: ReconciliationReport) -> str:
        """Write every rendering, replacing those of an earlier attempt; returns the folder."""
        folder = Path(self._writer.write(report))
        uri = f"s3://{self._bucket}/{folder.relative_to(self._root).as_posix()}"
        for file in sorted(folder.iterdir()):
            self._s3.put(file, f"{uri}/{file.name}")
        return uri

    def read(self, location: str) -> ReconciliationReport | None:
        """The report that stands in such a folder; None where it is gone."""
        folder = self._root / location.removeprefix(f"s3://{self._bucket}/")
        found = self._s3.list(location)
        self._s3.fetch_all((report, folder / report.name) for report in found)
        return self._writer.read(str(folder)) if found else None
