"""Names of data files: `TABLE~YYYYMMDD.HHMMSS.csv`; imports only core.errors."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from admw_assets.core.errors import DataFileError

_NAME = re.compile(
    r"(?P<entity>[^~/\\\x00-\x1f\x7f\ud800-\udfff]+)"
    r"~(?P<stamp>\d{8}\.\d{6})(?P<suffixes>(\.(csv|txt|zip|gz))+)",
    re.IGNORECASE | re.ASCII,  # \d would take the digits of all scripts
)
_SUFFIXES = frozenset({".csv", ".txt", ".zip", ".gz", ".csv.gz", ".txt.gz", ".csv.zip", ".txt.zip"})
_LONGEST_NAME = 200  # characters; fits VARCHAR(255) together with a reject or archive suffix


@dataclass(frozen=True, slots=True)
class DataFileName:
    """The parts of a data file's name; `entity` is what `migration.yaml` calls the file."""

    name: str
    entity: str
    extracted_at: datetime
    suffix: str

    @property
    def compression(self) -> str:
        """`zip`, `gz` or the empty string."""
        last = self.suffix.rpartition(".")[2]
        return last if last in ("zip", "gz") else ""


def parse_data_file_name(location: str) -> DataFileName:
    """Take apart the last segment of a path or URI.

    Raises DataFileError where it is not `TABLE~YYYYMMDD.HHMMSS.csv` (or txt, zip, gz).
    """
    name = PurePosixPath(location).name
    match = _NAME.fullmatch(name)
    suffix = match["suffixes"].lower() if match else ""
    if match is None or suffix not in _SUFFIXES or len(name) > _LONGEST_NAME:
        raise DataFileError(
            f"{name!r} is not the name of a data file.",
            next_step="Name it TABLE~YYYYMMDD.HHMMSS.csv (or .txt, .zip, .gz, .csv.gz), "
            f"at most {_LONGEST_NAME} characters.",
            file=name,
        )
    try:
        extracted_at = datetime.strptime(match["stamp"], "%Y%m%d.%H%M%S")
    except ValueError as err:
        raise DataFileError(
            f"{name!r} carries {match['stamp']!r}, which is no date and time.",
            next_step="Write it as YYYYMMDD.HHMMSS, for example 20240131.235959.",
            file=name,
        ) from err
    return DataFileName(name, match["entity"], extracted_at, suffix)
