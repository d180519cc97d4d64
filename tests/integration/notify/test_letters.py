"""Acknowledgements on paper: made when they are asked for, gone when the register says so."""

from datetime import datetime, timedelta
from uuid import uuid5

import pytest

from services.notify.mail_composition import MailSigning
from services.notify.preview import preview
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.facts.items.acknowledgements import AcknowledgementSent
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned
from shared.facts.notices import NoticePlanned
from shared.facts.vocabulary import Channel, NoticeKind, Proof, Way
from tests.code_keys import KEYS
from tests.desk_builders import SPACE
from tests.integration.notify.conftest import SECRET, House
from tests.unit.notify.builders import fact, ordered, regime

TUESDAY = datetime.fromisoformat("2026-05-12T10:00:00+02:00")
"""The day after the letter came: no weekly page is made on a Tuesday."""
DAY_TEN = datetime.fromisoformat("2026-05-21T06:00:00+02:00")


@pytest.fixture(autouse=True)
def _on_a_tuesday(house: House) -> None:
    house.clock.at = TUESDAY


async def test_a_letter_composed_at_the_desk_is_printed_octet_for_octet(house: House) -> None:
    mail = await house.mail(channel=Channel.LETTER)
    owner = uuid5(SPACE, "composed")
    printed = await house.blobs.put(2026, owner, b"%PDF as it was read")
    nobody = Correspondent()
    text = Pli(
        kind="bundle", sender=nobody, answer_to=nobody, subject="Réponse", text="Venez.",
        printed=printed,
    )  # fmt: skip
    key = await plis.write(house.blobs, 2026, owner, text)
    order = ordered(NoticeKind.REPLY, seq=2, way=Way.PAPER, pli=key)
    mine = {"item_id": mail.item_id, "by": "person:k.haddad"}
    await house.hear(mail, order.model_copy(update=mine))
    await house.waker().round()
    (planned,) = [fact for fact in await house.told() if isinstance(fact, NoticePlanned)]
    assert planned.document is not None
    assert await house.blobs.get(planned.document) == b"%PDF as it was read"


async def test_an_unanswered_letter_is_acknowledged_on_the_morning_of_day_ten(
    house: House,
) -> None:
    await house.hear(await house.mail(channel=Channel.LETTER))
    await house.waker().round()
    assert await house.states() == []
    house.clock.at = DAY_TEN
    await house.waker().round()
    assert await house.states() == [("simple", "to_print", None)]
    (planned,) = await house.told()
    assert isinstance(planned, NoticePlanned)
    assert planned.way is Way.PAPER
    assert planned.document is not None
    assert (await house.blobs.get(planned.document)).startswith(b"%PDF")
    await house.waker().round()
    assert len(await house.told()) == 1


async def test_a_preview_of_what_waits_to_be_printed_says_so_and_shows_that_very_letter(
    house: House,
) -> None:
    await house.hear(await house.mail(channel=Channel.LETTER))
    house.clock.at = DAY_TEN
    await house.waker().round()
    (planned,) = await house.told()
    assert isinstance(planned, NoticePlanned)
    assert planned.document is not None
    long_after = DAY_TEN + timedelta(days=60)
    shown = await preview(
        house.pool,
        NoticeKind.SIMPLE,
        "36-2026-A-000001",
        Way.PAPER,
        MailSigning(house.blobs, SECRET, lambda _: KEYS),
        long_after,
    )
    assert shown.verdict == "It waits to be printed; its departure is still to be keyed."
    assert shown.octets == await house.blobs.get(planned.document)


async def test_a_letter_answered_in_time_is_not_acknowledged(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    reply = fact(ReplySent, 2, proof=Proof.KEYED).model_copy(update={"item_id": letter.item_id})
    await house.hear(letter, reply)
    house.clock.at = DAY_TEN
    await house.waker().round()
    assert await house.states() == []


async def test_a_letter_that_the_register_says_was_posted_is_sent(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    confirmed = regime("titre-de-sejour").model_copy(update={"item_id": letter.item_id})
    await house.hear(letter, confirmed)
    await house.waker().round()
    assert await house.states() == [("svr", "to_print", None)]
    (planned,) = await house.told()
    posted = fact(
        AcknowledgementSent, 5, kind=NoticeKind.SVR, notice_id=planned.notice_id, way=Way.PAPER
    ).model_copy(update={"item_id": letter.item_id})
    await house.hear(posted)
    assert await house.states() == [("svr", "sent", None)]
    assert len(await house.told()) == 1


async def test_a_reply_before_the_letter_is_posted_takes_it_from_the_printer(
    house: House,
) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    await house.hear(letter)
    house.clock.at = DAY_TEN
    await house.waker().round()
    reply = fact(ReplySent, 2, proof=Proof.KEYED).model_copy(update={"item_id": letter.item_id})
    await house.hear(reply)
    assert await house.states() == [("simple", "withdrawn", "moot")]


async def test_a_letter_posted_without_a_word_of_ours_is_not_printed_again(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    await house.hear(letter)
    house.clock.at = DAY_TEN
    await house.waker().round()
    posted = fact(
        AcknowledgementSent, 5, kind=NoticeKind.SIMPLE, notice_id=None, way=Way.PAPER
    ).model_copy(update={"item_id": letter.item_id})
    await house.hear(posted)
    assert await house.states() == [("simple", "withdrawn", "posted")]
    told = await house.told()
    assert [fact.type for fact in told] == ["NoticePlanned", "NoticeWithdrawn"]
    await house.hear(
        fact(ItemAssigned, 6, service="bmi").model_copy(update={"item_id": letter.item_id})
    )
    await house.waker().round()
    assert await house.states() == [("simple", "withdrawn", "posted")]


async def test_a_second_paper_asked_for_after_the_first_left_is_printed(house: House) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    posted = fact(
        AcknowledgementSent, 2, kind=NoticeKind.SIMPLE, notice_id=None, way=Way.PAPER
    ).model_copy(update={"item_id": letter.item_id})
    again = ordered(NoticeKind.SIMPLE, seq=3, way=Way.PAPER).model_copy(
        update={"item_id": letter.item_id}
    )
    await house.hear(letter, posted, again)
    await house.waker().round()
    assert await house.states() == [("simple", "to_print", None)]


async def test_a_reply_on_paper_leaves_the_printing_list_when_its_departure_is_keyed(
    house: House,
) -> None:
    letter = await house.mail(channel=Channel.LETTER)
    text = await house.composed("Votre titre est prêt.")
    order = ordered(NoticeKind.REPLY, seq=2, way=Way.PAPER, pli=text)
    mine = {"item_id": letter.item_id, "by": "person:k.haddad"}
    await house.hear(letter, order.model_copy(update=mine))
    await house.waker().round()
    assert await house.states() == [("reply", "to_print", None)]
    left = fact(ReplySent, 3, proof=Proof.KEYED).model_copy(update={"item_id": letter.item_id})
    await house.hear(left)
    assert await house.states() == [("reply", "withdrawn", "posted")]
