"""Texts of a site's templates, each rendered once for the letters that differ in nothing it says.

Most of what surrounds a letter says of it no more than its reference. What a template does with a
reference, a link or a code stands in its syntax: where it only writes it out (`{{ reference }}`) or
asks whether there is one (`{% if link %}`), its text is rendered with a mark in that place, kept,
and filled in for each letter. Whatever else names a sender (the subject, what a person wrote) is
rendered for each letter, and nothing of it is kept.

What is then made of such a text is made once of its pattern (alike_text.py).
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from shared.site.texts.alike_text import AlikeText, stand_in

FILLED: Final = {name: f"\ue000{name}\ue001" for name in ("reference", "link", "code")}
"""Variables that are filled in, and their marks: signs that no letter has (private use)."""
ALIKE: Final = frozenset(
    ("office", "written", "received", "channel", "agent", "emergency_line", "usual", "days")
) | {"working", "page", "kind", "way"}
"""Variables whose values many letters share, and that say nothing of a sender."""
_SHARED: Final = tuple(sorted(ALIKE))
MOST: Final = 500
"""Texts that are kept of a site: some for each service and day."""
_ABSENT = object()
_STATEMENTS = (nodes.Output, nodes.If, nodes.For, nodes.Assign)
"""Those that write where they stand; any other may take what it wrote and change it."""


class AlikeTexts:
    """The texts of one site's templates; `render` gives those of one letter."""

    def __init__(self, environment: Environment, sources: Mapping[str, str]) -> None:
        self._environment = environment
        self._sources = sources
        self._named: dict[str, tuple[tuple[str, ...], tuple[str, ...]] | None] = {}
        self._kept: dict[tuple[object, ...], str] = {}
        self._parts: dict[tuple[object, ...], tuple[str, ...]] = {}

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Renders a template with these values, tidied. Raises whatever it raises."""
        if name not in self._named:
            self._named[name] = self._variables(name)
        named = self._named[name]
        if named is None:
            return self._drawn(name, values)
        shared, filled = named
        given = {variable: values.get(variable, _ABSENT) for variable in filled}
        if not all(_fits(value) for value in given.values()):
            return self._drawn(name, values)
        marks = {variable: FILLED[variable] for variable, value in given.items() if value}
        key = (name, *(values.get(variable, _ABSENT) for variable in shared), *marks)
        text = self._kept.get(key)
        if text is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            text = self._kept[key] = self._drawn(name, {**values, **marks})
        said = {variable: str(given[variable]) for variable in marks}
        stand_ins = {variable: stand_in(variable, value) for variable, value in said.items()}
        alike = all(stand_ins.values())
        for variable, mark in marks.items():
            text = text.replace(mark, (alike and stand_ins[variable]) or said[variable])
        return AlikeText.of(text, _values(said, stand_ins)) if alike else text

    def parts(
        self, kind: str, values: Mapping[str, object], make: Callable[[], tuple[str, ...]]
    ) -> tuple[str, ...]:
        """Returns the texts that `make` makes with `render` and `together`, of alike letters once.

        `make`: gives templates these values, and looks at nothing else that differs in letters of
        this `kind`. Raises whatever it raises.
        """
        said = {name: str(values[name]) for name in FILLED if values.get(name)}
        stand_ins = {name: stand_in(name, value) for name, value in said.items()}
        key = (kind, *(values.get(name, _ABSENT) for name in _SHARED), *stand_ins.items())
        patterns = self._parts.get(key)
        if patterns is not None:
            filled = _values(said, stand_ins)
            return tuple(AlikeText.of(pattern, filled) for pattern in patterns)
        made = make()
        patterns = tuple(text.pattern for text in made if isinstance(text, AlikeText))
        if len(patterns) == len(made):
            if len(self._parts) >= MOST:
                self._parts.clear()
            self._parts[key] = patterns
        return made

    def _drawn(self, name: str, values: Mapping[str, object]) -> str:
        return tidy(self._environment.get_template(name).render(**values))

    def _variables(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """What a template names: what letters share, and what is filled in; `None`: more, or else.

        A template that is not there, or is none, says so when it is rendered.
        """
        try:
            tree = self._environment.parse(self._sources[name])
        except (KeyError, RecursionError, TemplateSyntaxError):
            return None
        used = meta.find_undeclared_variables(tree)
        filled = sorted(used & FILLED.keys())
        if not used <= ALIKE | FILLED.keys() or _changes(tree):
            return None
        if not all(isinstance(each, _STATEMENTS) for each in tree.find_all(nodes.Stmt)):
            return None
        if not all(_only_writes(tree, variable) for variable in filled):
            return None
        return tuple(sorted(used & ALIKE)), tuple(filled)


def _values(said: Mapping[str, str], stand_ins: Mapping[str, str | None]) -> Mapping[str, str]:
    return {standing: said[name] for name, standing in stand_ins.items() if standing}


def tidy(text: str) -> str:
    """Tidies a text: no blank at the end of a line, at most one empty line between paragraphs."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def _fits(value: object) -> bool:
    """Whether a text with this value in the place of its mark is as tidy, and says the same."""
    if not isinstance(value, str) or any(mark in value for mark in FILLED.values()):
        return False
    return value.strip() == value and len(value.splitlines()) <= 1


def _changes(tree: nodes.Template) -> bool:
    """Whether what is drawn may differ another time, or be taken and changed: by a call."""
    chance = any(each.name == "random" for each in tree.find_all(nodes.Filter))
    return chance or next(tree.find_all(nodes.Call), None) is not None


def _only_writes(tree: nodes.Template, variable: str) -> bool:
    """Whether a variable is written out, or asked for, and nothing else: looked into or changed."""
    places: list[nodes.Node] = [
        place for each in tree.find_all(nodes.Output) for place in each.nodes
    ]
    places += [each.test for each in tree.find_all(nodes.If)]
    places += [each.test for each in tree.find_all(nodes.CondExpr)]
    plain = [place for place in places if _is_name(place, variable)]
    return len(plain) == sum(each.name == variable for each in tree.find_all(nodes.Name))


def _is_name(node: nodes.Node, variable: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == variable
