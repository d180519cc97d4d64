"""What passes to a deputy goes by function: of whom holds two, each passes its own alone."""

from datetime import date

import pytest

from services.desk.letters.domain.approval import readers
from services.desk.roles import roles_of
from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff.deputies import Function, passes_in_person, trusted_people
from shared.site.staff.directory import Directory
from shared.site.staff.roads import Road, reader_of_roots, roads
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.people import Absence
from tests.desk_builders import a_site_whose_deputies, some_people

DAY = date(2026, 5, 12)
GENERAL, DEPUTY, DRE = "s.general", "r.gent", ServiceId("dre")


def two_functions(**deputies: tuple[StandIn, ...]) -> Site:
    """The secretary general heads dre as well and is its quality officer."""
    site = a_site_whose_deputies(**deputies)
    rows = tuple(
        row.model_copy(update={"head": GENERAL}) if row.id == DRE else row
        for row in site.services.services
    )
    services = site.services.model_copy(update={"services": rows})
    identity = site.identity.model_copy(update={"quality_officer": GENERAL})
    return site.model_copy(update={"services": services, "identity": identity})


def away() -> Directory:
    people = {PersonId(person.id): person for person in some_people().people}
    people[PersonId(GENERAL)] = people[PersonId(GENERAL)].model_copy(update={"deputy": DEPUTY})
    return Directory(people, (Absence(person=GENERAL, first=DAY, last=DAY),), {})


@pytest.mark.parametrize("function", [Function.HEAD, Function.GENERAL_SECRETARY])
@pytest.mark.parametrize("trusting", [Function.HEAD, Function.GENERAL_SECRETARY])
def test_a_deputy_has_by_a_function_what_that_function_passes_on(
    function: Function, trusting: Function
) -> None:
    site = two_functions(**{trusting: (StandIn.PROOF,)})
    found = trusted_people([(GENERAL, function)], StandIn.PROOF, site, away(), DAY)
    expected = {GENERAL, DEPUTY} if function is trusting else {GENERAL}
    assert found == expected


def test_the_deputy_of_a_head_who_is_secretary_too_approves_no_letter_of_all_services() -> None:
    site = two_functions(head=(StandIn.RULES,))
    assert DEPUTY in readers(DRE, site, away(), DAY).approvers
    assert DEPUTY not in readers(None, site, away(), DAY).approvers


def test_the_root_goes_to_the_deputy_of_the_quality_officer_alone() -> None:
    general = PersonId("q.officer")
    site = two_functions(head=(StandIn.PROOF,))
    site = site.model_copy(
        update={"identity": site.identity.model_copy(update={"general_secretary": general})}
    )
    kept = reader_of_roots(Road.QUALITY_OFFICER, site, away(), DAY)
    assert kept is not None
    assert kept.person.id == GENERAL, "a head's deputy, by his being a head"
    trusting = site.identity.model_copy(
        update={"deputies": two_functions(quality_officer=(StandIn.PROOF,)).identity.deputies}
    )
    passed = reader_of_roots(
        Road.QUALITY_OFFICER, site.model_copy(update={"identity": trusting}), away(), DAY
    )
    assert passed is not None
    assert passed.person.id == DEPUTY


def test_a_site_has_a_road_for_each_of_its_two_persons_and_one_outside() -> None:
    site = a_site_whose_deputies()
    assert roads(site) == (Road.QUALITY_OFFICER, Road.GENERAL_SECRETARY)
    outside = site.identity.model_copy(update={"roots_address": "empreintes@archives.example"})
    assert roads(site.model_copy(update={"identity": outside})) == tuple(Road)
    one = site.identity.model_copy(update={"general_secretary": site.identity.quality_officer})
    assert roads(site.model_copy(update={"identity": one})) == (Road.QUALITY_OFFICER,)


def test_what_somebody_holds_in_person_passes_by_every_function_of_theirs_or_not_at_all() -> None:
    """Nothing says by which of them an item came to be theirs."""
    every = {"head", "general_secretary", "quality_officer"}
    for lacking in every:
        site = two_functions(**dict.fromkeys(every - {lacking}, (StandIn.RESERVED,)))
        assert not passes_in_person(GENERAL, StandIn.RESERVED, site)
        assert GENERAL not in roles_of(PersonId(DEPUTY), site, away(), DAY).readers
    site = two_functions(**dict.fromkeys(every, (StandIn.RESERVED,)))
    assert GENERAL in roles_of(PersonId(DEPUTY), site, away(), DAY).readers
    assert passes_in_person("a.gent", StandIn.RESERVED, a_site_whose_deputies()) is False
    trusting = a_site_whose_deputies(agent=(StandIn.RESERVED,))
    assert passes_in_person("a.gent", StandIn.RESERVED, trusting)
    assert not passes_in_person("o.call", StandIn.RESERVED, trusting), "named, and no agent"
