"""CloudFormation's vocabulary as plain dicts, and ARNs by name; imports nothing.

`Ref` of a secret is its ARN on AWS but its name in emulators: use `get(secret, "Id")`, which is the
ARN in both. ARNs of things with a fixed name are written out, so that a policy and what it speaks
of do not wait for each other.
"""

from collections.abc import Mapping, Sequence

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None
Object = dict[str, Json]
Resources = dict[str, Json]

ARTIFACT_BUCKET = "ArtifactBucket"
"""Template parameter: the bucket that holds the artifacts; made outside the stack."""


def ref(name: str) -> Object:
    """`Ref`: of a parameter its value, of most resources their name."""
    return {"Ref": name}


def get(resource: str, attribute: str = "Arn") -> Object:
    """`Fn::GetAtt`."""
    return {"Fn::GetAtt": [resource, attribute]}


def sub(text: str) -> Object:
    """`Fn::Sub`: the text with `${...}` filled in."""
    return {"Fn::Sub": text}


def arn(service: str, resource: str) -> Object:
    """The ARN of something in the stack's account and region."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def bucket_arn(bucket: str, keys: str = "") -> Object:
    """The ARN of a bucket, or with `keys` (`/*`) of objects in it."""
    return sub(f"arn:${{AWS::Partition}}:s3:::{bucket}{keys}")


def resource(kind: str, properties: Mapping[str, Json], **attributes: Json) -> Object:
    """One resource of a template; attributes such as DeletionPolicy stand beside its properties."""
    return {"Type": f"AWS::{kind}", **attributes, "Properties": dict(properties)}
