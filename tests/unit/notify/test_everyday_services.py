"""A citizen reads of a service in everyday words; our initials reach nobody outside."""

import re
from dataclasses import replace

import pytest

from services.portal.pages.form import services
from shared.facts.vocabulary import Way
from shared.site.tables.services import Service
from shared.site.texts.letters import Correspondence, office
from shared.site.texts.samples import samples
from shared.site.texts.templates import CONTEXTS, render
from tests.unit.notify.test_texts_that_the_law_asks_for import indre

SITE = indre()[0].site
SERVICES = {service.id: service for service in SITE.services.services}
LETTERS = [
    sample for kind in CONTEXTS for sample in samples(kind) if isinstance(sample, Correspondence)
]


def initials(text: str, service: Service) -> bool:
    """Whether a text says what only our own people call a service."""
    ours = service.short if service.short.isupper() else service.short.split()[0]
    return re.search(rf"\b{re.escape(ours)}\b", text) is not None and ours.isupper()


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
@pytest.mark.parametrize("way", list(Way))
def test_no_text_to_the_public_says_our_initials(service: Service, way: Way) -> None:
    for sample in LETTERS:
        text = render(SITE.templates, replace(sample, office=office(SITE.identity, service)), way)
        assert not initials(f"{text.subject}\n{text.whole}", service)


def test_the_form_offers_services_in_everyday_words() -> None:
    offered = dict(services(SITE))
    assert offered["bmi"] == (
        "Le service des étrangers (Bureau des migrations et de l’intégration)"
    )
    assert [said for id_, said in offered.items() if initials(said, SERVICES[id_])] == []
    names = [SERVICES[id_].name for id_ in offered]
    assert names == sorted(names), "« Le service… » and « La direction… » are no order to search by"


def test_a_service_without_everyday_words_is_told_by_its_name() -> None:
    plain = SERVICES["bmi"].model_copy(update={"everyday": None})
    assert plain.public == "Bureau des migrations et de l’intégration"
    assert office(SITE.identity, plain).everyday == plain.name


def test_where_an_appointment_is_made_is_said_by_a_service_that_gives_some() -> None:
    page = "https://rdv.example/36"
    gives = SERVICES["bmi"].model_copy(update={"appointments": page})
    for service, said in ((gives, True), (SERVICES["bmi"], False)):
        texts = [
            render(SITE.templates, replace(letter, office=office(SITE.identity, service)), Way.MAIL)
            for letter in LETTERS
        ]
        assert (
            any(f"- rendez-vous\N{NO-BREAK SPACE}: {page}" in text.whole for text in texts) is said
        )
        assert not any("None" in text.whole for text in texts)
