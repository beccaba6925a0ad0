"""The database's secret, and the database itself where the stack keeps it.

The secret is JSON with host, port, username, password and dbname. For a database that exists it is
given at deployment; for one of the stack AWS makes the password and fills in the rest.
"""

from aws_deploy.compiler.cloudformation import Object, Resources, get, ref, resource, sub
from aws_deploy.compiler.names import SECRET
from aws_deploy.compiler.network import GROUPS, SUBNETS
from aws_deploy.compiler.unit import Unit
from aws_deploy.environment import DatabaseKind

SECRET_STRING = "DatabaseSecretString"
DATABASE = "Database"

SERVER_PARAMETERS: Object = {
    "character_set_server": "utf8mb4",
    "local_infile": "1",  # LOAD DATA LOCAL INFILE: the bulk path of the loader
    "max_allowed_packet": "1073741824",  # row hashes of long texts are computed by the server
}
MYSQL, MYSQL_FAMILY = "8.4", "mysql8.4"
AURORA_FAMILY = "aurora-mysql8.0"


def database_parameters(unit: Unit) -> Resources:
    """What is asked for at deployment."""
    if unit.environment.database.kind is not DatabaseKind.EXISTING:
        return {}
    return {
        SECRET_STRING: {
            "Type": "String",
            "NoEcho": True,
            "MinLength": 2,
            "Description": "JSON with host, port, username, password and dbname.",
        }
    }


def database(unit: Unit) -> Resources:
    """The secret, and what the environment asks for beside it."""
    kind = unit.environment.database.kind
    if kind is DatabaseKind.EXISTING:
        return {SECRET: _secret(unit, {"SecretString": ref(SECRET_STRING)})}
    made = {DatabaseKind.INSTANCE: _instance, DatabaseKind.AURORA: _aurora}[kind](unit)
    target = f"AWS::RDS::{'DBCluster' if kind is DatabaseKind.AURORA else 'DBInstance'}"
    return {
        SECRET: _secret(unit, {"GenerateSecretString": _generated(unit)}),
        "DatabaseSubnets": resource(
            "RDS::DBSubnetGroup",
            {
                "DBSubnetGroupDescription": f"Where the database of {unit.prefix} stands.",
                "SubnetIds": ref(SUBNETS),
            },
        ),
        **made,
        "DatabaseSecretTarget": resource(
            "SecretsManager::SecretTargetAttachment",
            {"SecretId": get(SECRET, "Id"), "TargetId": ref(DATABASE), "TargetType": target},
        ),
    }


def _secret(unit: Unit, content: Object) -> Object:
    properties: Object = {
        "Name": f"{unit.prefix}/database",
        "Description": f"How {unit.prefix} reaches its database.",
        **content,
    }
    return resource(
        "SecretsManager::Secret", properties, DeletionPolicy="Delete", UpdateReplacePolicy="Retain"
    )


def _generated(unit: Unit) -> Object:
    return {
        "SecretStringTemplate": f'{{"username": "{unit.environment.database.user}"}}',
        "GenerateStringKey": "password",
        "PasswordLength": 40,
        "ExcludePunctuation": True,
    }


def _server(unit: Unit) -> Object:
    """What an instance and a cluster have in common."""
    settings = unit.environment.database
    return {
        "MasterUsername": settings.user,
        "MasterUserPassword": sub(
            f"{{{{resolve:secretsmanager:${{{SECRET}.Id}}:SecretString:password}}}}"
        ),
        "Port": settings.port,
        "DBSubnetGroupName": ref("DatabaseSubnets"),
        "VpcSecurityGroupIds": ref(GROUPS),
        "StorageEncrypted": True,
        "BackupRetentionPeriod": settings.backup_days,
        "DeletionProtection": settings.deletion_protection,
    }


def _instance(unit: Unit) -> Resources:
    settings = unit.environment.database
    return {
        "DatabaseParameters": resource(
            "RDS::DBParameterGroup",
            {
                "Description": f"What ADMW needs of the database of {unit.prefix}.",
                "Family": MYSQL_FAMILY,
                "Parameters": {**SERVER_PARAMETERS, "require_secure_transport": "1"},
            },
        ),
        DATABASE: resource(
            "RDS::DBInstance",
            {
                **_server(unit),
                "Engine": "mysql",
                "EngineVersion": MYSQL,
                "DBName": settings.name,
                "DBInstanceClass": settings.instance_class,
                "AllocatedStorage": str(settings.storage_gb),
                "StorageType": "gp3",
                "DBParameterGroupName": ref("DatabaseParameters"),
                "AutoMinorVersionUpgrade": True,
                "CopyTagsToSnapshot": True,
                "PubliclyAccessible": False,
            },
            DeletionPolicy="Snapshot",
            UpdateReplacePolicy="Snapshot",
        ),
    }


def _aurora(unit: Unit) -> Resources:
    settings = unit.environment.database
    return {
        "DatabaseParameters": resource(
            "RDS::DBClusterParameterGroup",
            {
                "Description": f"What ADMW needs of the database of {unit.prefix}.",
                "Family": AURORA_FAMILY,
                "Parameters": {**SERVER_PARAMETERS, "require_secure_transport": "ON"},
            },
        ),
        DATABASE: resource(
            "RDS::DBCluster",
            {
                **_server(unit),
                "Engine": "aurora-mysql",
                "DatabaseName": settings.name,
                "DBClusterParameterGroupName": ref("DatabaseParameters"),
                "CopyTagsToSnapshot": True,
            },
            DeletionPolicy="Snapshot",
            UpdateReplacePolicy="Snapshot",
        ),
        "DatabaseInstance": resource(
            "RDS::DBInstance",
            {
                "Engine": "aurora-mysql",
                "DBClusterIdentifier": ref(DATABASE),
                "DBInstanceClass": settings.instance_class,
                "AutoMinorVersionUpgrade": True,
                "PubliclyAccessible": False,
            },
        ),
    }
