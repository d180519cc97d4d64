"""Keys of the API: given, shown once, refused, limited, revoked, never widened."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.webhooks import digest_of_webhooks
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.web.program_requests import UNKNOWN_PER_MINUTE
from tests.desk_browser import Browser, drawn
from tests.integration.desk.programs import (
    FIRST,
    RESERVED,
    Program,
    a_register,
    given,
)

pytestmark = pytest.mark.usefixtures("live_site", "environment")

ITEMS: Final = (KeyScope.ITEMS,)
LETTERS_READ: Final = (KeyScope.ITEMS, KeyScope.CONTENT)
_WAITING: Final = """
    SELECT count(*) FROM pg_locks WHERE relation = 'desk.api_keys'::regclass AND NOT granted
"""
UNTOLD: Final = {"seen": digest_of_webhooks(())}
"""What the form of a key without webhooks says that its reader saw."""
WAITING: Final = "/cles-api/a-confirmer"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


async def test_a_key_that_does_not_hold_opens_nothing(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *ITEMS)
    key = program.token.split("_")[1]
    for token in ("", "x", program.token[:-1] + "!", f"vgm_{key}_{'A' * 43}",
                  f"vgm_{'0' * 12}_{'A' * 43}"):  # fmt: skip
        answer = await Program(desk, token).get("/items", **{"accept-language": "en"})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "no-key"
        assert answer.json()["title"].startswith("Present a key")
    refused = await pool.fetch(
        "SELECT person, page, about FROM desk.journal WHERE what = 'sign-in-refused'"
    )
    assert [tuple(row) for row in refused] == [(None, "/api/v1/items", "")] * 2
    assert "Présentez" in (await Program(desk, "").get("/items")).json()["title"]
    kept = str([tuple(row) for row in await pool.fetch("SELECT * FROM desk.api_keys")])
    assert program.token.split("_", 2)[2] not in kept


async def test_a_key_asks_as_often_as_it_may_and_no_oftener(desk: PageServer) -> None:
    program = await given(desk, *ITEMS, pace=2)
    statuses = [(await program.get("/key")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = await program.get("/key")
    assert 0 < int(refused.headers["retry-after"]) <= 30
    assert (await (await given(desk, *ITEMS)).get("/key")).status_code == 200


async def test_who_must_wait_or_shows_no_key_asks_nothing_of_the_database(desk: PageServer) -> None:
    slow = await given(desk, *ITEMS, pace=1)
    assert (await slow.get("/key")).status_code == 200
    await desk.pool.close()
    assert (await Program(desk, "").get("/key")).status_code == 401
    assert (await slow.get("/key")).status_code == 429
    strange = Program(desk, f"vgm_{'0' * 12}_{'A' * 43}")
    assert (await strange.get("/key")).status_code == 503
    for _ in range(UNKNOWN_PER_MINUTE):
        refused = await Program(desk, "").get("/key")
    assert refused.status_code == 429
    assert (await strange.get("/key")).status_code == 429


async def test_a_fourth_request_at_once_is_refused_and_three_are_answered(
    desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, *ITEMS)
    async with transaction(pool) as connection:
        await connection.execute("LOCK TABLE desk.api_keys IN ACCESS EXCLUSIVE MODE")
        asked = [asyncio.create_task(program.get("/key")) for _ in range(3)]
        async with asyncio.timeout(120):
            while (await connection.fetchval(_WAITING)) < 3:  # noqa: ASYNC110  (no event says it)
                await asyncio.sleep(0.05)
        fourth = await program.get("/key")
    assert (fourth.status_code, fourth.json()["code"]) == (503, "busy")
    assert int(fourth.headers["retry-after"]) >= 1
    assert [(await answer).status_code for answer in asked] == [200] * 3
    assert (await program.get("/key")).status_code == 200


@pytest.fixture
async def administrator(desk: PageServer) -> AsyncIterator[Browser]:
    browser = await Browser(desk).sign_in(None, administrator=True)
    yield browser
    await browser.client.aclose()


async def test_an_administrator_gives_a_key_sees_it_once_and_revokes_it(
    administrator: Browser, pool: Pool
) -> None:
    form = {**drawn(await administrator.page("/cles-api"), "/cles-api"), "label": "Pastell"}
    for wrong, sentence in (
        ({}, "Cochez au moins une chose"),
        ({"scopes": "items"}, "Cochez au moins un service"),
        ({"scopes": "items", "services": "bmi", "last": "2026-05-11"}, "un an au plus"),
        ({"scopes": "items", "services": "bmi", "last": "2027-06-01"}, "un an au plus"),
        ({"scopes": "items", "services": "bmi", "per_minute": "0"}, "Choisissez de 1 à 6000"),
    ):
        refused = await administrator.send("/cles-api", "/cles-api", {**form, **wrong})
        assert refused.status_code == 422
        assert sentence in refused.text
    wish = {**form, "scopes": ["items", "content"], "services": ["bmi"]}
    decision = str(uuid4())
    answer = await administrator.send("/cles-api", "/cles-api", wish, decision=decision)
    assert answer.status_code == 200, answer.text
    token = answer.text.split("<code>vgm_")[1].split("</code>")[0]
    program = Program(administrator.pages, f"vgm_{token}")
    assert (await program.get("/key")).json()["code"] == "unconfirmed"
    again = await administrator.send("/cles-api", "/cles-api", wish, decision=decision)
    assert again.status_code == 422
    assert "vient d’être créée" in again.text
    head = await Browser(administrator.pages).sign_in("b.head")
    await head.send(WAITING, f"/cles-api/{token.partition('_')[0]}/confirmer", UNTOLD)
    await head.client.aclose()
    can = (await program.get("/key")).json()
    assert (can["scopes"], can["services"], can["label"]) == (
        ["content", "items"],
        ["bmi"],
        "Pastell",
    )
    assert (await program.get(f"/items/{RESERVED}")).status_code == 404
    after = await administrator.page("/cles-api")
    assert token.partition("_")[2] not in after
    key = token.partition("_")[0]
    assert key in after
    revoked = await administrator.send("/cles-api", f"/cles-api/{key}/revoquer")
    assert "révoquée le" in await administrator.to(revoked)
    assert (await program.get("/key")).status_code == 401
    twice = await administrator.send("/cles-api", f"/cles-api/{key}/revoquer")
    assert twice.status_code == 422
    lines = await pool.fetch("SELECT what, about FROM desk.journal WHERE what LIKE 'key-%'")
    assert [tuple(row) for row in lines] == [
        ("key-given", key),
        ("key-confirmed", key),
        ("key-revoked", key),
    ]


@pytest.mark.parametrize(
    ("scopes", "services", "refused", "confirms"),
    [
        (LETTERS_READ, ("bmi",), ("a.gent", "r.head", "q.officer"), "b.head"),
        (LETTERS_READ, ("bmi", "dre"), ("b.head", "r.head"), "d.rector"),
        ((*LETTERS_READ, KeyScope.RESERVED), ("bmi",), ("b.head", "d.rector"), "s.general"),
        (LETTERS_READ, None, ("b.head", "d.rector"), "s.general"),
    ],
)
async def test_a_key_that_reads_letters_waits_for_somebody_who_reads_them(
    desk: PageServer,
    pool: Pool,
    scopes: tuple[KeyScope, ...],
    services: tuple[str, ...] | None,
    refused: tuple[str, ...],
    confirms: str,
) -> None:
    program = await given(desk, *scopes, services=services, confirmed=False)
    key = program.token.split("_")[1]
    for path in ("/key", "/items", f"/items/{FIRST}"):
        answer = await program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "unconfirmed")
    for who in (*refused, confirms):
        browser = await Browser(desk).sign_in(who)
        shown = await browser.page(WAITING)
        assert (key in shown) is (who == confirms)
        answer = await browser.send(WAITING, f"/cles-api/{key}/confirmer", UNTOLD)
        assert answer.status_code == (303 if who == confirms else 422)
        assert (await program.get("/key")).status_code == (200 if who == confirms else 403)
        await browser.client.aclose()
    lines = await pool.fetch("SELECT person, about FROM desk.journal WHERE what = 'key-confirmed'")
    assert [tuple(row) for row in lines] == [(confirms, key)]


async def test_neither_whoever_gave_a_key_nor_the_local_account_confirms_it(
    desk: PageServer, administrator: Browser, pool: Pool
) -> None:
    program = await given(desk, *LETTERS_READ, confirmed=False, by="person:b.head")
    key = program.token.split("_")[1]
    head = await Browser(desk).sign_in("b.head")
    assert key not in await head.page(WAITING)
    own = await head.send(WAITING, f"/cles-api/{key}/confirmer", UNTOLD)
    await head.client.aclose()
    assert own.status_code == 422
    assert "Il faut deux personnes" in own.text
    alone = await administrator.send("/cles-api", f"/cles-api/{key}/confirmer", UNTOLD)
    assert alone.status_code == 403
    assert (await program.get("/key")).status_code == 403
    for who in ("person:b.head", "account:local"):
        with pytest.raises(Exception, match="check constraint"):
            await pool.execute(
                "UPDATE desk.api_keys SET confirmed_by = $1, confirmed_at = now()", who
            )


def test_a_command_gives_lists_and_revokes_a_key_as_the_page_does(postgres_url: str) -> None:
    del postgres_url

    def typed(*words: str) -> Result:
        return CliRunner().invoke(main, ["desk", "api-keys", *words], catch_exceptions=False)

    assert typed("list").output == "No key yet.\n"
    asked = ("give", "--label", "Pastell", "--scope", "items")
    assert typed(*asked, "--service", "bmi", "--days", "99999999").exit_code == 2
    assert typed(*asked, "--service", "bmi", "--per-minute", "0").exit_code == 2
    reads = typed(*asked, "--scope", "content", "--service", "bmi")
    assert reads.exit_code == 0
    assert "waits for a second person" in reads.stderr
    assert "waits for a second person" in typed("list").output
    assert typed(*asked).exit_code == 2
    assert "Name services of this site" in typed(*asked, "--service", "nowhere").output
    token = typed(*asked, "--service", "bmi", "--days", "30").output.strip()
    key = token.split("_")[1]
    assert f"{key}  until " in typed("list").output
    assert token.split("_", 2)[2] not in typed("list").output
    assert typed("revoke", key).output == f"{key} is revoked.\n"
    assert "holds no more" in typed("list").output
    assert typed("revoke", key).exit_code == 1


async def test_nobody_widens_a_key_nor_gives_a_revoked_one_back(
    desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, *LETTERS_READ)
    key = program.token.split("_")[1]
    for change in (
        "confirmed_by = NULL, confirmed_at = NULL",
        "decision = gen_random_uuid()",
        "scopes = '{items,reserved}'",
        "services = NULL",
        "expires_at = expires_at + interval '1 day'",
        f"digest = '{'0' * 64}'",
    ):
        with pytest.raises(Exception, match="never widened"):
            await pool.execute(f"UPDATE desk.api_keys SET {change} WHERE key = $1", key)  # noqa: S608  (ours)
    await pool.execute(
        "UPDATE desk.api_keys SET revoked_by = 'account:local', revoked_at = now() WHERE key = $1",
        key,
    )
    with pytest.raises(Exception, match="never widened"):
        await pool.execute(
            "UPDATE desk.api_keys SET revoked_by = NULL, revoked_at = NULL WHERE key = $1", key
        )
    with pytest.raises(Exception, match="never widened"):
        await pool.execute("DELETE FROM desk.api_keys WHERE key = $1", key)
