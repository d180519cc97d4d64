"""What is given to the parapheur is what leaves from it, of an item that is still the same."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.desk.decider import Decider
from services.desk.domain.decisions import Command
from services.desk.domain.decisions.closure import Close
from services.desk.domain.decisions.waits import ToSignature
from services.desk.letters import parapheur as letters_there
from services.desk.letters.domain import letter_file
from services.desk.letters.letter_document import take
from services.desk.letters.library import LetterLibrary
from services.desk.store import letter_uses
from services.desk.store.letter_uses import Use
from shared.facts.envelope import ItemId, PersonId, ServiceId
from shared.facts.items.closure import ItemTransferred
from shared.facts.origin import SESSION
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import transaction
from shared.site import store
from shared.site.staff import people_store
from tests.desk_builders import MONDAY
from tests.integration.desk.test_letters_pages import ANSWER, CHRONO, INDRE, facts, field, typed
from tests.integration.desk.test_parapheur_letters import NEWEST, Desk, desk

__all__ = ["desk"]


async def test_the_departure_states_the_letter_that_was_signed_and_no_other(desk: Desk) -> None:
    file = letter_file.read((INDRE / "letters" / "transmission.md").read_text())
    async with transaction(desk.pool) as connection:
        people = await people_store.people_at(connection, MONDAY)
        for person in ("t.renard", "c.aubry"):
            somebody = people.person(person)
            assert somebody is not None
            by = LetterLibrary(
                connection, somebody, MONDAY, await store.current(connection), people, SESSION
            )
            if person == "t.renard":
                await by.write(file.letter, ServiceId("bmi"), file.content)
                await by.submit(file.letter)
            else:
                await by.approve(file.letter)
    letter = f"/courrier/{CHRONO}/repondre/transmission"
    page = await desk.browser.page(letter)

    body = field(page, "body").replace("{administration}", "la CAF")
    given = {
        **typed(page, body=body, administration="caf"),
        "faire": "parapheur",
        "signatory": "c.aubry",
    }
    await desk.browser.to(await desk.browser.send(letter, letter, given))
    await desk.round()
    reference = str(await desk.pool.fetchval(NEWEST)).replace("-", "")
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    item = await desk.pool.fetchval("SELECT item_id FROM desk.parapheur_letters")
    later = Use(
        item_id=ItemId(item),
        version="transmission@1",
        kind=NoticeKind.TRANSFER,
        by="odt",
        person=PersonId("t.renard"),
        at=MONDAY + timedelta(minutes=1),
        addressee="cpam",
    )
    async with transaction(desk.pool) as connection:
        await letter_uses.keep_use(connection, uuid4(), later)
    left = await desk.browser.to(await desk.act("partie"))
    assert "départ enregistré" in left
    (passed,) = [fact for fact in await facts(desk.pool) if isinstance(fact, ItemTransferred)]
    assert passed.to == "caf"


def to_catherine(page: str) -> dict[str, str]:
    """The fields that give the letter of a page to Catherine, to be signed."""
    body = field(page, "body").replace("{précisions}\n\n", "")
    return {**typed(page, body=body), "faire": "parapheur", "signatory": "c.aubry"}


async def decided(desk: Desk, command: Command) -> None:
    """Karima decides something about the item, elsewhere."""
    item = await desk.pool.fetchval("SELECT item_id FROM desk.items")
    async with transaction(desk.pool) as connection:
        people = await people_store.people_at(connection, MONDAY)
        karima = people.person("k.haddad")
        assert karima is not None
        applied = await store.current(connection)
        by = Decider(connection, karima, uuid4(), MONDAY, applied, people, sees=lambda _: True)
        await by.about(ItemId(item), command)


async def test_what_an_item_became_while_its_letter_was_printed_is_seen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await decided(desk, ToSignature("c.aubry"))

    async def slowly(*given: Any) -> bytes:
        printed = await take(*given)
        await decided(desk, Close("Sans suite."))
        return printed

    monkeypatch.setattr(letters_there, "take", slowly)
    page = await desk.browser.page(ANSWER)
    answer = await desk.browser.send(ANSWER, ANSWER, to_catherine(page))
    assert answer.status_code == 422
    assert await desk.pool.fetchval("SELECT count(*) FROM desk.parapheur_letters") == 0


async def test_of_two_letters_given_at_once_one_goes_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await decided(desk, ToSignature("c.aubry"))
    both = asyncio.Barrier(2)

    async def together(*given: Any) -> bytes:
        printed = await take(*given)
        await both.wait()
        return printed

    monkeypatch.setattr(letters_there, "take", together)
    fields = to_catherine(await desk.browser.page(ANSWER))
    sent = [desk.browser.send(ANSWER, ANSWER, fields) for _ in range(2)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await desk.pool.fetchval("SELECT count(*) FROM desk.parapheur_letters") == 1
