"""The parapheur: what every connector keeps to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import pytest

from services.desk.parapheur.signature_book import (
    Annex,
    BookAway,
    BookRefuses,
    LetterToSign,
    RefusedThere,
    RemoteId,
    SignatureBook,
    SignedThere,
    StillThere,
)
from tests.contract.parapheur.memory import MemoryBook
from tests.fake_iparapheur import FakeIParapheur
from tests.fake_pastell import FakePastell, Fault, signed

REFERENCE = "5f1c2d3e00004000800000000000000a"
LETTER = LetterToSign(
    REFERENCE, "Courrier 36-2026-A-000001", b"%PDF-1.7 la lettre %%EOF", "Courrier préfecture"
)
ANNEXES = (
    Annex("annexe-1-plan.pdf", "application/pdf", b"%PDF-1.7 plan"),
    Annex("annexe-2-photo.jpg", "image/jpeg", b"\xff\xd8\xff photo"),
)
ENCLOSING = replace(LETTER, annexes=ANNEXES)
"""The letter with two files."""
GIVEN = [("annexe-1-plan.pdf", b"%PDF-1.7 plan"), ("annexe-2-photo.jpg", b"\xff\xd8\xff photo")]


@dataclass
class Place:
    """A parapheur, and who works there."""

    book: SignatureBook
    people: MemoryBook | FakePastell | FakeIParapheur
    leave: Callable[[], None]


@pytest.fixture(params=["memory", "pastell", "iparapheur"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        memory = MemoryBook()
        yield Place(memory, memory, lambda: setattr(memory, "away", True))
        return
    fake = FakePastell() if request.param == "pastell" else FakeIParapheur()
    async with fake.client() as client:
        yield Place(client, fake, lambda: setattr(fake, "fault", lambda _: Fault.AWAY))


async def test_a_letter_waits_until_somebody_signs_and_comes_back_with_its_signers(
    place: Place,
) -> None:
    remote = await place.book.send(LETTER)
    assert await place.book.look(remote) == StillThere()
    place.people.sign(REFERENCE, "Catherine Aubry", "Irène Fontaine")
    answer = await place.book.look(remote)
    assert isinstance(answer, SignedThere)
    assert answer.document == signed(LETTER.document)
    assert tuple(answer.signers) == ("Catherine Aubry", "Irène Fontaine")
    assert await place.book.look(remote) == answer, "asked twice, the same"


async def test_a_letter_that_is_sent_twice_is_in_its_circuit_once(place: Place) -> None:
    first = await place.book.send(LETTER)
    assert await place.book.send(LETTER) == first
    assert place.people.sent(REFERENCE) == 1


async def test_a_signed_letter_that_is_sent_again_is_not_signed_again(place: Place) -> None:
    first = await place.book.send(LETTER)
    place.people.sign(REFERENCE, "Catherine Aubry")
    assert await place.book.send(LETTER) == first
    assert place.people.sent(REFERENCE) == 1
    assert isinstance(await place.book.look(first), SignedThere)


async def test_a_letter_that_was_there_and_is_gone_is_not_made_anew(place: Place) -> None:
    """It may have been signed before somebody deleted it, or be at another place."""
    with pytest.raises(BookRefuses, match=r"^http-404$"):
        await place.book.send(LETTER, RemoteId("Zd99999"))
    assert place.people.sent(REFERENCE) == 0
    remote = await place.book.send(LETTER)
    assert await place.book.send(LETTER, remote) == remote
    assert place.people.sent(REFERENCE) == 1


async def test_a_refusal_comes_back_with_its_reason(place: Place) -> None:
    remote = await place.book.send(LETTER)
    place.people.refuse(REFERENCE, "La date est fausse [voir p. 2].")
    assert await place.book.look(remote) == RefusedThere("La date est fausse [voir p. 2].")


async def test_what_it_does_not_have_is_refused_and_needs_no_withdrawal(place: Place) -> None:
    with pytest.raises(BookRefuses, match="http-404"):
        await place.book.look(RemoteId("Zd99999"))
    assert await place.book.withdraw(REFERENCE)


async def test_what_was_given_and_is_not_found_may_be_signed_elsewhere(place: Place) -> None:
    assert not await place.book.withdraw(REFERENCE, RemoteId("Zd99999"))


async def test_what_is_in_a_circuit_may_stay_there_and_says_so(place: Place) -> None:
    await place.book.send(LETTER)
    assert not await place.book.withdraw(REFERENCE)
    place.people.refuse(REFERENCE, "")
    assert await place.book.withdraw(REFERENCE)


async def test_what_was_signed_is_not_withdrawn(place: Place) -> None:
    remote = await place.book.send(LETTER)
    place.people.sign(REFERENCE, "Catherine Aubry")
    assert not await place.book.withdraw(REFERENCE)
    assert isinstance(await place.book.look(remote), SignedThere)


async def test_a_parapheur_that_is_away_says_so_of_everything(place: Place) -> None:
    remote = await place.book.send(LETTER)
    place.leave()
    for ask in (
        lambda: place.book.send(LETTER),
        lambda: place.book.look(remote),
        lambda: place.book.withdraw(REFERENCE),
    ):
        with pytest.raises(BookAway, match="unreachable"):
            await ask()


async def test_files_go_with_a_letter_once_and_come_back_with_nothing_changed(place: Place) -> None:
    remote = await place.book.send(ENCLOSING)
    assert await place.book.send(ENCLOSING) == remote
    assert place.people.annexes(REFERENCE) == GIVEN
    place.people.sign(REFERENCE, "Catherine Aubry")
    answer = await place.book.look(remote)
    assert isinstance(answer, SignedThere)
    assert answer.document == signed(LETTER.document)
