"""`python -m aws_deploy`."""

from aws_deploy.cli import main

if __name__ == "__main__":
    main()
