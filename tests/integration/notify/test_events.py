"""While an event is open, receipts of mail about it carry the approved line, digests one."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.facts.items.registration import ItemRegistered
from shared.facts.quality.label import ReminderTo
from shared.site import events
from shared.site.events import StandingEvent
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import body, digests
from tests.integration.notify.test_quality_reminders import TUESDAY, reminder
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY

LINE = "Crue : appelez le 02 54 00 00 00 ou lisez indre.example/crue. Urgence : 112, 114."
FLOOD = StandingEvent(
    UUID(int=1),
    "crue-2026",
    exercise=False,
    opened_at=MONDAY - timedelta(hours=1),
    ends_at=MONDAY + timedelta(days=2),
    line=LINE,
    words=("ma demande",),
    since=MONDAY - timedelta(hours=2),
)


async def stands(postgres_url: str, event: StandingEvent) -> None:
    async with one_transaction(postgres_url) as owner:
        await events.keep(owner, event, "person:s.general", MONDAY - timedelta(hours=1))


def with_(**fields: Any) -> StandingEvent:
    return replace(FLOOD, **fields)


async def receipt(house: House, fact: ItemRegistered) -> str:
    await house.hear(fact)
    async with house.sending():
        await house.until(("receipt", "sent", None))
    return house.sink.taken[0].text


async def test_a_receipt_carries_the_line_of_the_event_that_it_is_about(
    house: House, postgres_url: str
) -> None:
    await stands(postgres_url, FLOOD)
    text = " ".join((await receipt(house, await house.mail())).split())
    assert text.count(LINE) == 1
    assert "36-2026-A-000001" in text


@pytest.mark.parametrize(
    "event",
    [
        with_(exercise=True),
        with_(line=None),
        with_(since=None, words=()),
        with_(words=("inondation",)),
        with_(sources=("mailbox:armes",)),
        with_(since=MONDAY + timedelta(minutes=1)),
        with_(ends_at=MONDAY),
        with_(closed=True),
    ],
    ids=["exercise", "unapproved", "no rule", "other words", "other source", "before", "over",
         "closed"],
)  # fmt: skip
async def test_a_receipt_says_nothing_of_what_is_not_open_or_not_about_it(
    house: House, postgres_url: str, event: StandingEvent
) -> None:
    await stands(postgres_url, event)
    assert "112, 114" not in await receipt(house, await house.mail(source="mailbox:pref"))


async def test_the_last_row_of_an_event_counts(house: House, postgres_url: str) -> None:
    await stands(postgres_url, FLOOD)
    await stands(postgres_url, with_(closed=True))
    assert "112, 114" not in await receipt(house, await house.mail())


async def test_a_source_that_the_rule_names_is_about_it(house: House, postgres_url: str) -> None:
    await stands(postgres_url, with_(sources=("mailbox:pref",)))
    assert "112, 114" in await receipt(house, await house.mail(source="mailbox:pref"))


async def test_a_digest_says_in_one_line_what_is_open(house: House, postgres_url: str) -> None:
    await stands(postgres_url, with_(ends_at=TUESDAY + timedelta(days=1)))
    drill = with_(event=UUID(int=2), code="essai", exercise=True)
    await stands(postgres_url, replace(drill, ends_at=TUESDAY + timedelta(days=1)))
    await house.hear(reminder(1, 30, date(2026, 6, 18), ReminderTo.QUALITY_OFFICER))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("En cours :") == 1
    assert "événement crue-2026, jusqu’au 20 mai 2026 à 9 h 15 ; exercice essai" in body(mail)
    assert "Aucun délai ne change" in body(mail)
