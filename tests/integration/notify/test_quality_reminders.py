"""Reminders of the label in the digest of the day: to whom, once, and not when they are void."""

from datetime import date, datetime, timedelta
from uuid import uuid5

from shared.facts.envelope import EventId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import (
    LabelDateMoved,
    QualityFactWithdrawn,
    ReminderFell,
    ReminderTo,
    StepHeld,
)
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import body, digests
from tests.unit.notify.builders import NAMES

TUESDAY = datetime.fromisoformat("2026-05-19T09:15:00+02:00")
WEDNESDAY = datetime.fromisoformat("2026-05-20T09:15:00+02:00")
OFFICER, SECRETARY = "helene.marchand@indre.example", "francoise.lemoine@indre.example"


def said(seq: int) -> dict[str, object]:
    return {
        "event_id": EventId(uuid5(NAMES, f"quality {seq}")), "seq": seq,
        "subject_id": SubjectId(uuid5(NAMES, "label")), "by": "service:desk",
        "happened_at": TUESDAY, "recorded_at": TUESDAY,
    }  # fmt: skip


def reminder(seq: int, days: int, due: date, *tell: ReminderTo) -> ReminderFell:
    return ReminderFell.model_validate(
        said(seq)
        | {
            "what": "audit-interne",
            "occurrence": 1,
            "documents": True,
            "due": due,
            "days": days,
            "tell": tell,
        }
    )


async def test_the_officer_reads_it_once_in_the_digest_of_the_day(house: House) -> None:
    await house.hear(reminder(1, 30, date(2026, 6, 18), ReminderTo.QUALITY_OFFICER))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert mail.recipient == OFFICER
    text = body(mail)
    assert "Qualité : à faire - Documents : audit interne, pour le 18 juin 2026, dans 30" in text
    await house.hear(reminder(2, 10, date(2026, 6, 18), ReminderTo.QUALITY_OFFICER))
    both = await digests(house, 2, at=WEDNESDAY)
    assert body(both[1]).count("Documents : audit interne") == 1
    rows = await house.pool.fetch("SELECT event_id FROM notify.quality_reminders_told")
    assert len(rows) == 2  # each fact in one digest


async def test_what_is_long_past_is_told_to_no_new_reader(house: House) -> None:
    old, due = date(2026, 4, 10), date(2026, 6, 18)
    fell = reminder(1, 0, old, ReminderTo.QUALITY_OFFICER)
    await house.hear(fell.model_copy(update={"happened_at": TUESDAY - timedelta(days=39)}))
    await house.hear(reminder(2, 30, due, ReminderTo.QUALITY_OFFICER))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("Documents : audit interne") == 1
    assert "10 avril" not in body(mail)


async def test_what_the_register_could_state_late_alone_is_told_with_its_date(house: House) -> None:
    await house.hear(reminder(1, 0, date(2026, 4, 10), ReminderTo.QUALITY_OFFICER))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("10 avril 2026") == 1


async def test_a_reminder_that_is_heard_after_its_end_is_told_to_nobody(house: House) -> None:
    officer, due = ReminderTo.QUALITY_OFFICER, date(2026, 6, 18)
    held = {"step": "audit-interne-documents", "occurrence": 1, "due": due, "on": "2026-05-18"}
    await house.hear(StepHeld.model_validate(said(3) | held))
    await house.hear(reminder(2, 30, due, officer))  # of that date, lost on its way and told again
    await house.hear(reminder(1, 30, date(2026, 6, 17), officer))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("Documents : audit interne") == 1
    assert "17 juin 2026" in body(mail)
    moved = {"before": "2025-06-18", "label": "2025-06-19", "why": "a" * 64}
    await house.hear(LabelDateMoved.model_validate(said(9) | moved))
    await house.hear(reminder(8, 30, date(2026, 6, 19), officer))
    await house.hear(reminder(10, 30, date(2026, 6, 20), officer))
    mails = await digests(house, 2, at=WEDNESDAY)
    assert body(mails[1]).count("Documents : audit interne") == 1
    assert "20 juin 2026" in body(mails[1])


async def test_an_end_that_is_heard_late_takes_back_only_what_fell_before_it(house: House) -> None:
    officer, due = ReminderTo.QUALITY_OFFICER, date(2026, 6, 18)
    await house.hear(reminder(1, 60, date(2026, 6, 17), officer), reminder(4, 30, due, officer))
    moved = {"before": "2025-06-17", "label": "2025-06-18", "why": "a" * 64}
    await house.hear(LabelDateMoved.model_validate(said(3) | moved))
    held = {"step": "audit-interne-documents", "occurrence": 1, "due": due, "on": "2026-05-18"}
    await house.hear(StepHeld.model_validate(said(2) | held))
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("Documents : audit interne") == 1
    assert "18 juin 2026" in body(mail)


async def test_on_its_day_the_secretary_reads_it_too(house: House) -> None:
    told = (ReminderTo.QUALITY_OFFICER, ReminderTo.GENERAL_SECRETARY)
    await house.hear(reminder(1, 0, date(2026, 5, 19), *told))
    found = await digests(house, 2, at=TUESDAY)
    assert {mail.recipient for mail in found} == {OFFICER, SECRETARY}
    assert all("pour le 19 mai 2026, aujourd’hui" in body(mail) for mail in found)


async def test_what_was_held_or_moved_meanwhile_is_told_no_more(house: House) -> None:
    await house.hear(
        reminder(1, 30, date(2026, 6, 18), ReminderTo.QUALITY_OFFICER),
        StepHeld.model_validate(
            said(2)
            | {
                "step": "audit-interne-documents",
                "occurrence": 1,
                "due": "2026-06-18",
                "on": "2026-05-18",
            }
        ),
    )
    await house.hear(
        reminder(3, 30, date(2026, 6, 19), ReminderTo.QUALITY_OFFICER),
        LabelDateMoved.model_validate(
            said(4) | {"before": "2025-06-18", "label": "2025-06-19", "why": "a" * 64}
        ),
        reminder(5, 30, date(2026, 6, 20), ReminderTo.QUALITY_OFFICER),
    )
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("Documents : audit interne") == 1
    assert "20 juin 2026" in body(mail)


async def test_a_step_that_was_held_by_mistake_is_told_anew(house: House) -> None:
    officer, due = ReminderTo.QUALITY_OFFICER, date(2026, 6, 18)
    held = {"step": "audit-interne-documents", "occurrence": 1, "due": due, "on": "2026-05-18"}
    await house.hear(
        reminder(1, 30, due, officer),
        StepHeld.model_validate(said(2) | held),
        QualityFactWithdrawn.model_validate(
            said(3) | {"mistake": 2, "kind": "StepHeld", "why": "a" * 64}
        ),
        reminder(4, 30, due, officer),
    )
    [mail] = await digests(house, 1, at=TUESDAY)
    assert body(mail).count("Documents : audit interne") == 1
