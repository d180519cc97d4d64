from datetime import date, datetime

import pytest

from shared.calendar.local_days import plain_day, plain_hour
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.bundle import Site
from shared.site.texts.samples import samples
from shared.site.texts.template_checks import check_templates
from shared.site.texts.templates import UnusableTemplate, nombre, render


def test_dates_are_written_as_french_letters_do() -> None:
    assert plain_day(date(2026, 5, 1)) == "1er mai 2026"
    assert plain_day(date(2026, 12, 21)) == "21 décembre 2026"
    assert plain_hour(datetime(2026, 5, 11, 9, 5)) == "9\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}05"  # noqa: DTZ001  (local by contract)
    assert [nombre(n, "jour ouvré", "jours ouvrés") for n in (0, 1, 2)] == [
        "0 jour ouvré",
        "1 jour ouvré",
        "2 jours ouvrés",
    ]


def test_the_receipt_promises_nothing(indre: Site) -> None:
    text = render(indre.templates, samples(NoticeKind.RECEIPT)[0])
    assert "ne préjuge ni de la recevabilité" in text.body
    assert text.subject == "Nous avons bien reçu votre message (référence 99-2031-A-004321)"


def test_a_text_is_not_escaped_as_markup_would_be(indre: Site) -> None:
    assert "Préfecture de l’exemple" in render(indre.templates, samples(NoticeKind.SIMPLE)[0]).whole


def test_a_third_party_reads_nothing_of_the_person_concerned(indre: Site) -> None:
    for sample in samples(NoticeKind.SIMPLE):
        said = "Une question" in render(indre.templates, sample).whole
        assert said == (getattr(sample, "about", None) is not None)


def test_a_letter_bears_the_agent_and_the_place(indre: Site) -> None:
    text = render(indre.templates, samples(NoticeKind.REPLY)[0], Way.PAPER)
    assert "Exempleville, le 10 février 2031" in text.head
    assert "Affaire suivie par : Camille Modèle, attachée d’administration" in text.head


@pytest.mark.parametrize("kind", [NoticeKind.SVR, NoticeKind.SVA])
@pytest.mark.parametrize(
    "words", ["sous réserve que la demande soit complète", "décision expresse"]
)
def test_an_acknowledgement_without_the_words_of_r112_11_1_is_refused(
    indre: Site, kind: NoticeKind, words: str
) -> None:
    name = f"{kind}.txt.j2"
    assert words in indre.templates[name]
    spoilt = {**indre.templates, name: indre.templates[name].replace(words, "réponse")}
    assert any(
        wrong.file == f"templates/{name}" and words in wrong.found
        for wrong in check_templates(spoilt)
    )


def test_a_template_can_not_reach_python(indre: Site) -> None:
    spoilt = {**indre.templates, "receipt.txt.j2": "x\n\n{{ ''.__class__.__mro__ }}"}
    with pytest.raises(UnusableTemplate, match=r"receipt\.txt\.j2"):
        render(spoilt, samples(NoticeKind.RECEIPT)[0])
