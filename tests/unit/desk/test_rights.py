"""Who sees what of an item, and who decides: by hand, one line a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from services.desk.pages.people import keeping
from services.desk.pages.rights import Roles, Sight, may_decide, roles_of, sight
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.words import Confidentiality
from shared.site.directory import Directory
from tests.desk_builders import a_site, some_people

DAY = date(2026, 5, 12)
SITE, PEOPLE = a_site(), Directory({PersonId(p.id): p for p in some_people().people}, (), {})
BMI, AGENT = ServiceId("bmi"), PersonId("a.gent")
WHOLE, OUTLINE, NOTHING = Sight.WHOLE, Sight.OUTLINE, Sight.NOTHING


@dataclass(frozen=True)
class Item:
    """Of bmi, held by a.gent, dre in copy, the quality officer informed."""

    service: ServiceId = BMI
    copies: Sequence[ServiceId] = (ServiceId("dre"),)
    informed: Sequence[PersonId] = (PersonId("q.officer"),)
    agent: PersonId | None = AGENT
    signatory: PersonId | None = None


def somebody(person: str) -> Roles:
    return roles_of(PersonId(person), SITE, PEOPLE, DAY)


@pytest.mark.parametrize(
    ("person", "normal", "reserved", "decides"),
    [
        ("a.gent", WHOLE, WHOLE, True),
        ("b.gent", WHOLE, NOTHING, True),
        ("b.head", WHOLE, WHOLE, True),
        ("d.rector", WHOLE, WHOLE, True),
        ("s.general", WHOLE, WHOLE, True),
        ("c.lerk", WHOLE, OUTLINE, True),
        ("q.officer", WHOLE, WHOLE, False),
        ("r.gent", WHOLE, NOTHING, False),
        ("j.head", NOTHING, NOTHING, False),
        ("o.call", NOTHING, NOTHING, False),
    ],
)
def test_who_sees_and_who_decides(
    person: str,
    normal: Sight,
    reserved: Sight,
    decides: bool,  # noqa: FBT001  (a case)
) -> None:
    roles, item = somebody(person), Item()
    assert sight(roles, item, Confidentiality.NORMAL) is normal
    assert sight(roles, item, Confidentiality.RESERVE) is reserved
    assert sight(roles, item, Confidentiality.PERSONAL) is reserved
    assert may_decide(roles, item, Confidentiality.NORMAL) is decides


def test_a_signatory_elsewhere_holds_the_item_and_decides() -> None:
    item = Item(signatory=PersonId("j.head"))
    assert sight(somebody("j.head"), item, Confidentiality.RESERVE) is WHOLE
    assert may_decide(somebody("j.head"), item, Confidentiality.RESERVE)


def test_nobody_opens_a_door_for_themselves() -> None:
    """The mail office fills every service but its own; names and addresses are its head's."""
    clerk, boss, head, agent = map(somebody, ("c.lerk", "c.head", "b.head", "a.gent"))
    assert keeping.may_place(clerk, SITE, "bmi")
    assert not keeping.may_place(clerk, SITE, "courrier")
    assert keeping.may_place(boss, SITE, "courrier")
    assert keeping.may_place(head, SITE, "bmi")
    assert not keeping.may_place(head, SITE, "dre")
    assert not keeping.may_place(agent, SITE, "bmi")
    assert [keeping.may_name(one, SITE) for one in (clerk, boss, head)] == [False, True, False]


def test_absences_are_told_by_the_person_their_head_and_the_mail_office() -> None:
    agent = PEOPLE.people[PersonId("a.gent")]
    told = {
        person: keeping.may_tell_absences(somebody(person), PersonId(person), agent)
        for person in ("a.gent", "b.gent", "b.head", "r.head", "c.lerk")
    }
    assert told == {
        "a.gent": True, "b.gent": False, "b.head": True, "r.head": False, "c.lerk": True
    }  # fmt: skip
