"""What a receipt says of following one's letter, by mail and on paper, and what is kept of it."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.notify.mail_composition import MailSigning
from services.notify.printer import print_one
from services.notify.waker import Waker
from shared.content import follow_codes
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import Channel
from shared.paper import letter
from shared.paper.letter import PrintedLetter
from tests.code_keys import KEYS
from tests.integration.notify.conftest import SECRET, House
from tests.roles import one_transaction

CODE = follow_codes.follow_code(SECRET, Chrono("36-2026-A-000001"))
PORTAL = "https://ecrire.indre.example/"
DAY_TEN = datetime.fromisoformat("2026-05-21T06:00:00+02:00")


async def kept(url: str) -> list[tuple[str, str]]:
    async with one_transaction(url) as owner:
        rows = await owner.fetch("SELECT digest, key_id FROM portal.follow_codes")
    return [tuple(row) for row in rows]


async def test_a_receipt_has_a_link_number_and_code_and_the_database_their_digest(
    house: House, postgres_url: str
) -> None:
    house.portal_url = PORTAL
    await house.hear(await house.mail())
    async with house.sending():
        (taken,) = await house.sink.until(1)
        await house.until(("receipt", "sent", None))
    text = taken.text.replace("\r\n", "\n")
    assert f"https://ecrire.indre.example{CODE.path}\n" in text
    assert "votre numéro\u00a0: 36-2026-A-000001" in text
    assert f"votre code\u00a0: {CODE.shown}" in text
    assert await kept(postgres_url) == [(CODE.digest, SECRET.id)]


async def test_without_a_portal_nothing_is_said_and_nothing_kept(
    house: House, postgres_url: str
) -> None:
    await house.hear(await house.mail())
    async with house.sending():
        (taken,) = await house.sink.until(1)
        await house.until(("receipt", "sent", None))
    assert "suivi" not in taken.text
    assert await kept(postgres_url) == []


async def test_codes_of_a_secret_go_with_its_last_day_though_no_other_is_given(
    house: House, postgres_url: str
) -> None:
    house.portal_url = PORTAL
    await house.hear(await house.mail())
    async with house.sending():
        await house.sink.until(1)
        await house.until(("receipt", "sent", None))
    until = date(2026, 6, 30)
    secret = SiteKeys(b"another", former=((SECRET.secret, until),), first=SECRET.secret)
    ink = MailSigning(house.blobs, secret, lambda _: KEYS, PORTAL)
    waker = Waker(house.pool, house.clock, house.rules, ink)
    house.clock.at = datetime.fromisoformat("2026-06-30T23:30:00+02:00")
    await waker.round()
    assert await kept(postgres_url) == [(CODE.digest, SECRET.id)], "its last day is not over"
    house.clock.at = datetime.fromisoformat("2026-07-01T00:30:00+02:00")
    await waker.round()
    assert await kept(postgres_url) == []


async def test_a_letter_on_paper_says_where_to_type_its_code(
    house: House, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    real = letter.laid_out

    def laid_out(page: PrintedLetter) -> dict[str, Any]:
        said.append(page.text.after)
        return real(page)

    monkeypatch.setattr(letter, "laid_out", laid_out)
    house.portal_url = PORTAL
    house.clock.at = DAY_TEN - timedelta(days=9)
    await house.hear(await house.mail(channel=Channel.LETTER))
    house.clock.at = DAY_TEN
    await house.waker().round()
    ink = MailSigning(house.blobs, SECRET, lambda _: KEYS, PORTAL)
    while await print_one(house.pool, house.rules, ink, DAY_TEN):
        pass
    assert await house.states() == [("simple", "to_print", None)]
    (after,) = said
    assert f"- votre code\u00a0: {CODE.shown}" in after
    assert CODE.path not in after, "nobody types a link like that"
    assert await kept(postgres_url) == [(CODE.digest, SECRET.id)]
