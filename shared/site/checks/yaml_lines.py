"""YAML as site files use it: plain values, each with the line where it stands.

Read from the events of the parser: no tags, no anchors, no duplicate keys, and only `true`,
`false`, `null` and numbers are more than text (`on`, `no`, `09:00` stay what they look like).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

Path = tuple[str | int, ...]
"""The way from the top of a file to a value: keys and indices."""

YamlValue = str | int | float | bool | None | list["YamlValue"] | dict[str, "YamlValue"]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_DEEPEST = 40

# The C reader where PyYAML was built with it: the same events, ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYaml(ValueError):  # noqa: N818  (the name says what it means)
    """Raised for a site file that can't be parsed as YAML; `line` counts from 1."""

    def __init__(self, line: int, found: str, expected: str) -> None:
        super().__init__(f"line {line}: {found}; expected {expected}")
        self.line, self.found, self.expected = line, found, expected


@dataclass(frozen=True)
class YamlDocument:
    """The value of a YAML file, with the line number of every part of it."""

    value: YamlValue
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Returns the line of a value by its path, or of the nearest part above it in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> YamlDocument:
    """Parses a YAML file with its line numbers. Raises NotYaml at the first error."""
    reader = _Reader(yaml.parse(text, Loader=_Loader))
    try:
        return YamlDocument(reader.document(), reader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(
            mark.line + 1 if mark else 1,
            " ".join(part for part in (error.context, error.problem) if part),
            "well-formed YAML (check indentation, colons and quotes)",
        ) from error
    except yaml.YAMLError as error:
        raise NotYaml(1, "a character that YAML does not allow", "plain text") from error


@dataclass
class _Reader:
    """Builds values from the events of a parser, noting the line of each."""

    events: Iterator[yaml.Event]
    lines: dict[Path, int] = field(default_factory=dict)

    def document(self) -> YamlValue:
        value: YamlValue = None
        for event in self.events:
            match event:
                case yaml.DocumentStartEvent() if () in self.lines:
                    raise NotYaml(_line(event), "a second document (---)", "one document a file")
                case yaml.StreamStartEvent() | yaml.StreamEndEvent():
                    pass
                case yaml.DocumentStartEvent() | yaml.DocumentEndEvent():
                    pass
                case _:
                    value = self.value(event, ())
        return value

    def value(self, event: yaml.Event, path: Path) -> YamlValue:
        line = _line(event)
        self.lines.setdefault(path, line)
        if len(path) > _DEEPEST:
            raise NotYaml(line, f"more than {_DEEPEST} levels", "a flatter table")
        if isinstance(event, yaml.AliasEvent):
            raise NotYaml(line, "an alias (*name)", "the value itself, written out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise NotYaml(line, f"the tag {tag}", "a plain value")
        match event:
            case yaml.MappingStartEvent():
                return self.mapping(path)
            case yaml.SequenceStartEvent():
                return self.sequence(path)
            case yaml.ScalarEvent():
                return _scalar(event)
        raise NotYaml(line, "something unexpected", "a value")

    def sequence(self, path: Path) -> list[YamlValue]:
        found: list[YamlValue] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.value(event, (*path, len(found))))
        return found

    def mapping(self, path: Path) -> dict[str, YamlValue]:
        found: dict[str, YamlValue] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
                raise NotYaml(line, "a list, a table or a tag as a key", "a name")
            at = (*path, event.value)
            if event.value in found:
                first = self.lines[at]
                raise NotYaml(line, f"key '{event.value}' twice", f"it once (see line {first})")
            self.lines[at] = line
            found[event.value] = self.value(next(self.events), at)
        return found


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1


def _scalar(event: yaml.ScalarEvent) -> YamlValue:
    text = str(event.value)
    if not event.implicit[0]:  # between quotes
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
