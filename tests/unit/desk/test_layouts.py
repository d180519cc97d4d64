"""A layout gives pages a frame and takes no name from them.

Jinja lets a `set` at the top of a layout win over the variable of that name which a page is given:
the page then says something else than it was told. So no layout names anything there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from services.desk.pages.renderer import TEMPLATES as DESK
from services.portal.pages.serve import HERE
from shared.web.environment import TEMPLATES as SHARED

SCOPES = (nodes.Block, nodes.With, nodes.For, nodes.CallBlock, nodes.FilterBlock, nodes.Macro)
"""What is named inside of these stays there."""
NAMES = (nodes.Assign, nodes.AssignBlock, nodes.Macro, nodes.Import, nodes.FromImport)


def _read(text: str) -> nodes.Template:
    return jinja2.Environment(autoescape=True).parse(text)


def _templates(own: Path) -> dict[str, nodes.Template]:
    return {
        path.relative_to(folder).as_posix(): _read(path.read_text())
        for folder in (own, SHARED)
        for path in sorted(folder.rglob("*.html"))
    }


def _layouts(templates: Mapping[str, nodes.Template]) -> set[str]:
    extended = [
        found.template.value
        for tree in templates.values()
        for found in tree.find_all(nodes.Extends)
        if isinstance(found.template, nodes.Const)
    ]
    return set(extended)


def _named_at_the_top(node: nodes.Node) -> Iterator[int]:
    """The lines at which a template names something outside of every scope."""
    for child in node.iter_child_nodes():
        if isinstance(child, NAMES):
            yield child.lineno
        elif not isinstance(child, SCOPES):
            yield from _named_at_the_top(child)


@pytest.mark.parametrize("own", [DESK, HERE / "templates"], ids=["desk", "portal"])
def test_no_layout_names_anything_that_a_page_could_be_given(own: Path) -> None:
    templates = _templates(own)
    layouts = _layouts(templates)
    assert "base.html" in layouts
    named = {name: list(_named_at_the_top(templates[name])) for name in layouts}
    assert {name: at for name, at in named.items() if at} == {}


@pytest.mark.parametrize(
    "text",
    [
        "{% set service = 1 %}",
        "{% if theme %}{% set service = 1 %}{% endif %}",
        "{% set foot %}a{% endset %}",
        "{% macro service() %}{% endmacro %}",
        "{% from 'macros.html' import service %}",
        "{% import 'macros.html' as service %}",
    ],
)
def test_every_way_to_name_something_at_the_top_is_seen(text: str) -> None:
    assert list(_named_at_the_top(_read(text))) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "{% with service = 1 %}{{ service }}{% endwith %}",
        "{% block main %}{% set service = 1 %}{% endblock %}",
    ],
)
def test_what_is_named_within_a_scope_is_no_fault(text: str) -> None:
    assert list(_named_at_the_top(_read(text))) == []
