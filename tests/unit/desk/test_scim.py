"""SCIM as directories write it: filters, patches of Entra ID and Keycloak, and what is none."""

from typing import Any

import pytest

from services.desk.api.domain import scim
from services.desk.api.domain.scim import ScimRefusal, UserFilter

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


def patch(*operations: object) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('userName eq "m.perrot@indre.example"', UserFilter(address="m.perrot@indre.example")),
        ('USERNAME EQ "a@b.example"', UserFilter(address="a@b.example")),
        (f'{CORE}:userName eq "a@b.example"', UserFilter(address="a@b.example")),
        ('emails[type eq "work"].value eq "a@b.example"', UserFilter(address="a@b.example")),
        ('emails.value eq "a@b.example"', UserFilter(address="a@b.example")),
        (r'userName eq "a\"b"', UserFilter(address='a"b')),
        ('id eq "m.perrot"', UserFilter(id="m.perrot")),
        ('externalId eq "4711"', UserFilter()),
        (r'userName eq "\u0000"', UserFilter()),
        (r'id eq "\ud800"', UserFilter()),
        (f'userName eq "{"x" * 400}"', UserFilter()),
    ],
)
def test_filters_of_addresses_and_ids_are_understood(text: str, found: UserFilter) -> None:
    assert scim.parse_filter(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "userName", 'userName sw "a"', 'userName eq "a" or userName eq "b"', "id eq 3"),
        *('password eq "x"', 'userName eq "a', r'userName eq "\x"', 'userName eq "a" ; DROP'),
        "(" * 3_000 + 'userName eq "a"' + ")" * 3_000,
    ],
)
def test_any_other_filter_is_refused_in_a_word_of_scim(text: str) -> None:
    with pytest.raises(ScimRefusal) as refused:
        scim.parse_filter(text)
    assert (refused.value.status, refused.value.word) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("operations", "active"),
    [
        ([{"op": "Replace", "path": "active", "value": "False"}], False),
        ([{"op": "replace", "path": "active", "value": False}], False),
        ([{"op": "replace", "value": {"active": False}}], False),
        ([{"op": "Add", "path": "active", "value": "True"}], True),
        ([{"op": "replace", "value": {f"{CORE}:active": "false"}}], False),
        ([{"op": "replace", "path": f"{CORE}:active", "value": False}], False),
        ([{"op": "replace", "path": "active", "value": [{"value": "False"}]}], False),
        ([{"OP": "replace", "Path": "Active", "Value": False}], False),
        ([{"op": "replace", "path": "displayName", "value": "X"}], None),
        ([{"op": "remove", "path": "title"}], None),
        (
            [
                {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "x@y.example"},
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "Replace", "path": "name.familyName", "value": "Z"},
            ],
            False,
        ),
        ([], None),
    ],
)
def test_patches_of_entra_and_keycloak_say_who_is_active(
    operations: list[object], active: object
) -> None:
    assert scim.active_after(patch(*operations)) is active


@pytest.mark.parametrize(
    "said",
    [
        *(None, [], "x", 3, {}, {"Operations": {}}, {"Operations": "x"}, patch("x"), patch(None)),
        *(patch({}), patch({"op": 3}), patch({"op": "drop", "path": "active"})),
        patch({"op": "replace", "path": ["active"], "value": False}),
        patch({"op": "replace", "path": "active", "value": "no"}),
        patch({"op": "replace", "path": "active", "value": 0}),
        patch({"op": "replace", "path": "active", "value": None}),
        patch({"op": "replace", "path": "active"}),
        patch({"op": "remove", "path": "active"}),
        patch(*[{"op": "replace", "path": "active", "value": True}] * 101),
    ],
)
def test_what_is_no_patch_is_refused(said: object) -> None:
    with pytest.raises(ScimRefusal) as refused:
        scim.active_after(said)
    assert refused.value.status in {400, 413}


def test_a_whole_user_says_it_too_and_a_post_needs_an_address() -> None:
    assert scim.active_of({"userName": "a", "Active": "False"}) is False
    assert scim.active_of({"userName": "a"}) is None
    assert scim.address_of({"UserName": "a@b.example"}) == "a@b.example"
    wrong: tuple[object, ...] = ([], {}, {"userName": 3}, {"userName": ""})
    for said in wrong:
        with pytest.raises(ScimRefusal):
            scim.address_of(said)
