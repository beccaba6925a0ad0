"""Where jobs and functions stand in the network: given subnets and security groups, or none.

The subnets must reach the database and, by VPC endpoints or a NAT gateway, S3, Secrets Manager,
SNS, SQS, Step Functions and CloudWatch. A security group must allow all TCP from itself, for Glue.
"""

from aws_deploy.compiler.cloudformation import Object, Resources, ref, resource
from aws_deploy.compiler.names import CONNECTION
from aws_deploy.compiler.unit import Unit

SUBNETS, GROUPS, ZONE = "SubnetIds", "SecurityGroupIds", "GlueAvailabilityZone"


def network_parameters(unit: Unit) -> Resources:
    """What is asked for at deployment."""
    if not unit.environment.vpc:
        return {}
    return {
        SUBNETS: {
            "Type": "List<AWS::EC2::Subnet::Id>",
            "Description": "Private subnets in two zones or more; Glue uses the first.",
        },
        GROUPS: {
            "Type": "List<AWS::EC2::SecurityGroup::Id>",
            "Description": "Security groups of jobs, functions and the database.",
        },
        ZONE: {
            "Type": "AWS::EC2::AvailabilityZone::Name",
            "Description": "The availability zone of the first subnet.",
        },
    }


def network(unit: Unit) -> Resources:
    """The connection through which Glue jobs enter the network."""
    if not unit.environment.vpc:
        return {}
    return {
        CONNECTION: resource(
            "Glue::Connection",
            {
                "CatalogId": ref("AWS::AccountId"),
                "ConnectionInput": {
                    "Name": f"{unit.prefix}-network",
                    "Description": "The network of the database.",
                    "ConnectionType": "NETWORK",
                    "PhysicalConnectionRequirements": {
                        "SubnetId": {"Fn::Select": [0, ref(SUBNETS)]},
                        "SecurityGroupIdList": ref(GROUPS),
                        "AvailabilityZone": ref(ZONE),
                    },
                },
            },
        )
    }


def function_network(unit: Unit) -> Object:
    """The part of a function's properties that puts it into the network."""
    if not unit.environment.vpc:
        return {}
    return {"VpcConfig": {"SubnetIds": ref(SUBNETS), "SecurityGroupIds": ref(GROUPS)}}
