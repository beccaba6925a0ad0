"""Keeps the handles of a run, so that a failed run can be resumed at its failed op."""

from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from admw_assets.defs.handles import StepHandle


class HandleStore(dg.ConfigurableIOManager):
    """Writes handles as JSON: RUN/STEP/OUTPUT.json in `folder` (default: Dagster's storage).

    Dagster's own file store would pickle them, and show the pickle as an asset's path.
    """

    folder: str = ""

    _folder: Path = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Find out where the instance keeps things."""
        if self.folder:
            self._folder = Path(self.folder)
        elif context.instance is not None:
            self._folder = Path(context.instance.storage_directory())

    def handle_output(self, context: dg.OutputContext, obj: StepHandle) -> None:
        """Write a handle, whole or not at all."""
        path = self._path(context)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(obj.model_dump_json(), encoding="utf-8")
        partial.replace(path)

    def load_input(self, context: dg.InputContext) -> StepHandle:
        """Read the handle that the op above has left, in this run or in the one it resumes."""
        if context.upstream_output is None:
            raise ValueError("A handle comes from an op above.")
        text = self._path(context.upstream_output).read_text(encoding="utf-8")
        return context.dagster_type.typing_type.model_validate_json(text)

    def _path(self, context: dg.OutputContext) -> Path:
        return self._folder / context.run_id / context.step_key / f"{context.name}.json"
