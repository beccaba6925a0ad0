"""Builds the artifacts: a wheel, Lambda archives, the wheels that Glue lacks, the migration's zip.

The same sources and lock file give the same bytes. Libraries are the versions of requirements.lock,
checked by their hashes, as wheels for Lambda's platform, which Glue's can run as well. They are
kept in `build/aws` and fetched again only when the lock changes. Imports core; runs uv and pip.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from uv import find_uv_bin

from admw_assets.core.errors import ConfigurationError
from aws_deploy.compiler.archive import files_below, write_zip, zip_folder
from aws_deploy.compiler.artifacts import Artifact, Artifacts, artifact
from aws_deploy.compiler.lock_file import Pinned, closure, read_lock
from aws_deploy.environment import PROJECT, Environment

BUILD = PROJECT / "build" / "aws"
PYTHON, PLATFORM = "3.11", "manylinux2014_x86_64"
"""Lambda's Python 3.11 runs on Amazon Linux 2, whose glibc is that of manylinux2014."""

LIBRARIES = (
    "cryptography",
    "isal",
    "jinja2",
    "pydantic",
    "pymysql",
    "pyyaml",
    "sqlalchemy",
    "sqlglot",
    "zstandard",
)
"""What ADMW needs on AWS beside boto3, which both Lambda and Glue have."""

DOWNLOAD = (
    *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
    *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
    *("--platform", PLATFORM, "--python-version", PYTHON, "--implementation", "cp"),
)
FETCH_FAILED = "The libraries for Lambda and Glue could not be fetched"

ONLY_LAMBDA = ("numpy",)
"""What Glue brings itself, in the version that its Spark wants."""

ONLY_GLUE = ("dagster-pipes",)
"""How a job that Dagster has started answers it; it needs no Dagster."""

FUNCTION_SOURCES = ("admw_assets", "aws_deploy/__init__.py", "aws_deploy/lambdas")
NOT_IN_FUNCTIONS = (
    "admw_assets/cli",
    "admw_assets/definitions.py",
    "admw_assets/defs",
    "admw_assets/engines/files/sample.py",
    "admw_assets/engines/spark",
    "admw_assets/extraction",
    "admw_assets/migrations",
    "admw_assets/samples",
    "admw_assets/scaffold",
    "admw_assets/workbench",
)
"""What no function runs: Dagster, Spark, the command line and what only it needs."""

NOT_IN_LAYER = (".pyi", ".pxd", ".pyx", ".h", ".lib", ".a")
SCRIPT = PROJECT / "glue_entrypoints" / "run_step.py"


def build_artifacts(environment: Environment, folder: Path = BUILD) -> Artifacts:
    """Build what is not there yet. Raises ConfigurationError where a tool fails."""
    if not SCRIPT.is_file():
        raise ConfigurationError(
            f"There is no {SCRIPT.relative_to(PROJECT)}.", next_step="Restore it from git."
        )
    lock = read_lock(PROJECT / "requirements.lock")
    for_lambda = _wheels(closure(lock, (*LIBRARIES, *ONLY_LAMBDA)), folder)
    for_glue = _wheels(closure(lock, (*LIBRARIES, *ONLY_GLUE)), folder)
    return Artifacts(
        functions=artifact(write_zip(folder / "functions.zip", _function_files())),
        layer=_layer(for_lambda),
        script=artifact(SCRIPT),
        project=artifact(_project_wheel(folder)),
        wheels=tuple(artifact(wheel) for wheel in for_glue),
        migration=artifact(zip_folder(environment.migration_folder, folder / "migration.zip")),
        authority=artifact(PROJECT / ca) if (ca := environment.database.ca) else None,
    )


def _function_files() -> Iterator[tuple[str, bytes]]:
    for source in FUNCTION_SOURCES:
        path = PROJECT / source
        for file in [path] if path.is_file() else files_below(path):
            name = file.relative_to(PROJECT).as_posix()
            if not any(name == out or name.startswith(f"{out}/") for out in NOT_IN_FUNCTIONS):
                yield name, file.read_bytes()


def _layer(wheels: list[Path]) -> Artifact:
    """The libraries, unpacked below `python/` as Lambda wants them."""
    target = wheels[0].parent / "dependencies.zip"
    if not target.is_file():
        write_zip(target, _layer_files(wheels))
    return artifact(target)


def _layer_files(wheels: list[Path]) -> Iterator[tuple[str, bytes]]:
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                out = name.endswith("/") or "/tests/" in name
                if not out and not name.endswith(NOT_IN_LAYER):
                    yield f"python/{name}", archive.read(name)


def _wheels(pinned: tuple[Pinned, ...], folder: Path) -> list[Path]:
    """The wheels of these packages; fetched once for each content of the lock."""
    wanted = "".join(f"{line}\n" for package in pinned for line in package.lines)
    digest = hashlib.sha256(f"{PYTHON} {PLATFORM}\n{wanted}".encode()).hexdigest()[:16]
    kept = folder / f"libraries-{digest}"
    if not kept.is_dir():
        partial = folder / f"libraries-{digest}.{os.getpid()}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        requirements = partial / "requirements.txt"
        requirements.write_text(wanted, encoding="utf-8")
        _run([*DOWNLOAD, "--dest", str(partial), "--requirement", str(requirements)], FETCH_FAILED)
        partial.rename(kept)
    return sorted(kept.glob("*.whl"))


def _project_wheel(folder: Path) -> Path:
    """The project as a wheel; hatchling gives its entries a fixed time."""
    target = folder / "wheel"
    shutil.rmtree(target, ignore_errors=True)
    _run(
        [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(target), str(PROJECT)],
        "The project's wheel could not be built",
    )
    return next(target.glob("*.whl"))


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigurationError(
            f"{failure}: {done.stderr.strip()[-2000:]}",
            next_step="See whether the package index can be reached; then compile again.",
        )
