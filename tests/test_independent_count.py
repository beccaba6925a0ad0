"""The scanner's count is the one that counts: a reader that loses a record fails the stage."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from admw_assets.core.errors import DataFileError
from admw_assets.core.migration_folder import load_migration
from admw_assets.core.ports import Ports, StagedRows, TransformJob
from admw_assets.core.step import Counts, Stage, StepKind, StepRequest
from admw_assets.engines.files.reader import LocalFileReader
from admw_assets.steps.transform import transform
from admw_assets.steps.verdict_checks import conservation

MIGRATION = Path(__file__).parent / "migrations/places"
FILE = "COUNTRY~20240101.000000.csv"
RECORDS = 3


@dataclass
class FaultyReader:
    """A transformer whose own reader sees `lost` records less than there are."""

    lost: int

    def transform(self, job: TransformJob) -> StagedRows:
        job.folder.mkdir(parents=True)
        seen = RECORDS - self.lost
        return StagedRows(str(job.folder), (), (), seen, seen, seen, 0, {}, "")


def _transform(folder: Path, lost: int) -> Counts:
    unused = cast(Any, None)
    ports = Ports(
        migration=load_migration(MIGRATION),
        files=LocalFileReader(folder / "work"),
        transformer=FaultyReader(lost),
        work=folder / "work",
        tables=unused,
        tracker=unused,
        archiver=unused,
        reports=unused,
        notifier=unused,
        chain=unused,
        evidence=unused,
    )
    file = folder / FILE
    file.write_bytes(b'code,name\nAT,"\xc3\x96ster""reich"\nCH,Schweiz\nLI,\n')
    request = StepRequest(str(file), "country", Stage.PRELIMINARY, StepKind.TRANSFORM, "run")
    return transform(request, ports).counts


@pytest.mark.parametrize("lost", [1, -1])
def test_reader_that_sees_other_records_than_the_scanner_is_not_believed(
    tmp_path: Path, lost: int
) -> None:
    message = f"the scanner counts 3 records, the reader {RECORDS - lost}"
    with pytest.raises(DataFileError, match=message):
        _transform(tmp_path, lost)


def test_records_are_those_of_the_scanner(tmp_path: Path) -> None:
    assert _transform(tmp_path, lost=0).records == RECORDS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"loaded": 6}, "1 lost: 10 expected = 6 loaded + 2 rejected + 1 dropped"),
        ({"rejected": 3}, "1 too many"),
        ({"dropped": 0}, "1 lost"),
        ({"expected": 11}, "1 lost"),
    ],
)
def test_equation_that_does_not_add_up_is_red(change: dict[str, int], words: str | None) -> None:
    check = conservation(replace(Counts(10, 10, 7, 2, 1), **change))
    assert check.passed is (words is None)
    assert (words or "10 expected = 7 loaded + 2 rejected + 1 dropped.") in check.message
