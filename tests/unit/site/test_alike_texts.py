"""A text that is kept and filled in is the text that its template gives, and tells of nobody."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Template, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from shared.facts.vocabulary import NoticeKind
from shared.site.tables.bundle import Site
from shared.site.texts.alike_texts import AlikeTexts, tidy
from shared.site.texts.letters import Correspondence
from shared.site.texts.samples import samples
from shared.site.texts.templates import DEFAULTS, environment_of

WRITTEN_OUT = (
    "Référence {{ reference }}, bureau {{ office }}.\n\n  {{ link }}  \n\nFin {{ code }}",
    "{% if link %}Voir {{ link }}{% else %}Sur place{% endif %} ({{ reference }})",
    "{{ 'Code donné' if code else 'Sans code' }} : {{ reference }}{{ reference }}",
    "{% for day in office %}{{ day }} {{ reference }}\n{% endfor %}",
    "{% set place = office|upper %}{{ place }} {{ reference }} {{ place }}",
    "{% set reference = office %}{{ reference }}",
    "{{ office }}",
)
LOOKED_INTO = (
    "{{ reference|lower }} {{ office }}",
    "{{ reference|replace('-', '') }}",
    "{{ reference[:4] }} {{ reference }}",
    "{{ reference|length }}",
    "{{ 'n° ' ~ code }}",
    "{% for sign in code %}{{ sign }} {% endfor %}",
    "{% if link == 'https://a.example' %}A{% else %}B{% endif %}",
    "{% if office in link %}A{% endif %}{{ link }}",
    "{% set said %}{{ reference }}{% endset %}{{ said|lower|replace('-', ' ') }}",
    "{% filter lower|replace('a', 'b') %}{{ reference }}{% endfilter %}",
    "{% macro said() %}{{ reference }}{% endmacro %}{{ said()|lower }}",
    "{% for d in office recursive %}{{ code }}{{ loop('')|lower }}{% else %}{{ code }}{% endfor %}",
    "{{ office.title() }} {{ reference }}",
    "{% include 'part' %}",
    "{% extends 'part' %}",
    "{{ about }} {{ office }}",
)
WORDS = st.text("aZ-9. \n\u00a0\u2028", max_size=12)


def plain(sources: Mapping[str, str], name: str, values: Mapping[str, object]) -> str:
    return tidy(environment_of(sources).get_template(name).render(**values))


@pytest.mark.parametrize("source", [*WRITTEN_OUT, *LOOKED_INTO])
@settings(max_examples=10)
@given(letters=st.lists(st.tuples(WORDS, WORDS, WORDS, st.sampled_from(("aZ", "9"))), max_size=4))
@example(letters=[("A-1", "", "K 2", "aZ"), ("A-2", "https://a.example", "", "aZ")])
@example(letters=[("A-1", "\ue000reference\ue001", "\ue000link\ue001", "aZ")])
@example(letters=[("aA-1", "aZ.example", "", "aZ"), ("A-2 ", "\n", "K\n\n\n3", "aZ")])
def test_each_letter_reads_as_if_it_were_rendered_alone(
    source: str, letters: list[tuple[str, str, str, str]]
) -> None:
    sources = {"one": source, "part": "{{ reference|lower }} {{ office }}"}
    texts = AlikeTexts(environment_of(sources), sources)
    for reference, link, code, office in letters:
        values = {"reference": reference, "link": link, "code": code, "office": office}
        values["about"] = f"Au sujet de {code}"
        assert texts.render("one", values) == plain(sources, "one", values)


def test_a_letter_without_a_value_is_not_given_that_of_one_where_it_is_empty() -> None:
    sources = {"one": "{% if link %}Voir{% endif %} {{ office }}"}
    texts = AlikeTexts(environment_of(sources), sources)
    assert texts.render("one", {"link": "", "office": "z"}) == "z"
    with pytest.raises(UndefinedError):
        texts.render("one", {"office": "z"})


class Counted(ImmutableSandboxedEnvironment):
    """An environment that counts how often a template is drawn."""

    drawn = 0

    def get_template(self, *args: Any, **named: Any) -> Template:
        self.drawn += 1
        return super().get_template(*args, **named)


@pytest.mark.parametrize("source", WRITTEN_OUT)
def test_letters_that_differ_in_what_is_written_out_are_drawn_once(source: str) -> None:
    environment = Counted()
    environment.loader = environment_of({"one": source}).loader
    texts = AlikeTexts(environment, {"one": source})
    for number in range(3):
        texts.render("one", {"reference": f"A-{number}", "link": "x", "code": "y", "office": "z"})
    assert environment.drawn == 1


@pytest.mark.parametrize("source", [*LOOKED_INTO, "{{ [office, 'x']|random }}"])
def test_what_a_template_looks_into_is_drawn_for_each_letter(source: str) -> None:
    sources = {"one": source, "part": "{{ reference }}"}
    environment = Counted()
    environment.loader = environment_of(sources).loader
    texts, values = AlikeTexts(environment, sources), {"about": "x", "link": "x", "code": "y"}
    for office in "zz":
        texts.render("one", {"reference": "A-1", "office": office, **values})
    assert environment.drawn >= 2


@pytest.mark.parametrize("kind", [NoticeKind.RECEIPT, NoticeKind.SIMPLE, NoticeKind.REPLY])
def test_what_is_kept_of_a_letter_names_no_sender(indre: Site, kind: NoticeKind) -> None:
    sources = {**DEFAULTS, **indre.templates}
    texts = AlikeTexts(environment_of(sources), sources)
    told = list[str]()
    for letter in samples(kind):
        assert isinstance(letter, Correspondence)
        values = {**vars(letter), "way": "mail", "kind": kind.value}
        for name in (f"{kind}.txt.j2", "head.mail.txt.j2", "foot.mail.txt.j2"):
            assert letter.reference in texts.render(name, values)
        told += [letter.reference, letter.about or letter.reference, values.get("text", "99-")]
    kept = repr(vars(texts))
    assert "Exempleville" in kept
    assert [words for words in told if words in kept] == []
