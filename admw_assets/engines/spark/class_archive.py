"""The archive of Spark's classes: a JVM that maps it has no need to read and check them anew.

`make setup` makes it (scripts/archive_classes.sh), for the Java that is found then. A JVM that
finds it made of other jars goes without. JEP 350, "Dynamic CDS Archives".
"""

import hashlib
import os
import sys
from pathlib import Path

import pyspark

from admw_assets.engines.spark.java import java_home


def class_archive(java: Path) -> Path:
    """Where the archive for a Java is, or would be: in the virtual environment."""
    release = java / "release"
    which = release.read_bytes() if release.is_file() else bytes(java)
    key = hashlib.sha256(which).hexdigest()[:12]
    return Path(sys.prefix) / "var/admw" / f"spark-{pyspark.__version__}-{key}.jsa"


def archive_options(java: Path) -> list[str]:
    """Options of the JVM that map the archive, where there is one."""
    archive = class_archive(java)
    # An archive that does not fit is no news to the user.
    return [f'"-XX:SharedArchiveFile={archive}"', "-Xlog:cds*=off"] if archive.is_file() else []


if __name__ == "__main__":
    found = java_home(os.environ)
    print(found, class_archive(found), sep="\n")  # noqa: T201
