"""One digest a day and person, at their opening hour; nothing taken back; no name above."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid5

from shared.facts.clocks import (
    Answered,
    ClockStopped,
    Held,
    Holder,
    Outcome,
    RungReached,
    RungsTold,
    RungWithdrawn,
)
from shared.facts.envelope import Chrono, ItemId, PersonId, ServiceId
from shared.facts.vocabulary import Audience, ClockName
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.contract.smtp.sink import Taken
from tests.integration.notify.conftest import House
from tests.roles import one_transaction
from tests.unit.notify.builders import NAMES, event

MORNING = datetime.fromisoformat("2026-05-12T06:00:00+02:00")
OPENING = datetime.fromisoformat("2026-05-12T09:00:00+02:00")
HADDAD = Holder(service=ServiceId("bmi"), person=PersonId("k.haddad"))
NOBODY = Holder(service=ServiceId("bmi"))


def clock(kind: type[Any], number: int, *, revision: int = 1, **fields: Any) -> Any:
    chrono = fields.pop("chrono", f"36-2026-A-{number:06}")
    defaults: dict[str, Any] = {
        "event_id": event(f"{kind.__name__}/{number}/{revision}/{fields.get('rung')}"),
        "happened_at": MORNING,
        "recorded_at": MORNING,
        "by": "service:sla",
        "item_id": ItemId(uuid5(NAMES, f"item {number}")),
        "revision": revision,
        "chrono": Chrono(chrono),
        "service": ServiceId("bmi"),
        "holder": HADDAD,
        "category": "titre-de-sejour",
        "clock": ClockName.REPLY,
        "limit": date(2026, 5, 18),
    }
    return kind(**(defaults | fields))


def rung(number: int, *tell: Audience, name: str = "-2", **fields: Any) -> RungReached:
    told: RungReached = clock(
        RungReached,
        number,
        rung=name,
        telling=1,
        tell=tell or (Audience.HOLDER,),
        fell=date(2026, 5, 12),
        days=-2,
        **fields,
    )
    return told


def whole(until: datetime = MORNING, parts: int = 12) -> list[RungsTold]:
    """sla's word, on every partition, that nothing due by then is left to tell."""
    return [
        RungsTold(
            event_id=event(f"rungs told/{until}/{part}"),
            happened_at=until,
            recorded_at=until,
            by="service:sla",
            until=until,
            part=part,
            parts=parts,
            partition_key=f"partition-{part}",
        )
        for part in range(parts)
    ]


async def digests(
    house: House, count: int, *, at: datetime = OPENING, told: bool = True
) -> list[Taken]:
    """The mails taken once the digests of that moment have left; `told`: sla has had its say."""
    house.clock.at = at
    if told:
        await house.hear(*whole(at.replace(hour=6, minute=0)))
    async with house.sending():
        await house.waker().round()
        return await house.sink.until(count)


def body(taken: Taken) -> str:
    return " ".join(taken.message.get_content().split())


async def test_the_holder_reads_chrono_label_limit_and_days_left_at_the_opening(
    house: House,
) -> None:
    held = (
        Held(holder=Holder(service=ServiceId("courrier")), days=2),
        Held(holder=HADDAD, days=1),
    )
    await house.hear(await house.mail("1"))
    await house.pool.execute("DELETE FROM notify.ledger")
    await house.hear(rung(1, held=held))
    house.clock.at = OPENING - timedelta(seconds=1)
    await house.waker().round()
    assert await house.states() == []
    (taken,) = await digests(house, 1)
    text = body(taken)
    assert taken.recipient == "karima.haddad@indre.example"
    assert taken.message["Auto-Submitted"] == "auto-generated"
    for must in ("36-2026-A-000001", "titre de séjour", "18 mai 2026", "11 mai 2026", "3 jours"):
        assert must in text
    assert "6 h 00" in text
    assert "Jeanne" not in text
    assert "exemple.fr" not in text


