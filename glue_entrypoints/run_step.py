"""The one script of all Glue jobs: arguments to a StepRequest, and run_step.

    run_step.py --stage preliminary --step transform --table product \\
        --location s3://landing/PRODUCT~20240101.000000.csv --run_id RUN --ADMW_LANDING landing ...

Glue adds arguments of its own, which are left alone. A failed step is on record in the tracker
when its error ends the job. Spark is started by the transform only; under Dagster Pipes the
result goes back as a message.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from admw_assets.core.step import Stage, StepKind, StepRequest, StepResult
from admw_assets.runtime.aws import aws_client, open_ports
from admw_assets.runtime.aws_settings import VARIABLES, read_aws_settings
from admw_assets.steps.runner import run_step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("admw.glue")

_PIPES_CONTEXT, _PIPES_MESSAGES = "--dagster-pipes-context", "--dagster-pipes-messages"


def parse_arguments(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[StepRequest, dict[str, str]]:
    """The step to run, and the settings: arguments first, then the environment."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("location", "table", "run_id"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--stage", required=True, type=Stage)
    parser.add_argument("--step", required=True, type=StepKind)
    for variable in VARIABLES.values():
        parser.add_argument(f"--{variable}", default=environment.get(variable, ""))
    known, _ = parser.parse_known_args(arguments)
    request = StepRequest(known.location, known.table, known.stage, known.step, known.run_id)
    return request, {variable: getattr(known, variable) for variable in VARIABLES.values()}


def main(arguments: Sequence[str]) -> StepResult:
    """Run the step; raises what it raises, so that Glue ends the job as failed."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("boto3", "botocore", "py4j", "s3transfer", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    request, variables = parse_arguments(arguments, os.environ)
    settings = read_aws_settings(variables)
    with _pipes(arguments) as pipes, open_ports(settings, _glue_session) as ports:
        result = run_step(request, ports)
        log.info("%s", result.to_json())
        if pipes is not None:
            pipes.report_custom_message(result.to_json())
    return result


def _glue_session() -> "SparkSession":
    """The session that Glue has made, or makes now."""
    from pyspark.sql import SparkSession

    return SparkSession.Builder().getOrCreate()


@contextmanager
def _pipes(arguments: Sequence[str]) -> Iterator[Any]:
    """Dagster's side of this run, None where Dagster has not started it."""
    by_argument = any(text.startswith(_PIPES_CONTEXT) for text in arguments)
    if not by_argument and "DAGSTER_PIPES_CONTEXT" not in os.environ:
        yield None
        return
    import dagster_pipes as dp

    loader = (
        dp.PipesMappingParamsLoader(_pipes_variables(arguments))
        if by_argument
        else dp.PipesEnvVarParamsLoader()
    )
    s3 = aws_client("s3")
    in_bucket = "bucket" in loader.load_context_params()
    to_bucket = "bucket" in loader.load_messages_params()
    with dp.open_dagster_pipes(
        params_loader=loader,
        context_loader=dp.PipesS3ContextLoader(s3) if in_bucket else None,
        message_writer=dp.PipesS3MessageWriter(s3) if to_bucket else None,
    ) as pipes:
        yield pipes


def _pipes_variables(arguments: Sequence[str]) -> dict[str, str]:
    """What Dagster gave by arguments, under the names of its environment variables."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in (_PIPES_CONTEXT, _PIPES_MESSAGES):
        parser.add_argument(name, dest=name.removeprefix("--").upper().replace("-", "_"))
    return vars(parser.parse_known_args(arguments)[0])


if __name__ == "__main__":
    main(sys.argv[1:])
