"""What is made of a pattern and filled in is what is made of each letter's text alone."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notify.mail_files import wrap_flowed
from services.notify.message import compose
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.bundle import Site
from shared.site.texts.alike_text import NOTHING, AlikeText, alike, stand_in, together
from shared.site.texts.letters import Correspondence
from shared.site.texts.mail_html import as_html
from shared.site.texts.public_lines import NextSteps
from shared.site.texts.public_notice import render_public
from shared.site.texts.samples import samples
from shared.site.texts.templates import TemplateText
from tests.unit.notify.test_message import MAIL
from tests.unit.site.test_mail_html import NEUTRAL

SIGNS = st.sampled_from("aZ09/:.-")
ENDS = st.sampled_from("aZ9")
VALUES = st.builds("{}{}{}".format, ENDS, st.text(SIGNS, min_size=8, max_size=90), ENDS)
ADDRESSES = VALUES.map("https://{}".format)
AROUND = st.text("aé. -–=>\u00a0«»;?\n", max_size=90)


def text_of(parts: list[str], values: dict[str, str]) -> str:
    """A text with each value between its parts, alike where each has a stand-in."""
    names = list(values)
    stand_ins = {name: stand_in(name, value) or "" for name, value in values.items()}
    pattern = "".join(f"{part}{stand_ins[names[at % len(names)]]}" for at, part in enumerate(parts))
    return AlikeText.of(pattern, {stand_ins[name]: values[name] for name in names})


@settings(max_examples=200)
@given(st.lists(AROUND, min_size=1, max_size=4), VALUES, ADDRESSES)
@example(["x" * 70 + " ", " ;\n", " . "], "36-2026-A-000123", "https://suivi.example/a")
@example(["From ", "\n- ", "\n\n"], "36-2026-A-000123", "https://a.b-c.example:8443/suivi/x")
def test_a_mail_of_a_pattern_has_the_octets_of_its_own_text(
    parts: list[str], reference: str, link: str
) -> None:
    text = text_of(parts, {"reference": reference, "link": link})
    assert isinstance(text, AlikeText)
    assert reference in text
    alone = str(text)
    assert together(wrap_flowed, text) == wrap_flowed(alone)
    words = TemplateText(*(NOTHING, NOTHING, text, NOTHING, NOTHING, text, NOTHING))
    html = as_html(words, NEUTRAL)
    assert isinstance(html, AlikeText)
    assert html == as_html(TemplateText("", "", alone, "", after=alone), NEUTRAL)
    mail = replace(MAIL, text=text, html=html)
    assert compose(mail) == compose(replace(MAIL, text=alone, html=str(html)))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "A-1",
        "a b c d e f g h",
        "36-2026-A-00012?",
        "-36-2026-A-000123",
        "36=2026=A=000123",
        "<36-2026-A-000123>",
        "36-2026-A-000123\n",
        "36-2026-É-000123",
        "x" * 300,
        "36_2026_A_0001",
    ],
)
def test_what_text_may_be_treated_apart_for_has_no_stand_in(value: str) -> None:
    assert stand_in("reference", value) is None


def test_a_stand_in_is_as_long_and_an_address_stays_one() -> None:
    assert len(stand_in("reference", "36-2026-A-000123") or "") == 16
    link = stand_in("link", "https://suivi.example/36-2026-A-000123/K7QF2MWX3A") or ""
    assert len(link) == 49
    assert link.startswith("https://")
    assert stand_in("code", "K7QF-2MWX-3A") != stand_in("reference", "K7QF-2MWX-3A")


def test_texts_of_which_one_is_not_alike_are_none_together() -> None:
    text = text_of(["Réf. "], {"reference": "36-2026-A-000123"})
    assert isinstance(together(_both, text, NOTHING), AlikeText)
    assert not isinstance(together(_both, text, ""), AlikeText)
    made = together(_both, text, "Objet : ma demande")
    assert made == "Réf. 36-2026-A-000123 | Objet : ma demande"
    assert not isinstance(made, AlikeText)


def test_what_would_cut_a_value_is_made_of_each_text() -> None:
    text = text_of(["Réf. "], {"reference": "36-2026-A-000123"})
    for _ in range(2):  # the second time it is known
        made = together(_in_fives, text)
        assert made == "Réf. 36-20 26-A- 00012 3"
        assert not isinstance(made, AlikeText)
        assert alike(_in_fives, text) == made


def _in_fives(text: str) -> str:
    return text[:5] + " ".join(text[at : at + 5] for at in range(5, len(text), 5))


@pytest.mark.parametrize("about", [(None, "Bruit du voisin"), ("Bruit du voisin", None)])
def test_what_is_empty_for_one_letter_is_not_so_for_the_next(
    indre: Site, about: tuple[str | None, str | None]
) -> None:
    foot = "{% if about %}Objet : {{ about }}{% endif %}"
    texts = {**indre.templates, "foot.mail.txt.j2": foot}
    letter = next(each for each in samples(NoticeKind.RECEIPT) if isinstance(each, Correspondence))
    steps = NextSteps(reference=letter.reference)
    for said in about:
        text = render_public(texts, replace(letter, about=said), steps, Way.MAIL, "en")
        assert text.foot == (f"Objet : {said}" if said else "")


def test_two_references_in_one_letter_stay_two(indre: Site) -> None:
    letter = next(each for each in samples(NoticeKind.RECEIPT) if isinstance(each, Correspondence))
    for number in ("36-2026-A-000123", "36-2026-A-000124"):
        steps = NextSteps(reference=Chrono(number), page="https://suivi.example/suivi", code="x")
        text = render_public(indre.templates, letter, steps, Way.MAIL, None)
        assert letter.reference in text.head
        assert number in text.after
        assert number in text.whole


def _both(one: str, other: str) -> str:
    return f"{one} | {other}"


@pytest.mark.parametrize("kind", [NoticeKind.RECEIPT, NoticeKind.SIMPLE])
def test_letters_alike_read_as_each_does_that_is_rendered_first(
    indre: Site, kind: NoticeKind
) -> None:
    letters = [letter for letter in samples(kind) if isinstance(letter, Correspondence)]
    references = ["36-2026-A-000123", "36-2026-A-000124", "36-2026-A-1234567", "A-1"]
    for letter in letters:
        for reference in references:
            for code in ("", "K7QF-2MWX-3A"):
                link = code and f"https://suivi.example/suivi/{reference}/{code}"
                page = code and "https://suivi.example/suivi"
                steps = NextSteps(reference=Chrono(reference), page=page, link=link, code=code)
                said = replace(letter, reference=Chrono(reference))
                known, anew = (
                    render_public(templates, said, steps, Way.MAIL, "en")
                    for templates in (indre.templates, dict(indre.templates))
                )
                assert known == anew
                alike_ones = kind is NoticeKind.RECEIPT and len(reference) > len("A-1")
                assert isinstance(known.whole, AlikeText) is alike_ones
                assert reference in known.whole
                assert (link or "Bonjour") in (known.whole if link else "Bonjour")
