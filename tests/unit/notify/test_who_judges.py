"""Whose word lets a held notice leave by a command: by hand, person by person."""

from dataclasses import replace

import pytest

from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.judges import may_judge
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Confidentiality
from tests.desk_builders import a_site, some_people
from tests.unit.notify.builders import registered

SITE = a_site()
PEOPLE = {person.id: person for person in some_people().people}
ALWAYS = {"c.lerk", "c.head", "d.rector", "s.general"}
"""d.rector directs every service, the mail office too."""
OF_BMI = {"a.gent", "b.gent", "b.head"}


def judges(item: NotifiedItem | None) -> set[str]:
    return {who for who, person in PEOPLE.items() if may_judge(person, item, SITE)}


@pytest.fixture
def item() -> NotifiedItem:
    found = fold([registered()])
    assert found is not None
    return found


def test_of_an_item_its_service_judges_and_the_mail_office(item: NotifiedItem) -> None:
    assert judges(item) == ALWAYS | OF_BMI
    held_elsewhere = replace(item, agent=PersonId("r.gent"))
    assert judges(held_elsewhere) == ALWAYS | OF_BMI | {"r.gent"}


def test_of_what_is_reserve_its_holder_its_head_and_the_mail_office(item: NotifiedItem) -> None:
    secret = item.classification.model_copy(update={"confidentiality": Confidentiality.RESERVE})
    reserved = replace(item, classification=secret, agent=PersonId("a.gent"))
    assert judges(reserved) == ALWAYS | {"a.gent", "b.head"}


def test_what_is_about_no_item_is_the_mail_offices() -> None:
    assert judges(None) == ALWAYS
