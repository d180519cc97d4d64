"""What pages write of a value: the same text as markupsafe's `escape`, for half its time."""

from pathlib import Path
from uuid import UUID

import jinja2
import pytest
from markupsafe import Markup, escape

from shared.web.assets import Assets
from shared.web.environment import PageEnvironment, compile_pages, environment, escape_value

VALUES = (
    "", "Bureau des étrangers", "36-2026-A-000001", "l’été", "d'après", '<b class="x">&</b>', "&",
    "<", ">", "'", '"', "&amp;", Markup("<b>"), 5, 2.5, None, True, UUID(int=7), ["<", "'"],
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_written_as_it_is_escaped(value: object) -> None:
    assert escape_value(value) == str(escape(value))


class Named(str):
    """A text of a class of its own, which may say itself what its HTML is."""

    __slots__ = ()

    def __html__(self) -> str:
        return "<i>said</i>"


def test_a_text_that_says_its_own_html_is_asked() -> None:
    assert escape_value(Named("plain")) == "<i>said</i>"


def test_templates_escape_what_they_are_given_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}"
        "{% set kept %}<u>{{ said }}</u>{% endset %}"
        "{{ said }}|{{ bold(said) }}|{{ kept }}|{{ said ~ '<' }}|{{ said|safe }}|{{ [said]|join }}"
        "|{% autoescape false %}{{ said }}{% endautoescape %}"
    )
    made = environment([tmp_path], Assets(None, tmp_path))
    assert made.get_template("page.html").render(said="<'&") == (
        "&lt;&#39;&amp;|<b>&lt;&#39;&amp;</b>|<u>&lt;&#39;&amp;</u>|&lt;&#39;&amp;&lt;|<'&"
        "|&lt;&#39;&amp;|<'&"
    )
    with pytest.raises(jinja2.UndefinedError):
        made.get_template("page.html").render()


def test_what_was_compiled_once_is_the_same_code_wherever_it_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% block said %}{{ said }}{% endblock %}")
    one, other = (
        environment([tmp_path], Assets(None, tmp_path)).get_template("page.html") for _ in range(2)
    )
    assert one is not other
    codes = [page.blocks["said"].__code__ for page in (one, other)]
    assert codes[0] is codes[1]
    assert other.render(said="l’été") == "l’été"


def test_what_a_parent_compiled_its_forks_compile_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.html").write_text("{{ said }} {{ asset('none.css') }}.")
    compile_pages([tmp_path])
    monkeypatch.setattr(PageEnvironment, "_parse", None)
    page = environment([tmp_path], Assets(None, tmp_path)).get_template("page.html")
    assert page.render(said="l’été") == "l’été ."
