"""Keys of the API: how a token is read, what a key knows of, how often it may ask; pure."""

from datetime import UTC, datetime, timedelta

import pytest

from services.desk.api.domain.key_roles import roles_of_key
from services.desk.api.domain.keys import (
    ApiKey,
    KeyScope,
    scopes_of,
)
from shared.web.allowance import MOST_KNOWN, Allowances
from shared.web.application_tokens import KeyId, digest_of, matches, parse_authorization, token_of
from shared.web.problem_details import preferred_language
from tests.desk_builders import a_site

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
SECRET = "A" * 42 + "_"
KEY = ApiKey(
    key=KeyId("0123456789ab"),
    label="Un logiciel",
    scopes=frozenset({KeyScope.ITEMS}),
    services=frozenset({"bmi"}),
    per_minute=60,
    given_by="account:local",
    given_at=NOW,
    expires_at=NOW + timedelta(days=1),
)


def test_a_token_is_read_from_its_header_and_matches_its_digest_alone() -> None:
    token = parse_authorization(f"Bearer {token_of(KEY.key, SECRET)}")
    assert token is not None
    assert (token.key, token.secret) == ("0123456789ab", SECRET)
    assert matches(token, digest_of(SECRET))
    assert not matches(token, digest_of(SECRET.swapcase()))
    assert not matches(token, "0" * 64)


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer x", f"Basic vgm_0123456789ab_{SECRET}"),
        f"Bearer vgm_0123456789AB_{SECRET}",
        f"Bearer vgm_0123456789ab_{SECRET}é",
        f"Bearer vgm_0123456789ab_{SECRET[1:]}",
    ],
)
def test_anything_else_is_no_token(header: str | None) -> None:
    assert parse_authorization(header) is None


def test_a_key_holds_until_it_expires_or_is_revoked() -> None:
    assert KEY.holds(NOW)
    assert not KEY.holds(KEY.expires_at)


def test_a_scope_of_a_later_version_gives_nothing() -> None:
    assert scopes_of(["items", "everything"]) == {KeyScope.ITEMS}


@pytest.mark.parametrize(
    ("services", "scopes", "works_in", "reads"),
    [
        ({"bmi"}, {KeyScope.CONTENT}, {"bmi"}, set()),
        ({"bmi", "gone"}, {KeyScope.RESERVED}, {"bmi"}, {"bmi"}),
        (None, {KeyScope.ITEMS}, {"bmi", "courrier", "dre", "juridique"}, set()),
    ],
)
def test_a_key_is_a_colleague_of_its_services_and_no_more(
    services: set[str] | None, scopes: set[KeyScope], works_in: set[str], reads: set[str]
) -> None:
    key = ApiKey(
        key=KEY.key, label="x", scopes=frozenset(scopes),
        services=None if services is None else frozenset(services), per_minute=1,
        given_by="account:local", given_at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    roles = roles_of_key(key, a_site())
    assert roles.works_in == works_in
    assert roles.reads == reads
    assert not roles.everything
    assert not roles.persons


def test_a_bucket_lets_its_minute_through_then_makes_wait_and_fills_again() -> None:
    asked = Allowances()
    assert [asked.ask("a", 2, NOW) for _ in range(3)] == [0, 0, 30]
    assert asked.ask("b", 2, NOW) == 0
    assert asked.ask("a", 2, NOW + timedelta(seconds=29)) == 1
    assert asked.ask("a", 2, NOW + timedelta(seconds=30)) == 0
    assert asked.ask("a", 2, NOW + timedelta(minutes=10)) == 0
    assert asked.ask("a", 2, NOW + timedelta(minutes=10)) == 0
    assert asked.ask("a", 2, NOW + timedelta(minutes=10)) == 30


def test_a_name_is_told_to_wait_without_being_counted() -> None:
    asked = Allowances()
    assert asked.wait("a", NOW) == 0
    assert [asked.ask("a", 2, NOW) for _ in range(2)] == [0, 0]
    assert [asked.wait("a", NOW) for _ in range(2)] == [30, 30]
    assert asked.wait("a", NOW + timedelta(seconds=30)) == 0


def test_who_asked_most_is_not_forgotten_where_too_many_ask() -> None:
    asked = Allowances()
    assert [asked.ask("a", 2, NOW) for _ in range(3)] == [0, 0, 30]
    for n in range(MOST_KNOWN):
        assert asked.ask(f"address:{n}", 30, NOW) == 0
    assert asked.ask("a", 2, NOW) == 30


@pytest.mark.parametrize(
    ("header", "tongue"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("de, en;q=0.4", "en"),
        ("en;q=0.4, fr-FR;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("en;q=x", "fr"),
        ("en;q=0, de", "fr"),
    ],
)
def test_a_problem_is_said_in_the_language_that_is_preferred(
    header: str | None, tongue: str
) -> None:
    assert preferred_language(header) == tongue
