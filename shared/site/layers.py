"""A site's file laid over a pack's: what the site writes wins, the rest is the pack's.

Tables are laid over each other key by key. Lists whose rows have an `id` row by row: those that the
pack has not come first, as the site's own routing is asked first; a row of the same id is laid over
the pack's in its place; one that says `absent: true` takes it away. Who answered for a row of the
pack does not for a changed one: the site says anew who does. Any other value of the site, an empty
list too, replaces the pack's whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.site.checks.yaml_lines import Path, YamlDocument, YamlValue

ATTESTS = frozenset(
    {"certain", "checked", "checked_by", "tribunal_checked_by", "reviewed_by", "reviewed_on"}
)
"""Keys by which somebody answers for a row as it stands: changed, nobody does until it is said."""
GONE = "absent"
"""The key by which a site takes a pack's row away: `{id: naturalisation, absent: true}`."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file and a line of it: where a value was written."""

    file: str
    line: int


@dataclass(frozen=True)
class LayeredDocument:
    """The value of a site's file, with the file and line in which each part of it was written."""

    value: YamlValue
    places: Mapping[Path, FilePlace]
    file: str
    """The file that holds what no place is known of."""

    def place(self, path: Path) -> FilePlace:
        """Returns where a value, or the nearest part above it, was written."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, FilePlace(self.file, 1))


def single(document: YamlDocument, file: str) -> LayeredDocument:
    """Makes a layered document of one file alone."""
    places = {path: FilePlace(file, line) for path, line in document.lines.items()}
    return LayeredDocument(document.value, places, file)


def lay(own: YamlDocument, file: str, below: YamlDocument, named: str) -> LayeredDocument:
    """Lays a site's file over a pack's; `named` is what the pack's file is called in a mistake."""
    layers = _Layers(own, file, below, named)
    return LayeredDocument(layers.value(own.value, (), below.value, (), ()), layers.places, file)


@dataclass
class _Layers:
    """Two documents while they become one, and the places noted on the way."""

    own: YamlDocument
    file: str
    below: YamlDocument
    named: str
    places: dict[Path, FilePlace] = field(default_factory=dict)

    def value(self, own: YamlValue, at: Path, below: YamlValue, under: Path, to: Path) -> YamlValue:
        """Lays one value over another; `at`, `under`, `to`: its paths in both and in the result."""
        self.places[to] = FilePlace(self.file, self.own.line(at))
        if isinstance(own, dict) and isinstance(below, dict):
            return self.tables(own, at, below, under, to)
        mine, theirs = _rows_with_ids(own), _rows_with_ids(below)
        if mine and theirs is not None:
            return self.rows(mine, at, theirs, under, to)
        return self.copy(own, at, to, whose=(self.own, self.file))

    def tables(
        self,
        own: Mapping[str, YamlValue],
        at: Path,
        below: Mapping[str, YamlValue],
        under: Path,
        to: Path,
    ) -> YamlValue:
        found: dict[str, YamlValue] = {}
        for name in (*below, *(name for name in own if name not in below)):
            paths = ((*at, name), (*under, name), (*to, name))
            if name not in own:
                found[name] = self.lower(below[name], paths[1], paths[2])
            elif name not in below:
                found[name] = self.upper(own[name], paths[0], paths[2])
            else:
                found[name] = self.value(own[name], paths[0], below[name], paths[1], paths[2])
        return found

    def rows(
        self,
        own: Sequence[Mapping[str, YamlValue]],
        at: Path,
        below: Sequence[Mapping[str, YamlValue]],
        under: Path,
        to: Path,
    ) -> YamlValue:
        found: list[YamlValue] = []
        known = {str(row["id"]) for row in below}
        mine: dict[str, list[int]] = {}
        for n, row in enumerate(own):
            mine.setdefault(str(row["id"]), []).append(n)
        for n, row in enumerate(own):
            # A row written twice stays twice: the checks say so.
            if str(row["id"]) not in known or n != mine[str(row["id"])][0]:
                found.append(self.upper(dict(row), (*at, n), (*to, len(found))))
        for n, row in enumerate(below):
            here = mine.get(str(row["id"]), [])
            if any(own[place].get(GONE) is True for place in here):
                continue
            path = (*to, len(found))
            if here:
                over = dict(own[here[0]])
                left = {name: said for name, said in row.items() if name not in ATTESTS - set(over)}
                found.append(self.value(over, (*at, here[0]), left, (*under, n), path))
            else:
                found.append(self.lower(dict(row), (*under, n), path))
        return found

    def upper(self, value: YamlValue, at: Path, to: Path) -> YamlValue:
        return self.copy(value, at, to, whose=(self.own, self.file))

    def lower(self, value: YamlValue, at: Path, to: Path) -> YamlValue:
        return self.copy(value, at, to, whose=(self.below, self.named))

    def copy(
        self, value: YamlValue, at: Path, to: Path, *, whose: tuple[YamlDocument, str]
    ) -> YamlValue:
        document, file = whose
        self.places[to] = FilePlace(file, document.line(at))
        for step, inner in _inside(value):
            self.copy(inner, (*at, step), (*to, step), whose=whose)
        return value


def _inside(value: YamlValue) -> Iterator[tuple[str | int, YamlValue]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _rows_with_ids(value: YamlValue) -> Sequence[Mapping[str, YamlValue]] | None:
    """The rows of a list whose rows all have an `id`; `None` for any other value."""
    if not isinstance(value, list):
        return None
    rows = [row for row in value if isinstance(row, dict) and "id" in row]
    return rows if len(rows) == len(value) else None
