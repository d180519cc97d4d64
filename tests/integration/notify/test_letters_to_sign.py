"""Whoever has a letter to read or to sign reads a line each morning, until they do."""

from datetime import date, datetime
from uuid import uuid5

from shared.facts.envelope import ItemId
from shared.facts.items.retention import ItemDestroyed
from shared.facts.items.routing import ItemReclassified, ReplyInSignature, SignatureReturned
from shared.facts.vocabulary import Channel, Confidentiality
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.integration.notify.conftest import House
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, NAMES, classification, fact, registered

PAPER = registered(channel=Channel.LETTER, qualified=True)
"""Of bmi, whose head is c.aubry; its next delegation is the director's, i.fontaine."""
OTHER = ItemId(uuid5(NAMES, "réservé"))
RESERVED = classification().model_copy(update={"confidentiality": Confidentiality.RESERVE})
LINE = "Lettres à relire ou à signer - 36-2026-A-000123, titre de séjour : à relire ou à signer"


def paris(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+02:00")


async def morning(house: House, day: int, at: str = "09:20") -> list[str]:
    """Whose digest was made by then on a day of May."""
    house.clock.at = paris(f"2026-05-{day}T{at}:00")
    await house.waker().round()
    rows = await house.pool.fetch(
        "SELECT reader FROM notify.ledger WHERE kind = 'digest' AND occasion LIKE $1 ORDER BY 1",
        f"%2026-05-{day}",
    )
    return [row["reader"] for row in rows]


async def test_a_line_each_morning_to_whoever_has_the_letter_or_the_next_delegation(
    house: House, postgres_url: str
) -> None:
    given = fact(ReplyInSignature, 2, at=paris("2026-05-11T11:00:00"), signatory="c.aubry")
    await house.hear(
        PAPER,
        given,
        registered(item=OTHER, chrono="36-2026-A-000124", channel=Channel.LETTER, qualified=True),
        fact(ItemReclassified, 2, item=OTHER, classification=RESERVED),
        fact(ReplyInSignature, 3, item=OTHER, at=MONDAY, signatory="s.pinson"),
    )
    assert await morning(house, 11, "11:30") == [], "it came after the opening"
    assert await morning(house, 12) == ["c.aubry"], "nobody hears by mail of what is réservé"
    planned = "SELECT count(*) FROM notify.ledger WHERE state = 'planned'"
    async with house.sending():
        await house.sink.until(await house.pool.fetchval(planned))
    text = " ".join(house.sink.to("catherine.aubry@indre.example")[-1].text.split())
    assert f"{LINE} depuis le 11 mai 2026" in text
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="c.aubry", first=date(2026, 5, 13), last=date(2026, 5, 13))
        await people_store.add_absence(owner, away, "tests", MONDAY)
    assert await morning(house, 13) == ["i.fontaine"]
    back = fact(SignatureReturned, 3, at=paris("2026-05-13T11:00:00"))
    await house.hear(back)
    assert await morning(house, 18) == []
    assert await house.pool.fetchval("SELECT bool_or(signing) FROM notify.items")
    await house.hear(fact(ItemDestroyed, 4, item=OTHER, visa="v", at=paris("2026-05-18T11:00:00")))
    assert not await house.pool.fetchval("SELECT bool_or(signing) FROM notify.items")
