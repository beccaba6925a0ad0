"""The notebooks of a new migration: every template below `templates/notebooks`, in one place.

`@MIGRATION@` in a template becomes the migration's name. Imports the standard library only.
"""

from collections.abc import Mapping
from importlib.resources import files

_SUFFIX = ".ipynb"
_NAME = "@MIGRATION@"


def notebooks(name: str) -> Mapping[str, str]:
    """Texts of notebooks by their path in the migration; none where there are no templates."""
    folder = files("admw_assets.scaffold") / "templates" / "notebooks"
    if not folder.is_dir():
        return {}
    found = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    return {
        f"notebooks/{entry.name}": entry.read_text(encoding="utf-8").replace(_NAME, name)
        for entry in found
        if entry.name.endswith(_SUFFIX)
    }
