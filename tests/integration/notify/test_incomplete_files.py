"""A file that lacks pieces is told no date; when they come, the date told is the clock's."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import Channel, NoticeKind, RegimeStart, Way
from tests.integration.notify.conftest import House
from tests.unit.notify.builders import MONDAY, fact, regime

TUESDAY = datetime.fromisoformat("2026-05-12T10:00:00+02:00")
LATE_MAY = datetime.fromisoformat("2026-05-28T10:00:00+02:00")


@pytest.fixture(autouse=True)
def _on_a_tuesday(house: House) -> None:
    house.clock.at = TUESDAY


def of(item: ItemRegistered, one: Any, **more: Any) -> Any:
    return one.model_copy(update={"item_id": item.item_id, **more})


def permit(item: ItemRegistered) -> RegimeConfirmed:
    """Four months from the complete file."""
    confirmed: RegimeConfirmed = of(
        item, regime("titre-de-sejour"), start=RegimeStart.COMPLETE_FILE
    )
    return confirmed


def asked(item: ItemRegistered, seq: int = 4, at: datetime = TUESDAY) -> PiecesRequested:
    request: PiecesRequested = of(item, fact(PiecesRequested, seq, at=at, until=date(2026, 6, 12)))
    return request


def came(item: ItemRegistered, seq: int, at: datetime) -> PiecesReceived:
    reception: PiecesReceived = of(item, fact(PiecesReceived, seq, at=at))
    return reception


async def svr(house: House) -> tuple[str, str | None]:
    """How the one acknowledgement stands."""
    ((_, state, why),) = [state for state in await house.states() if state[0] == "svr"]
    return state, why


async def says(house: House) -> date | None:
    found: date | None = await house.pool.fetchval(
        "SELECT says FROM notify.ledger WHERE kind = 'svr'"
    )
    return found


async def test_a_letter_waits_for_the_pieces_and_then_tells_the_new_date(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    await house.hear(letter, asked(letter), permit(letter))
    await house.waker().round()
    assert await svr(house) == ("held", "file_incomplete")
    house.clock.at = LATE_MAY
    await house.hear(came(letter, 5, LATE_MAY))
    await house.waker().round()
    assert await svr(house) == ("to_print", None)
    assert await says(house) == date(2026, 9, 28)


async def test_a_letter_that_lies_to_be_printed_is_taken_back_when_pieces_are_asked_for(
    house: House,
) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    await house.hear(letter, permit(letter))
    await house.waker().round()
    assert await svr(house) == ("to_print", None)
    assert await says(house) == date(2026, 9, 11)
    await house.hear(asked(letter))
    assert await svr(house) == ("held", "file_incomplete")
    held = (await house.told())[-1]
    assert held.type == "NoticeHeld"
    house.clock.at = LATE_MAY
    await house.hear(came(letter, 5, LATE_MAY))
    await house.waker().round()
    assert await svr(house) == ("to_print", None)
    assert await says(house) == date(2026, 9, 28)


async def test_a_suspended_letter_to_print_is_made_anew_with_its_new_date(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    await house.hear(letter, of(letter, regime("demande-generale")))
    await house.waker().round()
    assert await says(house) == date(2026, 7, 11)
    await house.hear(asked(letter))
    await house.waker().round()
    assert await svr(house) == ("to_print", None)
    assert await says(house) == date(2026, 8, 11)  # 31 days, from 12 May to 12 June
    house.clock.at = TUESDAY + timedelta(days=6)
    await house.hear(came(letter, 5, house.clock.at))
    await house.waker().round()
    assert await says(house) == date(2026, 7, 17)


async def test_a_mail_is_held_again_just_before_it_leaves_and_leaves_with_the_true_date(
    house: House,
) -> None:
    mail = await house.mail()
    await house.hear(mail, permit(mail))
    await house.hear(asked(mail))
    async with house.sending():
        await house.until(("receipt", "sent", None), ("svr", "held", "file_incomplete"))
        house.clock.move(LATE_MAY)
        await house.hear(came(mail, 5, LATE_MAY))
        *_, taken = await house.sink.until(2)
    body = re.sub(r"\s+", " ", taken.text)
    assert "28 septembre 2026" in body
    assert "sous réserve que la demande soit complète" in body


async def test_while_a_request_is_about_to_leave_no_date_is_told(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    order = of(
        letter,
        fact(
            NoticeOrdered,
            4,
            at=MONDAY,
            kind=NoticeKind.PIECES,
            way=Way.PAPER,
            until=date(2026, 6, 12),
            pieces=("passeport",),
        ),
        by="person:k.haddad",
    )
    await house.hear(letter, of(letter, regime("demande-generale")), order)
    states = await house.states()
    assert ("svr", "held", "pieces_being_asked") in states
