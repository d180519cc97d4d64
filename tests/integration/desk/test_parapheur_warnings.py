"""What is said, refused and tried again of a letter at the parapheur that goes another way."""

from datetime import datetime
from uuid import uuid4

import pytest

from services.desk.decider import Decider
from services.desk.domain.decisions.closure import Undo
from services.desk.parapheur import attempts
from services.desk.store.parapheur_letters import ParapheurLetterId
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.desk_builders import MONDAY
from tests.integration.desk.test_parapheur_letters import BOOK, NEWEST, Desk, desk

__all__ = ["desk"]


async def karima(connection: Connection) -> Decider:
    """Karima, who decides elsewhere than on a page."""
    people = await people_store.people_at(connection, MONDAY)
    person = people.person("k.haddad")
    assert person is not None
    applied = await store.current(connection)
    return Decider(connection, person, uuid4(), MONDAY, applied, people, sees=lambda _: True)


async def the_item(desk: Desk) -> ItemId:
    return ItemId(await desk.pool.fetchval("SELECT item_id FROM desk.items"))


async def due(desk: Desk) -> bool:
    """Whether the letter is due now."""
    return bool(
        await desk.pool.fetchval("SELECT due_at <= clock_timestamp() FROM desk.parapheur_letters")
    )


async def came_back(desk: Desk, *signers: str) -> None:
    """The letter is given, signed there by these, and back."""
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, *signers)
    await desk.round()
    await desk.round()
    assert await desk.state() == ("signed", None)


@pytest.mark.parametrize(
    ("signers", "said"),
    [
        (("AUBRY Catherine",), None),
        (("Le greffe", "Mme Catherine AUBRY"), None),
        (("Ingrid Fontaine",), "nomme Ingrid Fontaine, et la lettre est au nom de Catherine Aubry"),
        ((), "le parapheur ne nomme personne, et la lettre est au nom de Catherine Aubry"),
    ],
)
async def test_another_name_than_the_chosen_one_is_to_be_read_first(
    desk: Desk, signers: tuple[str, ...], said: str | None
) -> None:
    await came_back(desk, *signers)
    page = await desk.browser.page(BOOK)
    assert ("Lisez d’abord" in page) == (said is not None)
    assert said is None or said in page


async def test_of_a_letter_that_is_there_nobody_says_that_it_was_not_taken(desk: Desk) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry", document=b"<html>")
    await desk.round()
    await desk.round()
    assert (await desk.state())[0] == "failed"
    page = await desk.browser.page(BOOK)
    assert "on ne sait plus ce qu’elle devient au parapheur" in page
    assert "pas prise" not in page


async def test_an_item_is_merged_into_none_while_its_letter_is_there(desk: Desk) -> None:
    await desk.give()
    item = await the_item(desk)

    async def merged() -> str:
        with pytest.raises(Refused) as refused:
            async with transaction(desk.pool) as connection:
                await (await karima(connection)).merge(item, item)
        return refused.value.why

    assert await merged() == "parapheur-merged"
    await desk.browser.to(await desk.act("reprendre"))
    assert await merged() == "merged-into-itself"


async def test_what_was_taken_back_is_due_at_once_and_until_it_is_withdrawn(desk: Desk) -> None:
    await desk.give()
    await desk.round()
    await desk.rounds.round()
    letter = ParapheurLetterId(await desk.pool.fetchval(NEWEST))
    await desk.pool.execute(
        "UPDATE desk.parapheur_letters SET due_at = clock_timestamp() + interval '1 hour'"
    )
    await desk.browser.to(await desk.act("reprendre"))
    assert await due(desk)

    async def fails() -> None:
        async with transaction(desk.pool) as connection:
            await attempts.note_failure(connection, letter, "unsigned", None)

    await fails()  # Of a look that was on its way.
    assert await due(desk)
    assert await desk.state() == ("taken_back", "still-there")
    for _ in range(attempts.MOST_WITHDRAWALS - 2):
        await fails()
    assert await desk.pool.fetchval("SELECT due_at FROM desk.parapheur_letters") is not None
    await fails()
    assert await desk.pool.fetchval("SELECT due_at FROM desk.parapheur_letters") is None
    assert await desk.state() == ("taken_back", "still-there")


async def test_a_letter_that_left_otherwise_is_not_noted_again(desk: Desk) -> None:
    await came_back(desk, "Catherine Aubry")
    assert "Noter son départ" in await desk.browser.page(BOOK)
    async with transaction(desk.pool) as connection:
        by = await karima(connection)
        await by.depart(await the_item(desk), NoticeKind.REPLY, None, None)
    assert "Noter son départ" not in await desk.browser.page(BOOK)
    assert (await desk.act("partie")).status_code == 422
    async with transaction(desk.pool) as connection:
        by = await karima(connection)
        await by.undo(await the_item(desk), Undo("erreur"))
    assert "Noter son départ" in await desk.browser.page(BOOK), "it is to leave again"


async def test_a_number_that_is_taken_back_leaves_its_letter_gone(desk: Desk) -> None:
    await came_back(desk, "Catherine Aubry")
    item = await the_item(desk)
    async with transaction(desk.pool) as connection:
        by = await karima(connection)
        await by.depart(item, NoticeKind.REPLY, None, None, registered="2C12345678905")
    numbered = "SELECT seq FROM desk.facts WHERE type = 'RegisteredLetterSent'"
    async with transaction(desk.pool) as connection:
        by = await karima(connection)
        await by.undo(item, Undo("chiffre faux", await desk.pool.fetchval(numbered)))
    assert "Noter son départ" not in await desk.browser.page(BOOK)


async def test_a_letter_whose_delegation_is_known_no_more_leaves_after_a_look(desk: Desk) -> None:
    await came_back(desk, "Catherine Aubry")
    assert "vérifiez l’arrêté" not in await desk.browser.page(BOOK)
    late = datetime.fromisoformat("2027-01-05T10:00:00+01:00")
    await desk.pool.execute("UPDATE desk.parapheur_letters SET ended_at = $1", late)
    page = await desk.browser.page(BOOK)
    assert "délégation de Catherine Aubry le 05/01/2027" in page
    assert "vérifiez l’arrêté avant de noter le départ" in page
    assert (await desk.act("partie")).status_code == 303
    assert "vérifiez l’arrêté" not in await desk.browser.page(BOOK)
