"""Whether the manifests, and everything that they name, are as they were written; core only.

The chain is on record in the database and in files of its own, so that neither can be altered or
cut off without the other telling; the tracker tells of files that should have a manifest.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from admw_assets.core.manifest import (
    Evidence,
    Manifest,
    ManifestChain,
    ManifestEntry,
    ManifestReason,
    parse_manifest,
    sha256_of,
)
from admw_assets.core.ports import StageState, Tracker
from admw_assets.core.step import Counts, Stage, Status


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written; `what` names it, `message` says what is wrong."""

    what: str
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at and what is wrong; `head` is the hash of the newest manifest.

    `head` stands for the whole chain: written down elsewhere, it proves that nothing before it
    was altered later.
    """

    manifests: int
    data_files: int
    evidence_files: int
    head: str
    problems: tuple[Problem, ...]


def verify(chain: ManifestChain, evidence: Evidence, tracker: Tracker) -> Verification:
    """Check every link, every file that a manifest in force names, and the tracker's word."""
    walk = _Walk(evidence)
    problems = list(walk.links(chain))
    problems += walk.strangers()
    in_force = {
        file: manifest
        for file, manifest in walk.newest.items()
        if manifest.content.reason is not ManifestReason.TAKEN_BACK
    }
    named = 0
    for manifest in in_force.values():
        for file in manifest.content.files:
            named += 1
            found = evidence.describe(file.path)
            if found is None:
                problems.append(Problem(file.path, f"is gone ({_in(manifest)})"))
            elif (found.size, found.sha256) != (file.size, file.sha256):
                problems.append(
                    Problem(file.path, f"was altered since it was named {_in(manifest)}")
                )
    problems += _contradictions(in_force, tracker.states())
    return Verification(walk.number, len(in_force), named, walk.head, tuple(problems))


class _Walk:
    """One pass along the chain."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._names: set[str] = set()
        self.number = 0
        self.head = ""
        self.newest: dict[str, Manifest] = {}

    def links(self, chain: ManifestChain) -> Iterator[Problem]:
        """What is wrong with the manifests themselves, in their order."""
        last = 0
        for entry in chain.entries():
            self.number += 1
            self._names.add(entry.name)
            if entry.number != last + 1:
                yield Problem(
                    f"manifest {last + 1}",
                    f"is missing on record: number {entry.number} follows number {last}",
                )
            last = entry.number
            yield from self._record(entry)
            yield from self._file(entry)
            self.head = entry.sha256

    def strangers(self) -> Iterator[Problem]:
        """Files among the manifests that are on no record."""
        for name in self._evidence.manifest_names():
            if name not in self._names:
                yield Problem(f"manifests/{name}", "is not on record in the database")

    def _record(self, entry: ManifestEntry) -> Iterator[Problem]:
        what = f"manifest {entry.number}"
        if sha256_of(entry.document) != entry.sha256:
            yield Problem(what, "was altered on record: it does not have its hash")
        try:
            manifest = parse_manifest(entry.document)
        except ValueError:
            yield Problem(what, "cannot be read on record")
            return
        if manifest.previous != self.head:
            yield Problem(what, "does not carry the hash of the manifest before it")
        if (manifest.number, manifest.content.file) != (entry.number, entry.file):
            yield Problem(what, f"is on record as number {entry.number} of {entry.file}")
        self.newest[entry.file] = manifest

    def _file(self, entry: ManifestEntry) -> Iterator[Problem]:
        content = self._evidence.read_manifest(entry.name)
        if content is None:
            yield Problem(f"manifests/{entry.name}", "is gone")
        elif hashlib.sha256(content).hexdigest() != entry.sha256:
            yield Problem(f"manifests/{entry.name}", "was altered: it does not have its hash")


def _contradictions(
    in_force: Mapping[str, Manifest], states: list[StageState]
) -> Iterator[Problem]:
    """Archived files without a manifest, and numbers that the tracker has otherwise."""
    unsigned = {
        state.file
        for state in states
        if state.stage is Stage.FINAL and state.status is Status.COMPLETED and state.archive
    }
    for file in sorted(unsigned - in_force.keys()):
        yield Problem(file, "is archived, but no manifest of it is in force")
    known = {(state.file, state.table, state.stage): state.counts for state in states}
    for file, manifest in in_force.items():
        for proof in manifest.content.stages:
            tracked = known.get((file, proof.table, proof.stage))
            if tracked is None or _numbers(tracked) != _numbers(proof.counts):
                yield Problem(
                    file,
                    f"the tracker has other numbers for {proof.stage}/{proof.table} than "
                    f"{_in(manifest)}: a newer manifest is missing, or the tracker was altered",
                )


def _numbers(counts: Counts) -> Counts:
    return replace(counts, mismatched=None)


def _in(manifest: Manifest) -> str:
    return f"in manifest {manifest.number}"
