"""Reminders about the website in the daily digest: to correspondents, without what was done."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.facts.envelope import PersonId, ServiceId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.website import (
    ChangeDone,
    ChangePlaced,
    PageChecked,
    PageOutcome,
    WebsiteAudience,
    WebsiteRung,
)
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import MORNING, body, digests
from tests.roles import one_transaction
from tests.unit.notify.builders import event

READER, QUALITY = WebsiteAudience.CORRESPONDENT, WebsiteAudience.QUALITY


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


def fell(subject: int, seq: int, **fields: Any) -> WebsiteRung:
    said = {
        "rung": "begun",
        "person": PersonId("k.haddad"),
        "service": ServiceId("bmi"),
        "due": date(2026, 6, 30),
        "opened": date(2026, 4, 1),
        "tell": (READER,),
    }
    told: WebsiteRung = stated(WebsiteRung, subject, seq, **(said | fields))
    return told


def checked(page: str, seq: int) -> PageChecked:
    found: PageChecked = stated(
        PageChecked, 99, seq, page=page, row="ab" * 32, outcome=PageOutcome.OK
    )
    return found


async def test_a_correspondent_reads_how_many_pages_are_to_check(house: House) -> None:
    await house.hear(fell(1, 1, pages=("titres", "naturalisation")))
    await house.hear(fell(1, 1, pages=("titres", "naturalisation")))  # told again
    (taken,) = await digests(house, 1)
    text = body(taken)
    assert taken.recipient == "karima.haddad@indre.example"
    assert "Site internet : à faire" in text
    assert "2 pages du site, BMI : à vérifier pour le 30 juin 2026" in text
    assert "/qualite/site-internet" in text


async def test_what_was_read_before_the_digest_is_not_asked_for(house: House) -> None:
    await house.hear(fell(1, 1, pages=("titres", "naturalisation")))
    await house.hear(checked("titres", 2))
    (taken,) = await digests(house, 1)
    assert "1 page du site, BMI" in body(taken)


async def test_a_later_list_of_the_quarter_replaces_one_that_nobody_was_told(
    house: House,
) -> None:
    await house.hear(fell(1, 1, pages=("titres", "naturalisation")))
    await house.hear(fell(1, 2, rung="-10", pages=("titres",)))
    (taken,) = await digests(house, 1)
    assert body(taken).count("pages du site") + body(taken).count("page du site") == 1


async def test_a_list_of_a_quarter_that_has_passed_is_told_to_nobody(house: House) -> None:
    await house.hear(
        fell(1, 1, person=PersonId("nobody.left"), due=date(2026, 3, 31), pages=("titres",)),
        fell(2, 2, pages=("naturalisation",)),
    )
    (taken,) = await digests(house, 1)
    assert "pour le 30 juin 2026" in body(taken)
    assert "31 mars" not in body(taken)
    assert await house.pool.fetchval("SELECT count(*) FROM notify.website_rungs") == 1


async def test_a_complaint_is_quality_s_until_a_page_is_named(house: House) -> None:
    nobody: dict[str, Any] = {"person": None, "service": None, "tell": (QUALITY,), "number": 4}
    await house.hear(fell(4, 1, due=date(2026, 5, 26), **nobody))
    await house.hear(fell(5, 2, number=5, due=date(2026, 5, 11), rung="+1", tell=(READER, QUALITY)))
    found = {taken.recipient.partition("@")[0]: body(taken) for taken in await digests(house, 2)}
    assert set(found) == {"helene.marchand", "karima.haddad"}
    assert (
        "modification n° 4, page à désigner : à faire pour le 26 mai 2026"
        in found["helene.marchand"]
    )
    assert "modification n° 5, BMI" in found["helene.marchand"]
    assert "en retard de 1 jour ouvré" in found["karima.haddad"]
    assert "Haddad" not in found["helene.marchand"]


async def test_a_change_that_was_made_is_not_said(house: House) -> None:
    await house.hear(fell(4, 1, number=4), fell(5, 2, number=5))
    await house.hear(stated(ChangeDone, 4, 3, changed=True, sha256="ab" * 32))
    (taken,) = await digests(house, 1)
    assert "modification n° 5" in body(taken)
    assert "modification n° 4" not in body(taken)


async def test_the_head_reads_for_a_correspondent_who_is_gone_and_the_deputy_for_an_absent_one(
    house: House, postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="o.masson", first=date(2026, 5, 12), last=date(2026, 5, 12))
        await people_store.add_absence(owner, away, "tests", MORNING)
    await house.hear(
        fell(1, 1, person=PersonId("n.obody"), pages=("titres",)),
        fell(2, 2, person=PersonId("o.masson"), service=ServiceId("bsr"), pages=("permis",)),
    )
    found = {taken.recipient.partition("@")[0] for taken in await digests(house, 2)}
    assert found == {"catherine.aubry", "michel.aubert"}


async def test_what_is_heard_after_what_ended_it_is_asked_of_nobody(house: House) -> None:
    """A page checked since, an earlier list of the quarter, a change that was made since."""
    await house.hear(checked("titres", 5))
    await house.hear(fell(1, 4, pages=("titres", "naturalisation")))
    await house.hear(fell(1, 3, rung="-10", pages=("titres", "naturalisation", "accueil")))
    await house.hear(stated(ChangeDone, 2, 7, changed=True, sha256="ab" * 32))
    await house.hear(fell(2, 6, number=1))
    (taken,) = await digests(house, 1)
    assert "1 page du site, BMI" in body(taken)
    assert "modification n° 1" not in body(taken)


async def test_an_end_that_is_heard_late_takes_back_only_what_fell_before_it(house: House) -> None:
    await house.hear(fell(1, 4, pages=("titres",)), fell(2, 5, number=2))
    await house.hear(stated(ChangePlaced, 2, 2, page="permis", sha256="ab" * 32))
    await house.hear(checked("titres", 3))
    (taken,) = await digests(house, 1)
    assert "1 page du site, BMI" in body(taken)
    assert "modification n° 2" in body(taken)
