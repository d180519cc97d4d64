"""YAML as site files use it: plain values, each with the line where it stands.

Read without a constructor: no tags, no anchors, no duplicate keys, and only `true`, `false`,
`null` and numbers are more than text (`on`, `no` and `09:00` stay what they look like).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

Path = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and indices."""

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

_CORE: Mapping[str, tuple[str, str]] = {
    "bool": (r"true|false", "tf"),
    "null": (r"null|~|", "n~"),
    "int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
}
_TAG = "tag:yaml.org,2002:"
_DEEPEST = 40


class NotYaml(ValueError):  # noqa: N818  (the name says what it means)
    """The text can't be read as a site file; `line` counts from 1."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(f"line {line}: {found}; expected {expected}")
        self.line, self.found, self.expected = line, found, expected


@dataclass(frozen=True)
class Document:
    """A file's value, and the line of every part of it."""

    value: Value
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of the nearest part that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  (the name and place that PyYAML reads)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise NotYaml(mark.line + 1, "an alias (*name)", "the value itself, written out")
        return super().compose_node(parent, index)


for _kind, (_pattern, _first) in _CORE.items():
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(f"^(?:{_pattern})$"), list(_first))
_Loader.add_implicit_resolver(_TAG + "null", re.compile("^$"), [""])


def read_yaml(text: str) -> Document:
    """The values of one file. Raises NotYaml at the first thing that can't be read."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(
            mark.line + 1 if mark else 1,
            " ".join(part for part in (error.context, error.problem) if part),
            "well-formed YAML (check indentation, colons and quotes)",
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise NotYaml(1, "a character or a depth that YAML does not allow", "plain text") from error
    lines: dict[Path, int] = {}
    value = None if node is None else _value(node, (), lines)
    return Document(value, lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Value:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > _DEEPEST:
        raise NotYaml(line, f"more than {_DEEPEST} levels", "a flatter table")
    if not node.tag.startswith(_TAG):
        raise NotYaml(line, f"the tag {node.tag}", "a plain value")
    match node:
        case yaml.MappingNode():
            return _mapping(node, path, lines)
        case yaml.SequenceNode():
            return [_value(one, (*path, i), lines) for i, one in enumerate(node.value)]
        case _:
            return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise NotYaml(line, "a list or table as a key", "a name")
        if key.value in found:
            first = lines[(*path, key.value)]
            raise NotYaml(line, f"key '{key.value}' twice", f"it once (also on line {first})")
        lines[(*path, key.value)] = line
        found[key.value] = _value(value, (*path, key.value), lines)
    return found


def _scalar(node: yaml.Node) -> Value:
    match node.tag.removeprefix(_TAG):
        case "bool":
            return bool(node.value == "true")
        case "null":
            return None
        case "int":
            return int(node.value)
        case "float":
            return float(node.value)
        case _:
            return str(node.value)
