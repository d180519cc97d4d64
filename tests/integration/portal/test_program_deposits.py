"""What programs deposit by their key: once, within limits, as the form keeps it."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemathesis.core.failures import FailureGroup

from services.desk.api.domain.keys import BY_TWO, KeyScope
from services.desk.api.key_service import KeyService
from services.desk.store.access_journal import JournalLine, What
from services.portal.pages.program_openapi import openapi_document
from services.portal.pages.program_server import MOST, ProgramServer
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY
from tests.fake_clamd import EICAR, clamd
from tests.integration.desk.test_api import CHECKS
from tests.integration.desk.test_hostile_requests import requests, served_at
from tests.integration.portal.depositors import PATH, PDF, SAID, a_file, a_key, sent, shown_half
from tests.integration.portal.public_deposits import deposited
from tests.portal_browser import HOME, Visitor, public_pages

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def portal(pool: Pool, story_clock: Clock, tmp_path: Path) -> Visitor:
    return Visitor(public_pages(pool, story_clock, tmp_path))


async def test_a_deposit_is_kept_before_its_receipt_and_only_once(
    portal: Visitor, register: Pool, tmp_path: Path
) -> None:
    token = await a_key(register)
    both = await asyncio.gather(*(sent(portal, token, files=[a_file()]) for _ in range(2)))
    assert [answer.status_code for answer in both] == [202, 202]
    first = both[0]
    assert both[1].text == first.text
    (deposit,) = deposited(tmp_path)
    assert (deposit.name, deposit.email, deposit.service, deposit.application) == (
        *("Renée Dupont", "renee@exemple.fr", "bmi", shown_half(token)),
    )
    assert (deposit.complaint, deposit.subject) == (False, "Attestation")
    assert [(file.name, file.media_type) for file in deposit.files] == [
        ("pièce.pdf", "application/pdf")
    ]
    number = first.json()["number"]
    assert first.json() == {
        "deposit": str(deposit.id),
        "number": number,
        "follow": f"{HOME}/formulaire/depot/{deposit.id}",
    }
    assert number in await portal.page(f"/formulaire/depot/{deposit.id}")
    assert (await sent(portal, token, files=[a_file()])).text == first.text
    other = await sent(portal, token, message="Autre chose.")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-other")
    assert len(deposited(tmp_path)) == 1
    assert (await sent(portal, token, once="b", message="Autre chose.")).status_code == 202
    assert len(deposited(tmp_path)) == 2
    # What another key says under the same word is another deposit.
    assert (await sent(portal, await a_key(register), files=[a_file()])).status_code == 202
    assert len(deposited(tmp_path)) == 3


async def test_what_a_key_deposits_is_counted_once(
    pool: Pool, register: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    pages, counted = public_pages(pool, story_clock, tmp_path), Counter[str]()
    programs = ProgramServer(counted=lambda key: counted.update([key]))
    portal = Visitor(replace(pages, programs=programs))
    first, second = await a_key(register), await a_key(register)
    for token, once in ((first, "a"), (first, "a"), (first, "b"), (second, "a")):
        assert (await sent(portal, token, once=once)).status_code == 202
    assert (await sent(portal, first, once="c", message="")).status_code == 422
    assert counted == {shown_half(first): 2, shown_half(second): 1}


async def test_only_a_key_that_deposits_does_and_for_its_services(
    portal: Visitor, register: Pool, tmp_path: Path
) -> None:
    ours = await a_key(register, services=("bmi",))
    reads = await a_key(register, *(scope for scope in KeyScope if scope is not KeyScope.DEPOSIT))
    for token in (reads, f"{ours[:-1]}{'x' if ours[-1] != 'x' else 'y'}", "",
                  "vgm_0123456789ab_" + "x" * 43):  # fmt: skip
        answer = await sent(portal, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "no-key")
        assert answer.headers["content-type"] == "application/problem+json"
    for service in ("", "dre"):
        answer = await sent(portal, ours, service=service)
        assert (answer.status_code, answer.json()["errors"]) == (
            *(422, [{"field": "service", "error": "not-of-this-key"}]),
        )
    assert (await sent(portal, ours)).status_code == 202
    async with transaction(register) as connection:
        line = JournalLine(TODAY, What.KEY_GIVEN, None, None, "tests")
        await KeyService(connection, "account:local", line).revoke(shown_half(ours), TODAY)
    assert (await sent(portal, ours)).status_code == 401
    assert len(deposited(tmp_path)) == 1


async def test_a_key_that_waits_for_a_second_person_deposits_nothing_yet(
    portal: Visitor, register: Pool, pool: Pool
) -> None:
    for scope in KeyScope:
        token = await a_key(register, KeyScope.DEPOSIT, scope)
        known = {row["key"] for row in await pool.fetch("SELECT key FROM portal.deposit_keys")}
        assert (shown_half(token) in known) == (scope not in BY_TWO), scope
        await register.execute(
            "UPDATE desk.api_keys SET confirmed_by = 'person:s.general', confirmed_at = $2"
            " WHERE key = $1",
            shown_half(token),
            TODAY,
        )
        assert (await sent(portal, token)).status_code == 202, scope


async def test_a_key_past_its_last_day_deposits_nothing(
    portal: Visitor, register: Pool, tmp_path: Path
) -> None:
    token = await a_key(register, days=0)
    assert (await sent(portal, token)).status_code == 401
    assert deposited(tmp_path) == []


async def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(
    portal: Visitor, register: Pool, tmp_path: Path
) -> None:
    token = await a_key(register)
    for more, field in (
        ({"message": ""}, "message"),
        ({"message": "\u202e"}, "message"),
        ({"email": "personne"}, "email"),
        ({"service": "nowhere"}, "service"),
        ({"nature": "reclamation"}, "nature"),
        ({"more": "x"}, "more"),
        ({"files": [{"name": "a.pdf", "content": "é"}]}, "files"),
        ({"files": [a_file(b"MZ un programme")]}, "files"),
        ({"files": [a_file()] * 6}, "files"),
    ):
        answer = await sent(portal, token, **more)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), more
    program = {"authorization": f"Bearer {token}"}
    without = await portal.client.post(PATH, json=SAID, headers=program)
    assert (without.status_code, without.json()["code"]) == (400, "idempotency-key")
    declared = {**program, "idempotency-key": "l", "content-length": str(MOST + 1)}
    large = await portal.client.post(PATH, content=b"{", headers=declared)
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    assert deposited(tmp_path) == []
    # None of these used up its word.
    assert (await sent(portal, token)).status_code == 202
    for path in ("/api/v1/items", "/api/v1/depots/x", "/api/v1/%0A"):
        elsewhere = await portal.get(path)
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not-found")
    asked = await portal.get(PATH, **{"accept-language": "en"})
    assert (asked.status_code, asked.json()["title"]) == (
        *(405, "This address does not take this method."),
    )


async def test_who_asks_too_often_waits_and_an_infected_file_is_refused_until_it_is_mended(
    pool: Pool, register: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    async with clamd() as address:
        portal = Visitor(public_pages(pool, story_clock, tmp_path, clamd=address))
        token = await a_key(register, pace=2)
        refused = await sent(portal, token, files=[a_file(PDF + EICAR)])
        (wrong,) = refused.json()["errors"]
        assert (refused.status_code, wrong["field"]) == (422, "files")
        assert "programme malveillant" in wrong["error"]
        assert deposited(tmp_path) == []
        assert (await sent(portal, token, files=[a_file()])).status_code == 202
    late = await sent(portal, token, once="c")
    assert (late.status_code, late.json()["code"]) == (429, "pace")
    assert int(late.headers["retry-after"]) > 0


def _short(schema: Any) -> Any:
    """The same document with shorter texts: to draw long ones takes long, and says no more."""
    if isinstance(schema, list):
        return [_short(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: min(part, 100) if name == "maxLength" else _short(part)
        for name, part in schema.items()
    }


async def test_no_deposit_breaks_what_the_document_promises(
    portal: Visitor, register: Pool
) -> None:
    token = await a_key(register, pace=6000)

    def broken(url: str) -> tuple[list[str], int]:
        wrong, asked = list[str](), 0
        for case in requests(_short(openapi_document())):
            asked += 1
            case.headers = {**(case.headers or {}), "authorization": f"Bearer {token}"}
            answer = case.call(base_url=f"{url}/api/v1")
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as error:
                wrong.append(f"{error.exceptions}")
        return wrong, asked

    async for url in served_at(portal.pages.app):
        wrong, asked = await asyncio.to_thread(broken, url)
    assert wrong == []
    assert asked > 1
