"""The text of migration.yaml as plain values, with the line of every key.

YAML 1.2's booleans: only `true` and `false`, so that `no`, `yes`, `on`, `off`, `y`, `n` are texts
(NO is a country). Below `booleans` every scalar is a text, as it stands. Imports core and yaml.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from admw_assets.core.configuration_problem import Path, Problem, dotted

_TEXT = "tag:yaml.org,2002:str"
_BOOLEAN = "tag:yaml.org,2002:bool"
_INTEGER = "tag:yaml.org,2002:int"
_MERGE = "tag:yaml.org,2002:merge"
_DEEPEST = 20  # levels; aliases may make a document endless


class _Loader(yaml.SafeLoader):
    """Safe YAML without YAML 1.1's surprises."""


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """What plain scalars become: as in SafeLoader, but without dates and with 1.2's scalars."""
    dropped = {_BOOLEAN, _INTEGER, "tag:yaml.org,2002:timestamp"}
    kept = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in dropped]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for first in "tTfF":
        kept.setdefault(first, []).append((_BOOLEAN, re.compile(r"(?:true|false)$", re.I)))
    for first in "-+0123456789":
        kept.setdefault(first, []).insert(0, (_INTEGER, re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")))
    return kept


_Loader.yaml_implicit_resolvers = _resolvers()


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The values of a document (None where it cannot be read), lines from 1, and problems."""

    data: object
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...] = ()

    @property
    def is_mapping(self) -> bool:
        """True where the document holds keys."""
        return isinstance(self.data, dict)


def read_yaml(text: str, file: str) -> YamlDocument:
    """Read one document; what is wrong with it comes back as problems, with line and column."""
    try:
        root = yaml.compose(text, _Loader)
        if root is None:
            return YamlDocument({}, {})
        entries = list(_entries(root))
        data = _constructed(root)
    except (yaml.YAMLError, ValueError) as err:
        return YamlDocument(None, {}, (_syntax_problem(err, file),))
    lines: dict[Path, int] = {}
    problems: list[Problem] = []
    for path, line, same in entries:
        if same in lines:
            problems.append(
                Problem(
                    file,
                    f"stands here for the second time (first in line {lines[same]}).",
                    "Merge the two.",
                    dotted(path),
                    line,
                )
            )
        lines.setdefault(same, line)
        lines.setdefault(path, line)
    return YamlDocument(data, lines, tuple(problems))


def _constructed(root: yaml.Node) -> object:
    loader = _Loader("")
    try:
        return loader.construct_document(root)  # pyright: ignore[reportUnknownMemberType]
    finally:
        loader.dispose()


def _entries(root: yaml.Node, path: Path = ()) -> Iterator[tuple[Path, int, Path]]:
    """Every key: its path, its line, and the path under which it must be unique.

    On its way it makes texts of what stands below `booleans`. The names of tables, files and
    columns are the same in any case.
    """
    if len(path) > _DEEPEST:
        raise yaml.YAMLError(f"{dotted(path[:5])} ... goes more than {_DEEPEST} levels deep")
    if isinstance(root, yaml.SequenceNode):
        items: list[yaml.Node] = root.value
        for index, item in enumerate(items):
            here = (*path, str(index))
            _make_text(item, path)
            yield here, item.start_mark.line + 1, here
            yield from _entries(item, here)
    elif isinstance(root, yaml.MappingNode):
        pairs: list[tuple[yaml.Node, yaml.Node]] = root.value
        for key, value in pairs:
            if key.tag == _MERGE or not isinstance(key, yaml.ScalarNode):
                continue
            _make_text(key, path)
            _make_text(value, path)
            here = (*path, str(key.value))
            names = path[-1:] in (("tables",), ("files",), ("columns",), ("float_decimals",))
            same = (*path, str(key.value).casefold()) if names else here
            yield here, key.start_mark.line + 1, same
            yield from _entries(value, here)


def _make_text(node: yaml.Node, path: Path) -> None:
    """Below `booleans`: the text itself; its keys in small letters."""
    if not isinstance(node, yaml.ScalarNode) or "booleans" not in path:
        return
    if path[-1] == "booleans" and node.tag == _BOOLEAN:
        node.value = node.value.lower()
    node.tag = _TEXT


def _syntax_problem(err: Exception, file: str) -> Problem:
    mark = getattr(err, "problem_mark", None)
    reason = getattr(err, "problem", None) or str(err).partition("\n")[0]
    column = f" (column {mark.column + 1})" if mark else ""
    return Problem(
        file,
        f"is no YAML: {reason}{column}.",
        "Look at the indentation, and put texts with : # \\ \" or ' into quotes.",
        line=mark.line + 1 if mark else None,
    )
