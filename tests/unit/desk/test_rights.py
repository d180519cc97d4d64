"""Who sees what of an item, and who decides: by hand, one line a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from services.desk.pages.people import permissions
from services.desk.rights import Right, Sight, may, may_decide, may_prove, sight
from services.desk.roles import Roles, roles_of
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.people import Absence
from tests.desk_builders import a_site, a_site_whose_deputies, some_people

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


def standing_in(away: str, deputy: str, site: Site = SITE) -> Roles:
    person = PEOPLE.people[PersonId(away)].model_copy(update={"deputy": deputy})
    people = {**PEOPLE.people, PersonId(away): person}
    absence = Absence(person=away, first=DAY, last=DAY)
    return roles_of(PersonId(deputy), site, Directory(people, (absence,), {}), DAY)


def can(roles: Roles, item: Item, what: Right) -> tuple[Sight, Sight, bool, bool, bool]:
    normal, reserved = Confidentiality.NORMAL, Confidentiality.RESERVE
    return (
        sight(roles, item, normal),
        sight(roles, item, reserved),
        may_decide(roles, item, normal),
        may_prove(roles, item),
        may(roles, what),
    )


DAILY: Sequence[tuple[str, str, Right]] = (
    ("s.general", "r.gent", Right.WATCH),
    ("b.head", "r.gent", Right.LEAD),
    ("d.rector", "r.gent", Right.WATCH),
)


@pytest.mark.parametrize(("away", "deputy", "right"), DAILY)
def test_a_deputy_sees_and_decides_daily_and_neither_proves_nor_reads_what_is_reserve(
    away: str, deputy: str, right: Right
) -> None:
    item = Item(copies=(), informed=())
    assert can(standing_in(away, deputy), item, right) == (WHOLE, NOTHING, True, False, True)
    assert not may(standing_in(away, deputy), Right.PROVE)
    assert can(somebody(deputy), item, right) == (NOTHING, NOTHING, False, False, False)


def test_a_deputy_of_the_quality_officer_reads_and_proves_nothing() -> None:
    roles = standing_in("q.officer", "r.gent")
    assert sight(roles, Item(informed=()), Confidentiality.NORMAL) is WHOLE
    assert not may(roles, Right.PROVE)
    assert not may_prove(roles, Item())


def test_the_quality_officer_and_the_deputy_write_in_the_quality_system_and_nobody_else() -> None:
    assert may(somebody("q.officer"), Right.IMPROVE)
    assert may(standing_in("q.officer", "r.gent"), Right.IMPROVE)
    for person in ("s.general", "d.rector", "b.head", "r.gent"):
        assert not may(somebody(person), Right.IMPROVE)


def test_a_deputy_of_an_agent_reads_what_the_agent_holds_save_what_is_reserve() -> None:
    roles, item = standing_in("a.gent", "j.head"), Item(copies=(), informed=())
    assert sight(roles, item, Confidentiality.NORMAL) is WHOLE
    assert sight(roles, item, Confidentiality.RESERVE) is NOTHING


@pytest.mark.parametrize(
    ("function", "away"),
    [("general_secretary", "s.general"), ("head", "b.head"), ("director", "d.rector")],
)
def test_where_the_site_says_so_a_deputy_reads_what_is_reserve_and_proves(
    function: str, away: str
) -> None:
    item = Item(copies=(), informed=())
    reads = standing_in(away, "r.gent", a_site_whose_deputies(**{function: (StandIn.RESERVED,)}))
    assert (sight(reads, item, Confidentiality.RESERVE), may_prove(reads, item)) == (WHOLE, False)
    proves = standing_in(away, "r.gent", a_site_whose_deputies(**{function: (StandIn.PROOF,)}))
    assert (sight(proves, item, Confidentiality.RESERVE), may_prove(proves, item)) == (
        NOTHING,
        True,
    )


def test_what_somebody_is_themselves_is_not_lent_by_standing_in_too() -> None:
    roles = standing_in("s.general", "b.head")
    assert sight(roles, Item(copies=(), informed=()), Confidentiality.RESERVE) is WHOLE
    assert roles.proves_in >= {"bmi"}
    assert roles.governs == {"bmi"}
    assert not roles.proves


def test_nobody_opens_a_door_for_themselves() -> None:
    """The mail office fills every service but its own; names and addresses are its head's."""
    clerk, boss, head, agent = map(somebody, ("c.lerk", "c.head", "b.head", "a.gent"))
    administrator = Roles(frozenset(), administrator=True)
    assert permissions.may_place(clerk, SITE, "bmi")
    assert not permissions.may_place(clerk, SITE, "courrier")
    assert permissions.may_place(boss, SITE, "courrier")
    assert permissions.may_place(head, SITE, "bmi")
    assert not permissions.may_place(head, SITE, "dre")
    assert not permissions.may_place(agent, SITE, "bmi")
    assert not any(
        permissions.may_place(administrator, SITE, service_id) for service_id in SITE.service
    )
    named = [permissions.may_name(roles, SITE) for roles in (clerk, boss, head, administrator)]
    assert named == [False, True, False, True]


def test_who_stands_in_for_the_head_of_the_mail_office_tends_no_names() -> None:
    roles = standing_in("c.head", "c.lerk")
    assert "courrier" in roles.leads
    assert not permissions.may_name(roles, SITE)
    assert not permissions.may_place(roles, SITE, "courrier")


def test_nobody_is_away_themselves_while_they_note_whom_they_stand_in_for() -> None:
    """An own absence that ends first, or is cancelled, would open what the check had not seen."""
    general = PEOPLE.people[PersonId("s.general")].model_copy(update={"deputy": "b.head"})
    people = {**PEOPLE.people, PersonId("s.general"): general}
    own = Absence(person="b.head", first=DAY, last=DAY)
    theirs = Absence(person="s.general", first=DAY, last=date(2026, 5, 29))
    before, after = Directory(people, (own,), {}), Directory(people, (own, theirs), {})
    assert permissions.gains(PersonId("b.head"), SITE, before, after, DAY)


def test_what_passes_on_of_one_function_opens_nothing_of_another() -> None:
    """The SG who heads a service as well: a head's deputy does not read all that is réservé."""
    site = a_site_whose_deputies(head=(StandIn.RESERVED,))
    rows = [
        row.model_copy(update={"head": "s.general"}) if row.id == "dre" else row
        for row in site.services.services
    ]
    services = site.services.model_copy(update={"services": rows})
    roles = standing_in("s.general", "r.gent", site.model_copy(update={"services": services}))
    there = Item(service=ServiceId("dre"), copies=(), informed=(), agent=None)
    elsewhere = Item(copies=(), informed=(), agent=None)
    assert sight(roles, there, Confidentiality.RESERVE) is WHOLE
    assert sight(roles, elsewhere, Confidentiality.RESERVE) is NOTHING
