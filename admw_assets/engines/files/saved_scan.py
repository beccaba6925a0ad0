"""What is kept of an opened file, so that the next step need not scan it again; core only.

`scan.json` is written last: where it is there and fits, text and index beside it are whole.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from admw_assets.core.configuration import FileFormat
from admw_assets.core.ports import OpenedFile
from admw_assets.engines.files.grammar import Grammar
from admw_assets.engines.files.source import Identity

SCAN_FILE = "scan.json"
_VERSION = 1  # of what a scan means; older ones are scanned again


@dataclass(frozen=True, slots=True)
class SavedScan:
    """An opened file, and what it takes to find its records again.

    `content` holds the bytes that the index counts in.
    """

    identity: Identity
    fingerprint: str
    opened: OpenedFile
    content: Path
    content_size: int
    grammar: Grammar

    def save(self, folder: Path) -> None:
        """Write `scan.json` in one go."""
        opened = {name: _plain(value) for name, value in asdict(self.opened).items()}
        document = {
            "version": _VERSION,
            "identity": asdict(self.identity),
            "fingerprint": self.fingerprint,
            "opened": opened | {"malformed": list(self.opened.malformed.items())},
            "content": str(self.content),
            "content_size": self.content_size,
            "grammar": {key: _plain(value) for key, value in asdict(self.grammar).items()},
        }
        temporary = folder / f"{SCAN_FILE}.tmp"
        with temporary.open("w", encoding="utf-8") as output:
            json.dump(document, output)
            output.flush()
            os.fsync(output.fileno())
        temporary.rename(folder / SCAN_FILE)

    def is_whole(self) -> bool:
        """True where text, content and index have the sizes they were written with."""
        try:
            return (
                self.opened.text.is_file()
                and self.content.stat().st_size == self.content_size
                and self.opened.index.stat().st_size == (self.opened.records + 1) * 8
            )
        except OSError:
            return False


def format_fingerprint(file_format: FileFormat) -> str:
    """SHA-256 hex over everything that a format says."""
    return hashlib.sha256(file_format.model_dump_json().encode()).hexdigest()


def load_scan(folder: Path) -> SavedScan | None:
    """The scan kept in a folder; None where there is none that this version understands."""
    try:
        document = json.loads((folder / SCAN_FILE).read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            return None
        opened = dict(document["opened"])
        opened["malformed"] = {number: rule for number, rule in opened["malformed"]}
        opened["columns"] = tuple(opened["columns"])
        opened |= {"text": Path(opened["text"]), "index": Path(opened["index"])}
        return SavedScan(
            Identity(**document["identity"]),
            document["fingerprint"],
            OpenedFile(**opened),
            Path(document["content"]),
            document["content_size"],
            _grammar(document["grammar"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # none, or one of another version: both mean a new scan


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("ascii")
    return str(value) if isinstance(value, Path) else value


def _grammar(texts: Mapping[str, str | None]) -> Grammar:
    quote, escape = texts["quote"], texts["escape"]
    return Grammar(
        (texts["delimiter"] or "").encode("ascii"),
        None if quote is None else quote.encode("ascii"),
        None if escape is None else escape.encode("ascii"),
    )
