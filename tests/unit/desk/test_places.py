"""Bookings, papers and tallies of places of reception, by hand."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from services.desk.letters.domain.sheets import OtherLanguage, SheetContent, sheet_wrongs
from services.desk.quality.domain import places as rules
from services.desk.quality.domain import proposals
from services.desk.quality.domain.places import BookingDay, fold, run_without, sheet_until
from services.desk.quality.measure_proposals import booking_run
from shared.errors import Refused
from shared.facts.envelope import EventId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.places import (
    BookingTried,
    HoursExcepted,
    HoursExceptionEnded,
    IncidentEnded,
    IncidentKind,
    IncidentSeen,
)
from tests.desk_builders import DAYS
from tests.place_builders import a_slot

PARIS = ZoneInfo("Europe/Paris")
SPACE = UUID("00000000-0000-4000-8000-000000000650")
NOW = datetime(2026, 5, 11, 9, tzinfo=UTC)


def stated(kind: type[QualityFact], about: str, /, **said: Any) -> Any:
    fields = {
        "event_id": EventId(uuid5(SPACE, f"{kind.__name__} {about} {said}")),
        "subject_id": SubjectId(uuid5(SPACE, about)),
        "seq": 1,
        "happened_at": NOW,
        "recorded_at": NOW,
        "by": "person:a.gent",
    }
    return kind(**(fields | said))


def tried(day: int, *, found: bool, tries: int = 1) -> Any:
    return stated(
        BookingTried, f"try {day} {found} {tries}",
        place="guichet", on=date(2026, 5, day), found=found, tries=tries,
    )  # fmt: skip


def test_the_tries_of_a_day_are_one_day_and_end_with_a_slot() -> None:
    facts = [tried(11, found=False, tries=2), tried(11, found=True), tried(11, found=False)]
    [day] = fold(facts, PARIS).days
    assert day == BookingDay("guichet", date(2026, 5, 11), found=True, tries=3)
    # « Trouvé » was typed by mistake: what corrects is all of the day, what comes after adds to it.
    right = tried(11, found=False, tries=2).model_copy(update={"corrects": True})
    [day] = fold([*facts, right, tried(11, found=False)], PARIS).days
    assert day == BookingDay("guichet", date(2026, 5, 11), found=False, tries=3)


@pytest.mark.parametrize(
    ("days", "today", "run"),
    [
        ([(11, False), (12, False)], 12, 0),
        ([(11, False), (12, False), (13, False)], 13, 3),
        ([(11, False), (12, True), (13, False)], 13, 0),
        ([(11, False), (12, False), (13, False), (15, True)], 15, 0),
        # Nobody tried on the 14th, a holiday: the run goes over it.
        ([(12, False), (13, False), (15, False)], 18, 3),
        # Two jours ouvrés without a try lie between: these are no days in a row.
        ([(4, False), (5, False), (11, False)], 11, 0),
        ([(4, False), (6, False), (7, False)], 7, 3),
        # Nobody has tried for more than ten jours ouvrés.
        ([(4, False), (5, False), (6, False)], 26, 0),
    ],
)
def test_three_tried_days_without_a_slot_are_worth_a_measure(
    days: list[tuple[int, bool]], today: int, run: int
) -> None:
    found = fold([tried(day, found=found) for day, found in days], PARIS).days
    assert len(run_without(found, "guichet", date(2026, 5, today), DAYS)) == run
    assert run_without(found, "loge", date(2026, 5, today), DAYS) == ()


def test_it_is_proposed_once_while_a_measure_about_that_place_is_open() -> None:
    run = booking_run("indre", "guichet", date(2026, 5, 11))
    assert len(proposals.without_slot([run], run, [])) == 1


def test_other_hours_stand_until_they_are_taken_back() -> None:
    closing = stated(
        HoursExcepted, "hours", number=1, place="loge", first=date(2026, 5, 18),
        last=date(2026, 5, 19), slots=(), sha256="ab" * 32,
    )  # fmt: skip
    assert [known.number for known in fold([closing], PARIS).exceptions] == [1]
    back = stated(HoursExceptionEnded, "hours", number=1, sha256="ab" * 32)
    assert fold([closing, back], PARIS).exceptions == []
    assert fold([closing, back], PARIS).stated == 1  # its number is not given again


def test_an_incident_ends_once_and_not_before_it_was_seen() -> None:
    seen = stated(
        IncidentSeen, "incident", number=1, place="guichet", kind=IncidentKind.DOWN, seen_at=NOW
    )
    [incident] = fold([seen], PARIS).open_incidents("guichet")
    with pytest.raises(Refused):
        rules.may_end(incident, datetime(2026, 5, 11, 8, tzinfo=UTC), NOW)
    rules.may_end(incident, NOW, NOW)
    over = fold([seen, stated(IncidentEnded, "incident", ended_at=NOW)], PARIS)
    assert over.open_incidents("guichet") == []
    with pytest.raises(Refused):
        rules.may_end(over.incidents[1], NOW, NOW)


@pytest.mark.parametrize(
    ("first", "last", "slots", "why"),
    [
        (date(2026, 5, 12), date(2026, 5, 11), (), "exception-days"),
        (date(2026, 5, 1), date(2026, 5, 8), (), "exception-days"),
        (date(2029, 5, 12), date(2029, 5, 12), (), "exception-far"),
        (date(2026, 5, 12), date(2026, 5, 12), (a_slot(9, 12), a_slot(11, 14)), "exception-slots"),
    ],
)
def test_other_hours_that_make_no_sense_are_refused(
    first: date, last: date, slots: tuple[Any, ...], why: str
) -> None:
    with pytest.raises(Refused) as refused:
        rules.may_except(first, last, slots, date(2026, 5, 11))
    assert refused.value.why == why


def test_a_paper_counts_from_its_approval_or_its_last_reading() -> None:
    assert sheet_until(date(2026, 1, 31), None, 1) == date(2026, 2, 28)
    assert sheet_until(date(2026, 1, 5), date(2026, 3, 2), 3) == date(2026, 6, 2)


ENGLISH = OtherLanguage("English", "Welcome", "Come in.", "Service des langues", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("body", "sheet", "why"),
    [
        ("Bienvenue.", SheetContent("loge", "Venez.", 3, ENGLISH), None),
        ("Bonjour {nom}.", SheetContent("loge", "Venez.", 3), "sheet-field"),
        ("Bienvenue.", SheetContent("loge", " ", 3), "sheet-offline"),
        ("Bienvenue.", SheetContent(None, "Venez.", 0), "sheet-months"),
        ("x" * 1601, SheetContent(None, "Venez.", 3), "sheet-long"),
        (
            "Bienvenue.",
            SheetContent(None, "Venez.", 3, OtherLanguage("English", "A", "B", "", NOW.date())),
            "sheet-other-empty",
        ),
    ],
)
def test_a_sheet_says_how_to_do_without_internet_and_has_no_field(
    body: str, sheet: SheetContent, why: str | None
) -> None:
    found = [refused.why for refused in sheet_wrongs("Titre", "Accueil", body, sheet)]
    assert found == ([] if why is None else [why])
