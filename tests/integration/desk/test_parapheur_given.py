"""What is given to the parapheur is what leaves from it, of an item that is still the same."""

from datetime import timedelta
from uuid import uuid4

from services.desk.letters.domain import letter_file
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
from tests.integration.desk.test_letters_pages import CHRONO, INDRE, facts, field, typed
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
