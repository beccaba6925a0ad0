"""A template's intrinsic functions with example values filled in: for readers and for checks.

Account 123456789012, partition aws. Imports nothing else.
"""

import re
from collections.abc import Mapping

from aws_deploy.compiler.cloudformation import Json, Object

ACCOUNT = "123456789012"
VARIABLE = re.compile(r"\$\{([\w:.]+)\}")


def resolved(value: Json, known: Mapping[str, str]) -> Json:
    """The value without intrinsic functions; `known` by name, or `Resource.Attribute`."""
    if isinstance(value, list):
        return [resolved(inner, known) for inner in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return known[str(value["Ref"])]
    if set(value) == {"Fn::GetAtt"}:
        resource, attribute = map(str, _list(value["Fn::GetAtt"]))
        return known[f"{resource}.{attribute}"]
    if set(value) == {"Fn::Sub"}:
        return VARIABLE.sub(lambda match: known[match[1]], str(value["Fn::Sub"]))
    return {key: resolved(inner, known) for key, inner in value.items()}


def example_values(template: Object, region: str) -> dict[str, str]:
    """Values for everything that policies and jobs refer to."""
    known = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "ArtifactBucket": f"artifacts-{ACCOUNT}",
    }
    resources = template["Resources"]
    assert isinstance(resources, dict)
    for name, made in resources.items():
        assert isinstance(made, dict)
        properties = made["Properties"]
        assert isinstance(properties, dict)
        known |= _values(name, str(made["Type"]), properties, known)
    return known


def _values(name: str, kind: str, properties: Object, known: Mapping[str, str]) -> dict[str, str]:
    region = known["AWS::Region"]

    def arn(service: str, rest: str, where: str = f"{region}:{ACCOUNT}") -> str:
        return f"arn:aws:{service}:{where}:{rest}"

    def called(key: str) -> str:
        return str(resolved(properties[key], known))

    match kind:
        case "AWS::IAM::Role":
            return {f"{name}.Arn": arn("iam", f"role/{name}", f":{ACCOUNT}")}
        case "AWS::S3::Bucket":
            return {name: called("BucketName")}
        case "AWS::SNS::Topic":
            return {name: arn("sns", called("TopicName"))}
        case "AWS::SQS::Queue":
            return {f"{name}.Arn": arn("sqs", called("QueueName"))}
        case "AWS::KMS::Key":
            return {
                name: f"key-of-{name}",
                f"{name}.Arn": arn("kms", "key/11111111-2222-3333-4444-555555555555"),
            }
        case "AWS::SecretsManager::Secret":
            return {f"{name}.Id": arn("secretsmanager", f"secret:{called('Name')}-AbCdEf")}
        case "AWS::Glue::Connection":
            return {name: "network"}
        case _:
            return {}


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
