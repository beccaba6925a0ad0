"""The tutorial as a newcomer follows it: its commands, in an empty folder, with its outcomes."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_line import admw_environment

pytestmark = [pytest.mark.spark, pytest.mark.slow]

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.md"
_FENCE = re.compile(r"^```(bash|text)(?: exit=(\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "@@ block"


@dataclass(frozen=True, slots=True)
class Block:
    """Commands, the exit code of the last one, and what they must print."""

    commands: str
    exit_code: int = 0
    printed: tuple[str, ...] = ()


def _blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    for kind, code, content in _FENCE.findall(text):
        if kind == "bash":
            blocks.append(Block(content))
        else:
            lines = tuple(line for line in content.splitlines() if line)
            blocks[-1] = Block(blocks[-1].commands, int(code or 0), lines)
    return blocks


def test_every_command_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    blocks = _blocks(TUTORIAL.read_text(encoding="utf-8"))
    script = "".join(f"{b.commands}printf '{_MARK} %s\\n' $?\n" for b in blocks)
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=admw_environment() | {"PATH": os.pathsep.join(paths), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=580,
        check=False,
    )
    parts = re.split(rf"^{_MARK} (\d+)\n", done.stdout, flags=re.MULTILINE)
    assert len(parts) == 2 * len(blocks) + 1, done.stdout
    for block, printed, code in zip(blocks, parts[::2], parts[1::2], strict=False):
        assert int(code) == block.exit_code, f"{block.commands}\n{printed}"
        for line in block.printed:
            assert line in printed, f"{block.commands}\n{printed}"
