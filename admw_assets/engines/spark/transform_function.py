"""Finds a table's function in transforms.py and calls it; imports core and Spark.

A transform is `DataFrame -> DataFrame`. It gets the columns of the file as nullable texts and
`admw_record_number`, and gives every column of the table, `admw_record_number`, and where it
wants `admw_row_number` and `admw_drop_reason`.
"""

import importlib.util
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import cast
from uuid import uuid4

from pyspark.sql import DataFrame

from admw_assets.core.errors import TransformError
from admw_assets.core.ports import TransformJob
from admw_assets.engines.spark.spark_failure import short_cause

Transform = Callable[[DataFrame], DataFrame]


def find_transform(job: TransformJob) -> Transform:
    """The function of transforms.py that the table names; raises TransformError."""
    table, name = job.table.name, job.settings.transform
    if job.transforms is None or name is None:
        raise TransformError(
            f"Table {table!r} names the transform {name!r}, but there is no transforms.py.",
            next_step="Add transforms.py to the migration, or take `transform` out of "
            "migration.yaml.",
            table=table,
            function=name,
        )
    module = _import(job.transforms, table, name)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and key[0] != "_"]
        close = get_close_matches(name, known, n=1)
        raise TransformError(
            f"{job.transforms.name} has no function {name!r}"
            + (f"; did you mean {close[0]!r}?" if close else "."),
            next_step=f"Define it, or correct `transform` of table {table!r} in migration.yaml.",
            table=table,
            function=name,
        )
    return cast(Transform, function)


def apply_transform(transform: Transform, records: DataFrame, job: TransformJob) -> DataFrame:
    """Call a transform; raises TransformError where it fails or returns no DataFrame."""
    table, name = job.table.name, job.settings.transform
    try:
        rows = transform(records)
    except Exception as err:
        personal = bool(job.settings.pii)  # where the header is missing, names are values
        names = f"{len(records.columns)}" if personal else f"{', '.join(records.columns)}"
        raise TransformError(
            f"The transform {name!r} of table {table!r} failed: {short_cause(err, personal)}",
            next_step=f"Correct the function in transforms.py; the columns of its input: {names}.",
            table=table,
            function=name,
        ) from err
    if not isinstance(rows, DataFrame):
        raise TransformError(
            f"The transform {name!r} of table {table!r} returned {type(rows).__name__}, "
            "not a DataFrame.",
            next_step="Let it return the DataFrame that its last `select` makes.",
            table=table,
            function=name,
        )
    return rows


def _import(path: Path, table: str, function: str) -> ModuleType:
    """Run a file as a module of its own; sys.modules knows it only meanwhile."""
    module_name = f"admw_transforms_{uuid4().hex}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None and spec.loader is not None  # it is a .py file
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as err:
        raise TransformError(
            f"{path.name} cannot be imported: {short_cause(err)}",
            next_step=f"Correct {path}.",
            table=table,
            function=function,
        ) from err
    finally:
        sys.modules.pop(module_name, None)
    return module
