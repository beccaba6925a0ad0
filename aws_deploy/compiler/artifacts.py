"""Files that the template refers to, by the hash of their content; imports nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file under a key that says its content: other bytes, other key; `source` is where it is."""

    name: str
    sha256: str
    source: Path

    @property
    def key(self) -> str:
        """The key in the artifact bucket, and the path below the output folder."""
        return f"artifacts/{self.sha256[:16]}/{self.name}"

    @property
    def uri(self) -> str:
        """Its s3:// address, for Fn::Sub."""
        return f"s3://${{ArtifactBucket}}/{self.key}"


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Everything that is uploaded.

    `functions` and `layer` are what Lambda runs: ADMW's code, and the libraries it needs. `script`,
    `project` and `wheels` are the same for Glue. `migration` is the migration's folder as a zip,
    `authority` the certificates that the database's must be signed by, where there are any.
    """

    functions: Artifact
    layer: Artifact
    script: Artifact
    project: Artifact
    wheels: tuple[Artifact, ...]
    migration: Artifact
    authority: Artifact | None = None

    def all(self) -> tuple[Artifact, ...]:
        """Every artifact, in the order of their keys."""
        found = [
            *(self.functions, self.layer, self.script, self.project, *self.wheels),
            *(self.migration, *([self.authority] if self.authority else [])),
        ]
        return tuple(sorted(found, key=lambda artifact: artifact.key))


def artifact(path: Path) -> Artifact:
    """The artifact of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return Artifact(path.name, digest.hexdigest(), path)
