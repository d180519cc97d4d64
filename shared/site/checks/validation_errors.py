"""What is wrong in a site folder: file, line, what was found, what is expected.

All mistakes are reported together, so that a folder is put right in one go.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.errors import PermanentFailure
from shared.site.checks.yaml_lines import Path
from shared.values import ADDRESS, CODE

_LONGEST = 60

_PATTERNS: Mapping[str, str] = {
    CODE: "a short lower-case name without spaces or accents, such as 'bmi' or 'titre-de-sejour'",
    ADDRESS: "an e-mail address without display name, such as 'pref-bmi@indre.example'",
}

_PLAINLY: Mapping[str, str] = {"tuple_type": "a list, such as [a] or [a, b]"}
"""Where pydantic speaks to a programmer."""


@dataclass(frozen=True, order=True)
class Mistake:
    """A mistake in a site file: file, line, what was found and what is expected."""

    file: str
    line: int
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}: {where}found {self.found}, expected {self.expected}"


class BadSite(PermanentFailure):
    """Raised for a site folder with mistakes; `mistakes` lists them by file and line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: Sequence[Mistake] = sorted(set(mistakes))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True)
class Wrong:
    """A mistake in a site file by the path of its value; the line is looked up later."""

    file: str
    path: Path
    found: str
    expected: str


def dotted_path(path: Path) -> str:
    """Formats the path of a value in a site file: `rules[3].then.service`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def near(found: str, among: Iterable[str]) -> str:
    """Returns a hint with the most similar known name, « (did you mean 'bmi'?) », or ""."""
    close = get_close_matches(found, sorted(among), n=1, cutoff=0.6)
    return f" (did you mean '{close[0]}'?)" if close else ""


def unknown(
    file: str, path: Path, value: str | None, among: Collection[str], what: str
) -> Iterator[Wrong]:
    """Yields a mistake when a value in a site file is not one of the names that exist."""
    if value is not None and value not in among:
        yield Wrong(file, path, f"'{value}'", f"{what}{near(value, among)}")


def twice(file: str, paths_and_ids: Iterable[tuple[Path, str]], what: str) -> Iterator[Wrong]:
    """Yields a mistake for every id of a site file that occurs again."""
    first: dict[str, Path] = {}
    for path, one in paths_and_ids:
        if one in first:
            yield Wrong(
                file, path, f"'{one}' again", f"{what} once (see {dotted_path(first[one])})"
            )
        first.setdefault(one, path)


def shape_mistakes(file: str, model: type[BaseModel], error: ValidationError) -> Iterator[Wrong]:
    """Yields pydantic's validation errors of a site file as mistakes that its author reads."""
    for details in error.errors(include_url=False):
        path: Path = tuple(step for step in details["loc"] if step != "[key]")
        found, expected = _told(details, model, path)
        yield Wrong(file, path, found, expected)


def _told(details: ErrorDetails, model: type[BaseModel], path: Path) -> tuple[str, str]:
    value, context = details["input"], details.get("ctx", {})
    match details["type"]:
        case "missing":
            return "nothing", f"the key '{path[-1]}'"
        case "extra_forbidden":
            known = fields_at(model, path[:-1])
            return (
                f"the key '{path[-1]}'",
                f"one of {', '.join(sorted(known))}{near(str(path[-1]), known)}",
            )
        case "enum" | "literal_error":
            expected = str(context["expected"])
            return shown_value(
                value
            ), f"{expected}{near(str(value), expected.split(chr(39))[1::2])}"
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            return shown_value(value), _PATTERNS.get(pattern, f"text of the form {pattern}")
        case "string_type" if isinstance(value, int | float):
            return shown_value(value), f"text: write it between quotes, '{value}'"
        case _:
            message = _PLAINLY.get(details["type"], details["msg"])
            return shown_value(value), message[0].lower() + message[1:]


def shown_value(value: object) -> str:
    """Formats a value found in a site file for an error message, at most 60 letters of it."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            return f"'{value}'" if len(value) <= _LONGEST else f"'{value[:_LONGEST]}…'"
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def fields_at(model: type[BaseModel], path: Path) -> Collection[str]:
    """Returns the allowed keys of the table at a path of a site file."""
    current: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int):
            continue
        field = current.model_fields.get(step) if current is not None else None
        current = _model_in(field.annotation) if field is not None else None
    return tuple(current.model_fields) if current is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table inside `tuple[Table, ...]`, `Table | None` or `Table`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in get_args(annotation))
    return next((found for found in inner if found is not None), None)