async def test_what_is_no_rung_of_the_day_waits_for_the_digest_of_tomorrow(house: House) -> None:
    await house.hear(rung(1))
    await digests(house, 1)
    tomorrow = MORNING + timedelta(days=1)
    await house.hear(rung(2, name="given:7", recorded_at=tomorrow))
    await house.waker().round()
    assert await house.states() == [("digest", "sent", None)]
    taken = await digests(house, 2, at=OPENING + timedelta(days=1))
    assert "000002" in body(taken[1])
    assert "000001" not in body(taken[1])


async def test_a_rung_taken_back_before_the_digest_is_not_said(house: House) -> None:
    await house.hear(rung(1), rung(2))
    await house.hear(clock(RungWithdrawn, 1, revision=2, rung="-2", telling=1))
    (taken,) = await digests(house, 1)
    assert "000001" not in body(taken)
    assert "000002" in body(taken)


async def test_an_answered_item_leaves_no_line(house: House) -> None:
    await house.hear(rung(1))
    stopped = clock(ClockStopped, 1, revision=2, outcome=Outcome.KEPT, raw=1, net=1)
    await house.hear(stopped)
    house.clock.at = OPENING
    await house.waker().round()
    assert await house.states() == []


async def test_a_rung_taken_back_after_the_digest_was_made_withdraws_an_empty_one(
    house: House,
) -> None:
    await house.hear(rung(1))
    await house.hear(*whole())
    house.clock.at = OPENING
    await house.waker().round()
    await house.hear(clock(RungWithdrawn, 1, revision=2, rung="-2", telling=1))
    async with house.sending():
        await house.until(("digest", "withdrawn", "taken_back"))
    assert house.sink.taken == []


async def test_a_reply_that_nobody_confirms_is_a_line_of_the_head_before_any_lateness(
    house: House,
) -> None:
    await house.hear(rung(1, Audience.HEAD, name="observed:4:+4"))
    (taken,) = await digests(house, 1)
    text = body(taken)
    assert "À confirmer - 36-2026-A-000001" in text
    assert "dites si c’était la réponse" in text
    assert "Haddad" not in text


async def test_no_digest_leaves_on_a_non_working_day(house: House) -> None:
    await house.hear(rung(1))
    for day in ("2026-05-14", "2026-05-16", "2026-05-17"):
        house.clock.at = datetime.fromisoformat(f"{day}T10:00:00+02:00")
        await house.waker().round()
    assert await house.states() == []


async def test_the_deputy_is_told_while_the_person_is_away(house: House, postgres_url: str) -> None:
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="k.haddad", first=date(2026, 5, 12), last=date(2026, 5, 12))
        await people_store.add_absence(owner, away, "tests", MORNING)
    await house.hear(rung(1))
    (taken,) = await digests(house, 1)
    # Thomas Renard, her deputy, is away until the 22nd: his own deputy reads it.
    assert taken.recipient == "catherine.aubry@indre.example"
    assert "Karima Haddad" in body(taken)


async def test_the_director_reads_counts_and_reasons_and_no_agent_s_name(house: House) -> None:
    late = date(2026, 5, 6)
    answered = Answered(reason="attend-ofii", until=date(2026, 6, 3))
    await house.hear(
        rung(1, Audience.DIRECTOR, name="+3", answered=answered, limit=late),
        rung(2, Audience.DIRECTOR, name="+3", limit=late),
    )
    (taken,) = await digests(house, 1)
    text = body(taken)
    assert taken.recipient == "isabelle.fontaine@indre.example"
    assert "2 réponses en retard" in text
    assert "attend la réponse de l’OFII" in text
    assert "3 juin 2026" in text
    assert "Haddad" not in text


async def test_what_nobody_has_taken_is_the_head_s(house: House) -> None:
    await house.hear(rung(1, holder=NOBODY))
    (taken,) = await digests(house, 1)
    assert taken.recipient == "catherine.aubry@indre.example"
    assert "1 dossier que personne n’a pris" in body(taken)


async def test_held_notices_are_lines_of_the_mail_office(house: House) -> None:
    registration = await house.mail("1", hold="deux-expediteurs")
    await house.hear(registration)
    taken = await digests(house, 3)
    assert {mail.recipient for mail in taken} == {
        "martine.perrot@indre.example",
        "jerome.colin@indre.example",
        "valerie.noel@indre.example",
    }
    assert all("36-2026-A-000001" in body(mail) for mail in taken)
