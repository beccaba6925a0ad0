"""The job that makes partitions of the files in the landing folder."""

from pathlib import Path

import dagster as dg

from admw_assets.core.errors import AdmwError
from admw_assets.core.migration import Migration
from admw_assets.defs.names import asset_names, partitions_name
from admw_assets.defs.resource import AdmwResource

JOB = "register_files"


def build_register_job(migration: Migration) -> dg.JobDefinition:
    """Make the job `register_files`; a file becomes a partition of every table that it feeds."""
    names = asset_names(migration)

    @dg.op(description="Looks for files in the landing folder and adds what is new.")
    def find_files(context: dg.OpExecutionContext, admw: AdmwResource) -> None:
        landing = admw.settings().landing
        found = [(file, *_tables_fed_by(migration, file)) for file in _files_in(landing)]
        if not found:
            raise _nothing_in(landing)
        for file, tables, _ in found:
            for table in tables:
                context.instance.add_dynamic_partitions(partitions_name(names[table]), [file])
        records = [
            dg.TableRecord({"file": file, "tables": ", ".join(tables), "remark": remark})
            for file, tables, remark in found
        ]
        context.add_output_metadata({"files": dg.MetadataValue.table(records)})

    @dg.job(
        name=JOB,
        description="Makes partitions of the files in the landing folder. Then *Materialize all* "
        "on the lineage page brings them through both stages, parents first; or choose a table "
        "and one of its files. Launch this job again when new files have come.",
    )
    def register_files() -> None:
        find_files()

    return register_files


def _files_in(landing: Path) -> list[str]:
    """Names of what lies in landing and is no hidden file (yet to be written, say) or folder."""
    if not landing.is_dir():
        return []
    return sorted(p.name for p in landing.iterdir() if p.is_file() and not p.name.startswith("."))


def _tables_fed_by(migration: Migration, file: str) -> tuple[tuple[str, ...], str]:
    """The tables that a file brings rows for, and why it brings none."""
    try:
        return migration.tables_fed_by(file), ""
    except AdmwError as err:
        return (), str(err)


def _nothing_in(landing: Path) -> dg.Failure:
    return dg.Failure(
        f"There is no data file in {landing}.",
        metadata={
            "next step": f"Put files there. To try ADMW with some: admw sample --out {landing}"
        },
        allow_retries=False,
    )
