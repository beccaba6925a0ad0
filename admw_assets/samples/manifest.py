"""What a set of sample files holds, so that a run can be checked against it; imports nothing."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST_FILE = "sample.json"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A record that is wrong in one way: the reject that must come of it, for one table.

    `column` is the target column, or those of a key joined by `, `, or the file's hash column;
    empty where no column is at fault. `kind` is the generator's own name for what it did to the
    record.
    """

    file: str
    record: int
    table: str
    stage: str
    rule: str
    column: str
    kind: str


@dataclass(frozen=True, slots=True)
class SampledTable:
    """What a file brings for one table.

    `expected` counts the rows that the transform makes; they end as `dropped`, as rejects of
    one of the stages, or as `loaded` rows of the final table.
    """

    table: str
    expected: int
    dropped: int
    rejected_preliminary: int
    rejected_final: int

    @property
    def loaded_preliminary(self) -> int:
        """Rows that the preliminary table must hold."""
        return self.expected - self.dropped - self.rejected_preliminary

    @property
    def loaded(self) -> int:
        """Rows that the final table must hold."""
        return self.loaded_preliminary - self.rejected_final


@dataclass(frozen=True, slots=True)
class SampledFile:
    """One file: its records (header excluded) and what they make for each table it feeds."""

    file: str
    records: int
    tables: tuple[SampledTable, ...]


@dataclass(frozen=True, slots=True)
class SampleManifest:
    """All files of one call, and every fault planted in them, in file and record order."""

    seed: int
    rows: int
    bad: int
    files: tuple[SampledFile, ...]
    faults: tuple[PlantedFault, ...]

    def file(self, name: str) -> SampledFile:
        """The file of that name; raises KeyError."""
        for sampled in self.files:
            if sampled.file == name:
                return sampled
        raise KeyError(name)

    def write(self, folder: Path) -> Path:
        """Write `sample.json` into the folder and return its path."""
        document = asdict(self)
        for written, sampled in zip(document["files"], self.files, strict=True):
            for numbers, table in zip(written["tables"], sampled.tables, strict=True):
                numbers["loaded_preliminary"] = table.loaded_preliminary
                numbers["loaded"] = table.loaded
        path = folder / MANIFEST_FILE
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        return path


def read_manifest(folder: Path) -> SampleManifest:
    """Read back what `SampleManifest.write` wrote into the folder."""
    document = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    counted = ("table", "expected", "dropped", "rejected_preliminary", "rejected_final")
    files = tuple(
        SampledFile(
            file["file"],
            file["records"],
            tuple(SampledTable(*(table[name] for name in counted)) for table in file["tables"]),
        )
        for file in document["files"]
    )
    faults = tuple(PlantedFault(**fault) for fault in document["faults"])
    return SampleManifest(document["seed"], document["rows"], document["bad"], files, faults)
