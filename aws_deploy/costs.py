"""What a file and a million rows cost on AWS, from list prices; imports the compiler's model.

Prices are those of us-east-1 without taxes, discounts and free tiers. The seconds are assumptions,
said as such: put in what the console shows for your files.
"""

from dataclasses import dataclass, field

from admw_assets.core.step import Stage, StepKind
from aws_deploy.environment import Environment, GlueSettings

DPU = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
SHORTEST_GLUE_SECONDS = 60
BOOKKEEPING_CALLS, BOOKKEEPING_SECONDS, BOOKKEEPING_GB = 7, 0.5, 0.5
"""Calls of start and tracker for a file and table through both stages."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars."""

    glue_dpu_hour: float = 0.44
    glue_flexible_dpu_hour: float = 0.29
    lambda_gb_second: float = 0.0000166667
    lambda_request: float = 0.0000002
    state_transition: float = 0.000025
    s3_write: float = 0.000005
    s3_read: float = 0.0000004
    log_gb: float = 0.50


@dataclass(frozen=True, slots=True)
class Workload:
    """One file of one table. `glue` and `functions`: seconds of each step, by where it runs."""

    name: str
    transitions: int
    s3_writes: int
    s3_reads: int
    log_mb: float
    glue: dict[tuple[Stage, StepKind], float] = field(default_factory=dict)
    functions: dict[tuple[Stage, StepKind], float] = field(default_factory=dict)


_P, _F = Stage.PRELIMINARY, Stage.FINAL
SMALL_FILE = Workload(
    "a file of 10,000 rows (2 MB)",
    transitions=18,
    s3_writes=30,
    s3_reads=100,
    log_mb=2,
    glue={(_P, StepKind.TRANSFORM): 70, (_P, StepKind.LOAD): 30},
    functions={
        (_P, StepKind.RECONCILE): 8,
        (_F, StepKind.LOAD): 5,
        (_F, StepKind.RECONCILE): 8,
        (_F, StepKind.ARCHIVE): 6,
    },
)
MILLION_ROWS = Workload(
    "a file of 1,000,000 rows (150 MB)",
    transitions=18,
    s3_writes=80,
    s3_reads=400,
    log_mb=6,
    glue={
        (_P, StepKind.TRANSFORM): 120,
        (_P, StepKind.LOAD): 70,
        (_P, StepKind.RECONCILE): 60,
        (_F, StepKind.LOAD): 60,
        (_F, StepKind.RECONCILE): 60,
        (_F, StepKind.ARCHIVE): 60,
    },
)


def glue_cost(seconds: float, glue: GlueSettings, prices: Prices) -> float:
    """max(seconds, 60) / 3600 x workers x DPU of a worker x price of a DPU hour."""
    hour = prices.glue_flexible_dpu_hour if glue.flex else prices.glue_dpu_hour
    billed = max(seconds, SHORTEST_GLUE_SECONDS)
    return billed / 3600 * glue.workers * DPU[glue.worker_type] * hour


def lambda_cost(seconds: float, gigabytes: float, prices: Prices) -> float:
    """seconds x GB x price of a GB second + price of a request."""
    return seconds * gigabytes * prices.lambda_gb_second + prices.lambda_request


def costs(
    work: Workload, environment: Environment, prices: Prices | None = None
) -> dict[str, float]:
    """US dollars by service."""
    price = prices or Prices()
    gigabytes = environment.functions.memory_mb / 1024
    bookkeeping = BOOKKEEPING_CALLS * lambda_cost(BOOKKEEPING_SECONDS, BOOKKEEPING_GB, price)
    steps = sum(lambda_cost(s, gigabytes, price) for s in work.functions.values())
    return {
        "Glue": sum(glue_cost(s, environment.glue, price) for s in work.glue.values()),
        "Lambda": steps + bookkeeping,
        "Step Functions": work.transitions * price.state_transition,
        "S3 requests": work.s3_writes * price.s3_write + work.s3_reads * price.s3_read,
        "Logs": work.log_mb / 1024 * price.log_gb,
    }


def table(environment: Environment) -> str:
    """The table of docs/aws.md."""
    small, million = costs(SMALL_FILE, environment), costs(MILLION_ROWS, environment)
    lines = [
        f"| US dollars | {SMALL_FILE.name} | {MILLION_ROWS.name} |",
        "|---|---:|---:|",
    ]
    lines += [f"| {service} | {small[service]:.4f} | {million[service]:.4f} |" for service in small]
    total, of_million = sum(small.values()), sum(million.values())
    lines.append(f"| **all** | **{total:.4f}** | **{of_million:.4f}** |")
    lines.append(f"| 10,000 such files | {total * 10_000:,.0f} | {of_million * 10_000:,.0f} |")
    return "\n".join(lines)
