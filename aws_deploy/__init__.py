"""The same assets on AWS: compiled from the definitions, deployed by CloudFormation."""
