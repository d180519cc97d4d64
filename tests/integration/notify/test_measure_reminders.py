"""Reminders about measures in the daily digest: each once, to whom it means, taken back in time."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.facts.envelope import PersonId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.measures import MeasureChanged, MeasureDone, QualityRung, RungAudience
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import MORNING, OPENING, body, digests, rung
from tests.roles import one_transaction
from tests.unit.notify.builders import event

OWNER, HEAD = RungAudience.OWNER, RungAudience.HEAD


def stated(kind: type[Any], number: int, seq: int, /, **fields: Any) -> Any:
    defaults: dict[str, Any] = {
        "event_id": event(f"quality {seq}"),
        "subject_id": SubjectId(UUID(int=number)),
        "seq": seq,
        "happened_at": MORNING,
        "recorded_at": MORNING,
        "by": "service:desk",
    }
    return kind(**(defaults | fields))


def fell(number: int, seq: int, *tell: RungAudience, **fields: Any) -> QualityRung:
    told: QualityRung = stated(
        QualityRung,
        number,
        seq,
        **{
            "number": number,
            "rung": "-5",
            "tell": tell or (OWNER,),
            "owner": PersonId("k.haddad"),
            "due": date(2026, 5, 20),
            "opened": date(2026, 4, 20),
        }
        | fields,
    )
    return told


async def test_the_owner_reads_the_measure_once_in_the_digest_of_the_day(house: House) -> None:
    await house.hear(fell(7, 1))
    await house.hear(fell(7, 1))  # told again
    (taken,) = await digests(house, 1)
    text = body(taken)
    assert taken.recipient == "karima.haddad@indre.example"
    assert "Mesures correctives : à faire" in text
    assert "Qualité : à faire" not in text, "that is the label's part of the digest"
    assert "mesure n° 7, BMI : action à faire le 20 mai 2026, reste 5 jours ouvrés" in text
    assert "Ouverte le 20 avril 2026" in text
    assert "/qualite/mesures/7" in text
    house.clock.at = OPENING + timedelta(days=1)
    await house.waker().round()
    assert await house.states() == [("digest", "sent", None)]


async def test_head_director_and_quality_officer_hear_their_rungs_and_no_agents_name(
    house: House,
) -> None:
    await house.hear(
        fell(1, 1, OWNER, HEAD, rung="+1", due=date(2026, 5, 11)),
        fell(2, 2, RungAudience.DIRECTOR, rung="+3", due=date(2026, 5, 6)),
        fell(3, 3, RungAudience.QUALITY, rung="+10", due=date(2026, 4, 24)),
    )
    found = {taken.recipient.partition("@")[0]: body(taken) for taken in await digests(house, 4)}
    assert set(found) == {
        "karima.haddad", "catherine.aubry", "isabelle.fontaine", "helene.marchand",
    }  # fmt: skip
    assert "mesure n° 1" in found["catherine.aubry"]
    assert "en retard de 1 jour ouvré" in found["catherine.aubry"]
    assert "mesure n° 2" in found["isabelle.fontaine"]
    assert "mesure n° 3" in found["helene.marchand"]
    for name in ("catherine.aubry", "isabelle.fontaine", "helene.marchand"):
        assert "Haddad" not in found[name]


async def test_what_was_done_before_the_digest_is_not_said(house: House) -> None:
    await house.hear(fell(7, 1), fell(8, 2))
    await house.hear(stated(MeasureDone, 7, 3, sha256="ab" * 32))
    (taken,) = await digests(house, 1)
    assert "mesure n° 8" in body(taken)
    assert "mesure n° 7" not in body(taken)


async def test_a_reminder_that_is_heard_after_what_ended_it_is_told_to_nobody(
    house: House,
) -> None:
    """A dead letter that was taken up again, or a fact that was told once more."""
    await house.hear(stated(MeasureDone, 7, 3, sha256="ab" * 32))
    await house.hear(fell(7, 1), fell(8, 2))
    (taken,) = await digests(house, 1)
    assert "mesure n° 8" in body(taken)
    assert "mesure n° 7" not in body(taken)


async def test_an_end_that_is_heard_late_takes_back_only_what_fell_before_it(house: House) -> None:
    """The measure was changed after the first reminder and before the second."""
    await house.hear(fell(7, 1), fell(7, 3, rung="+1", due=date(2026, 5, 11)))
    due = date(2026, 5, 11)
    await house.hear(stated(MeasureChanged, 7, 2, due=due, sha256="ab" * 32))
    (taken,) = await digests(house, 1)
    assert body(taken).count("mesure n° 7") == 1
    assert "en retard de 1 jour ouvré" in body(taken)


async def test_a_day_that_was_put_off_far_or_again_is_said_so(house: House) -> None:
    await house.hear(
        fell(3, 1, RungAudience.QUALITY, rung="far"),
        fell(4, 2, RungAudience.QUALITY, rung="postponed"),
    )
    (taken,) = await digests(house, 1)
    assert "mesure n° 3, BMI : échéance reportée loin ou après coup, maintenant le" in body(taken)
    assert "mesure n° 4, BMI : échéance reportée plusieurs fois, maintenant le" in body(taken)


async def test_one_digest_tells_items_and_measures_and_what_comes_later_waits_for_tomorrow(
    house: House,
) -> None:
    await house.hear(rung(1))
    await house.hear(fell(7, 1))
    (taken,) = await digests(house, 1)
    assert "000001" in body(taken)
    assert "mesure n° 7" in body(taken)
    await house.hear(fell(8, 2))
    await house.waker().round()
    assert await house.states() == [("digest", "sent", None)]
    taken = (await digests(house, 2, at=OPENING + timedelta(days=1)))[1]
    assert "mesure n° 8" in body(taken)
    assert "mesure n° 7" not in body(taken)


async def test_the_deputy_of_an_absent_owner_reads_it(house: House, postgres_url: str) -> None:
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="k.haddad", first=date(2026, 5, 12), last=date(2026, 5, 12))
        await people_store.add_absence(owner, away, "tests", MORNING)
    await house.hear(fell(7, 1))
    (taken,) = await digests(house, 1)
    # Thomas Renard, her deputy, is away until the 22nd: his own deputy reads it.
    assert taken.recipient == "catherine.aubry@indre.example"
    assert "Vous recevez aussi les lignes de Karima Haddad, en son absence." in body(taken)
