"""A compiled folder as it is deployed: template and artifacts; imports core.

Names of buckets are written out for the account, because CloudFormation takes an existing bucket
back into a stack only under a literal name (ImportExistingResources).
"""

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admw_assets.core.errors import ConfigurationError

Template = dict[str, Any]
ARTIFACT_BUCKET = "ArtifactBucket"


@dataclass(frozen=True, slots=True)
class Compiled:
    """What `compile` wrote: the template; every artifact under its key."""

    template: Template
    artifacts: dict[str, Path]

    def parameters(self) -> dict[str, dict[str, Any]]:
        """The template's parameters by name."""
        return self.template.get("Parameters", {})


def read_compiled(folder: Path) -> Compiled:
    """Read a folder that `compile` wrote. Raises ConfigurationError where it is none."""
    path = folder / "template.json"
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise ConfigurationError(
            f"{folder} holds no template.json.",
            next_step=f"Compile first: python -m aws_deploy compile --out {folder}",
        ) from err
    except json.JSONDecodeError as err:
        raise ConfigurationError(f"{path} is no JSON: {err}.", next_step="Compile again.") from err
    artifacts = {
        file.relative_to(folder).as_posix(): file
        for file in sorted((folder / "artifacts").rglob("*"))
        if file.is_file()
    }
    return Compiled(template, artifacts)


def for_account(template: Template, account: str, region: str, partition: str) -> Template:
    """The template with the names of buckets written out."""
    known = {
        "${AWS::AccountId}": account,
        "${AWS::Region}": region,
        "${AWS::Partition}": partition,
    }
    written = copy.deepcopy(template)
    for resource in written["Resources"].values():
        name = resource.get("Properties", {}).get("BucketName")
        if resource["Type"] == "AWS::S3::Bucket" and isinstance(name, dict) and "Fn::Sub" in name:
            text = name["Fn::Sub"]
            for placeholder, value in known.items():
                text = text.replace(placeholder, value)
            if "${" not in text:
                resource["Properties"]["BucketName"] = text
    return written
