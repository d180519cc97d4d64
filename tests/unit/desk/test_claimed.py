"""What the claims of an identity provider give: nothing that the site did not write."""

from typing import Any

import pytest

from services.desk.domain import oidc_roles
from services.desk.domain.oidc_roles import RoleGrant
from services.desk.roles import roles_of
from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff.directory import Directory
from shared.site.tables.roles import GivenRoles, Role
from tests.desk_builders import MONDAY, a_site, some_people

BMI = ServiceId("bmi")
AGENT, HEAD = RoleGrant(Role.AGENT, BMI), RoleGrant(Role.HEAD, BMI)
GIVEN = GivenRoles.model_validate(
    {
        "claim": ("groups",),
        "groups": (
            {"value": "PREF36 DCL BMI", "role": "agent", "service": "bmi"},
            {"value": "PREF36-BMI-chef", "role": "head", "service": "bmi"},
            {"value": "PREF36-BMI-chef", "role": "agent", "service": "dre"},
            {"value": "PREF36-SG", "role": "general_secretary"},
        ),
    }
)
WHO: dict[str, Any] = {
    "iss": "https://proconnect.example",
    "sub": "8f2c",
    "given_name": "Zoé",
    "usual_name": "Marty",
    "email": "zoe.marty@prefecture.example",
}


def given(said: object) -> set[str]:
    return set(map(str, oidc_roles.grants({"groups": said}, GIVEN)))


def test_each_value_gives_its_roles() -> None:
    assert given(["PREF36 DCL BMI", "another"]) == {"agent:bmi"}
    assert given(["PREF36-BMI-chef"]) == {"head:bmi", "agent:dre"}
    assert given("PREF36-SG") == {"general_secretary"}, "a single value may stand alone"


@pytest.mark.parametrize(
    "said",
    [
        *(None, True, 36, {"PREF36-SG": True}, [["PREF36-SG"]], [{"value": "PREF36-SG"}], []),
        *(["pref36-sg"], ["PREF36-SG "], ["PREF36-SG\0"], "PREF36-SG PREF36-BMI-chef"),
        *([None, 1, True, b"PREF36-SG"], "PREF36\N{NO-BREAK SPACE}DCL\N{NO-BREAK SPACE}BMI"),
        [f"PREF36-SG{n}" for n in range(10_000)],
    ],
)
def test_what_the_site_did_not_write_gives_nothing(said: object) -> None:
    assert given(said) == set()


def test_one_of_ten_thousand_values_is_found() -> None:
    assert given([*map(str, range(10_000)), "PREF36-SG"]) == {"general_secretary"}


def test_the_list_may_stand_inside_other_claims() -> None:
    nested = GIVEN.model_copy(update={"claim": ("resource_access", "desk", "roles")})
    said = {"resource_access": {"desk": {"roles": ["PREF36-SG"]}}, "roles": ["PREF36-BMI-chef"]}
    assert oidc_roles.grants(said, nested) == {RoleGrant(Role.GENERAL_SECRETARY)}
    for wrong in ({"resource_access": ["desk"]}, {"resource_access": {"desk": "roles"}}, {}):
        assert oidc_roles.grants(wrong, nested) == set()


def test_a_grant_is_kept_as_text_and_read_again() -> None:
    for role_grant in (AGENT, HEAD, RoleGrant(Role.GENERAL_SECRETARY)):
        assert oidc_roles.grant(str(role_grant)) == role_grant


def test_groups_add_to_what_the_site_gives_and_take_nothing_away() -> None:
    people = Directory({PersonId(p.id): p for p in some_people().people}, (), {})
    day = MONDAY.date()
    alone = roles_of(PersonId("r.gent"), a_site(), people, day)
    more = roles_of(PersonId("r.gent"), a_site(), people, day, granted=[HEAD])
    assert (alone.works_in, alone.leads) == ({"dre"}, set())
    assert (more.works_in, more.leads, more.by_group) == ({"dre", "bmi"}, {"bmi"}, {"bmi"})
    office = roles_of(
        PersonId("r.gent"), a_site(), people, day, granted=[RoleGrant(Role.MAIL_OFFICE)]
    )
    assert (office.mail_office, office.leads) == (True, set())


def test_who_it_is_follows_the_provider_under_a_name_that_says_nothing() -> None:
    found = oidc_roles.person(WHO, {BMI}, None)
    assert found is not None
    assert (found.first_name, found.name, found.services) == ("Zoé", "Marty", ("bmi",))
    assert found.id.startswith("oidc-")
    assert "marty" not in found.id
    assert oidc_roles.id_of({**WHO, "email": "z.durand@prefecture.example"}) == found.id
    for other in ({"sub": "8f2d"}, {"iss": "https://other.example"}):
        assert oidc_roles.id_of({**WHO, **other}) != found.id
    written = found.model_copy(update={"capacity": "attachée", "phone": "02", "deputy": "a.gent"})
    later = oidc_roles.person({**WHO, "usual_name": "Marty-Roux"}, set(), written)
    assert later == written.model_copy(update={"name": "Marty-Roux", "services": ()})


@pytest.mark.parametrize(
    "spoilt",
    [
        *(
            {"usual_name": None},
            {"usual_name": "\0 \u200b"},
            {"email": None},
            {"email": ["a@b.fr"]},
        ),
        *({"email": "a@b.fr\0"}, {"email": "a\ud800@b.fr"}, {"email": f"{'a' * 300}@b.fr"}),
        *({"email_verified": False}, {"email_verified": "false"}, {"email_verified": None}),
    ],
)
def test_nobody_comes_in_without_a_name_and_an_address_of_theirs(spoilt: dict[str, Any]) -> None:
    assert oidc_roles.person({**WHO, **spoilt}, {BMI}, None) is None


def test_what_the_provider_says_of_somebody_is_one_short_line() -> None:
    found = oidc_roles.person(
        {**WHO, "given_name": "Zoé\r\nBcc: x\ud800", "usual_name": "M" * 5000}, {BMI}, None
    )
    assert found is not None
    assert (found.first_name, len(found.name)) == ("Zoé Bcc: x", 80)
