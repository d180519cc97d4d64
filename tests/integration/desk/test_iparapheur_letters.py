"""A letter that is signed at i-Parapheur itself: its id is kept before its circuit begins."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.desk.parapheur.iparapheur import IParapheurBook
from services.desk.parapheur.job import ParapheurRounds, book_of
from services.desk.parapheur.pastell import Pastell
from shared.content.blobs import LocalBlobs
from shared.platform.clock import open_clock
from shared.platform.database import Pool
from shared.site.applied_rules import AppliedRules
from tests import fake_iparapheur, fake_pastell
from tests.desk_browser import desk_settings
from tests.fake_iparapheur import FakeIParapheur
from tests.fake_pastell import Fault, signed
from tests.integration.desk.test_letters_pages import a_prefecture, approved
from tests.integration.desk.test_parapheur_letters import BOOK, NEWEST, Desk
from tests.roles import under_role

REMOTE = "SELECT remote FROM desk.parapheur_letters"


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> Desk:
    place = fake_iparapheur.PLACE
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path, place))
    fake: Any = FakeIParapheur()
    blobs = LocalBlobs(tmp_path)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    rounds = ParapheurRounds(
        pool,
        AppliedRules(),
        blobs,
        clock,
        desk_settings(tmp_path),
        asyncio.Event(),
        book=lambda _, __: fake.client(),
    )
    return Desk(browser, pool, fake, rounds, blobs)


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.SILENT, Fault.AWAY])
async def test_a_letter_whose_start_gets_no_answer_is_signed_once_and_leaves(
    desk: Desk, fault: Fault
) -> None:
    reference = await desk.give()
    desk.fake.fault = lambda request: fault if request.method == "PUT" else None
    await desk.round()
    assert (await desk.state())[0] == "to_send"
    assert await desk.pool.fetchval(REMOTE) in desk.fake.documents, "kept before its circuit began"
    desk.fake.fault = lambda _: None
    await desk.round()
    assert await desk.state() == ("sent", None)
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    page = await desk.browser.page(BOOK)
    assert "signée, revenue le" in page
    assert "Catherine Aubry" in page
    letter = await desk.pool.fetchval(NEWEST)
    given = await desk.browser.get(f"{BOOK}/{letter}/lettre.pdf")
    back = await desk.browser.get(f"{BOOK}/{letter}/signee.pdf")
    assert back.content == signed(given.content)
    left = await desk.browser.to(await desk.act("partie"))
    assert "départ enregistré sous le numéro 36-2026-D-000001" in left
    assert desk.fake.sent(reference) == 1


async def test_a_letter_taken_back_while_it_is_made_there_never_begins_its_circuit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person presses the button between the draft there and its start."""
    reference = await desk.give()
    answers = desk.fake.handle_async_request

    async def meanwhile(request: httpx.Request) -> httpx.Response:
        answer = await answers(request)
        if request.method == "POST" and request.url.path.endswith("/folder"):
            await desk.browser.to(await desk.act("reprendre"))
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(desk.fake, "handle_async_request", meanwhile)
        await desk.rounds.round()
    assert desk.fake.sent(reference) == 0
    await desk.round()
    assert desk.fake.documents == {}
    assert await desk.state() == ("taken_back", None)


def test_each_place_has_the_client_of_its_product(tmp_path: Path) -> None:
    settings = desk_settings(tmp_path)
    assert isinstance(book_of(fake_pastell.PLACE, settings), Pastell)
    assert isinstance(book_of(fake_iparapheur.PLACE, settings), IParapheurBook)
