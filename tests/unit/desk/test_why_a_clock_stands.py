"""The item's page proves its delays: each day, wait, move and version, and whose word it is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import uuid5

import pytest

from services.desk.domain.clocks import ItemClock, advance
from services.desk.domain.fold import fold
from services.desk.french import clock_count
from services.desk.french.why import counted_from, rung_words
from services.desk.store.sheets import ItemSheet
from shared.calendar.territories import Closure, Territory
from shared.calendar.working_days import working_calendar
from shared.facts.clocks import (
    ClockCorrected,
    ClockFact,
    Clocks,
    ClockStarted,
    ClockStopped,
    LimitMoved,
    MovedBy,
    Outcome,
    RungMove,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import EventId, On
from shared.facts.items.base import ItemFact
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.items.routing import ItemAssigned
from shared.facts.vocabulary import Audience, ClockName, Proof
from shared.values import Checked
from tests.desk_browser import loose
from tests.desk_builders import SPACE
from tests.unit.desk.test_pages import BY, ITEM, NAMES, REPLY, SITE, a_sheet

F = TypeVar("F", bound=ItemFact)
C = TypeVar("C", bound=ClockFact)


def at(day: int, hour: int = 8, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def stated(sheet: ItemSheet, kind: type[F], moment: datetime, **said: Any) -> F:
    seq = sheet.facts[-1].seq + 1
    return kind(
        event_id=EventId(uuid5(SPACE, f"stated {seq}")), happened_at=moment, recorded_at=moment,
        by=said.pop("by", "person:b.head"), item_id=ITEM, seq=seq, **said,
    )  # fmt: skip


def with_(sheet: ItemSheet, kind: type[F], moment: datetime, **said: Any) -> ItemSheet:
    facts = [*sheet.facts, stated(sheet, kind, moment, **said)]
    return replace(sheet, facts=facts, item=fold(facts))  # type: ignore[arg-type]  # typed by hand


def tells(clock: ItemClock, kind: type[C], moment: datetime, **said: Any) -> ItemClock:
    revision = clock.revision + 1
    fact: Any = kind(
        event_id=EventId(uuid5(SPACE, f"told {revision}")), happened_at=said.pop("on", moment),
        recorded_at=moment, by="service:sla", item_id=ITEM, revision=revision, chrono=None,
        service="bmi", holder=clock.holder, category=None, clock=clock.clock,
        limit=said.pop("limit", clock.limit), **said,
    )  # fmt: skip
    told: Clocks = fact
    return advance(clock, told)


def the_one(
    sheet: ItemSheet, clock: ItemClock, today: date = date(2026, 6, 30)
) -> clock_count.Count:
    (count,) = clock_count.counts(replace(sheet, clocks={clock.clock: clock}), BY, NAMES, today)
    return replace(count, reasons=[loose(reason) for reason in count.reasons])


def a_late_reply() -> tuple[ItemSheet, ItemClock]:
    """Due on 19 May; pieces asked on 12, received on 15; replied on 28 May: raw 11, net 9."""
    sheet = with_(a_sheet(), PiecesRequested, at(12), until=date(2026, 5, 22))
    sheet = with_(sheet, PiecesReceived, at(15, 10), by="person:c.lerk")
    sheet = with_(sheet, ReplySent, at(28), proof=Proof.KEYED)
    clock = tells(REPLY, ClockStopped, at(28), outcome=Outcome.LATE, raw=11, net=9)
    return sheet, clock


def test_a_late_reply_shows_every_day_and_its_net_delay_can_be_counted_from_them() -> None:
    count = the_one(*a_late_reply())
    assert [day.day for day in count.days] == [date(2026, 5, day) for day in range(12, 29)]
    numbers = [day.number for day in count.days if day.number]
    assert numbers == list(range(1, 12))
    assert [day.day.day for day in count.days if day.waited] == [13, 15]
    assert [day.number for day in count.days if day.late and day.number] == [6, 7, 8, 9, 10, 11]
    waited = sum(day.waited for day in count.days)
    assert count.result == f"Non tenu, en {numbers[-1]} jours ouvrés (net : {11 - waited})"
    assert f"Délai net : 11 − {waited} = 9 jours ouvrés." in count.reasons


def test_a_wait_says_who_asked_and_who_received() -> None:
    [wait] = [reason for reason in the_one(*a_late_reply()).reasons if reason.startswith("Pièces")]
    assert wait == (
        "Pièces attendues du 12/05/2026 au 15/05/2026 (demandées par Camille B.head le 12/05/2026"
        " à 10 h 00 ; reçues, dit par Camille C.lerk le 15/05/2026 à 12 h 00) : 2 jours ouvrés hors"
        " du délai net."
    )


def test_what_runs_late_shows_its_days_until_this_one_and_long_counts_are_told_in_spans() -> None:
    count = the_one(a_sheet(), REPLY, date(2026, 5, 26))
    assert [day.day.day for day in count.days if day.late and day.number] == [20, 21, 22, 26]
    long = the_one(a_sheet(), REPLY, date(2026, 7, 31))
    assert long.days == ()
    assert long.spans[:2] == [
        "du mardi 12 mai 2026 au mercredi 13 mai 2026 : jours ouvrés 1 à 2",
        "jeudi 14 mai 2026 : jeudi de l’Ascension",
    ]
    assert (
        "du mercredi 20 mai 2026 au vendredi 22 mai 2026 : jours ouvrés 6 à 8, après la limite"
        in (long.spans)
    )


def test_a_corrected_receipt_says_both_days_its_author_and_the_limit_that_moved() -> None:
    sheet = with_(
        a_sheet(), ReceiptCorrected, at(13), receipt=On(day=date(2026, 5, 7)), reason="tampon"
    )
    clock = tells(
        REPLY, LimitMoved, at(13, 9), before=date(2026, 5, 19), limit=date(2026, 5, 18),
        why="ReceiptCorrected", rules=1, day_zero=date(2026, 5, 7),
    )  # fmt: skip
    count = the_one(sheet, clock)
    assert count.sentence.startswith("Jour 0 : jeudi 7 mai 2026.")
    assert count.reasons[:2] == [
        (
            "Réception corrigée : jeudi 7 mai 2026 au lieu du lundi 11 mai 2026 (tampon),"
            " par Camille B.head le 13/05/2026 à 10 h 00."
        ),
        (
            "Limite : lundi 18 mai 2026 au lieu du mardi 19 mai 2026, jour 0 jeudi 7 mai 2026,"
            " règles version 1 ; la date de réception a été corrigée par Camille B.head le"
            " 13/05/2026 à 10 h 00."
        ),
    ]


def test_a_rung_that_moved_says_from_when_by_how_much_and_whose_word_it_was() -> None:
    sheet = with_(a_sheet(), ItemAssigned, at(19), service="bmi", agent="b.gent")
    move = RungMove(why=MovedBy.HOLDER, days=1, seq=sheet.facts[-1].seq)
    clock = tells(
        REPLY, RungReached, at(21, 4), rung="+1", telling=1, tell=(Audience.HOLDER, Audience.HEAD),
        fell=date(2026, 5, 21), days=2, due=date(2026, 5, 20), moved=(move,),
    )  # fmt: skip
    clock = tells(clock, RungWithdrawn, at(22), rung="+1", telling=1)
    [rung] = [reason for reason in the_one(sheet, clock).reasons if reason.startswith("Rappel")]
    assert rung == (
        "Rappel du jeudi 21 mai 2026 (1 jour ouvré après la limite), à qui l’a et à son chef, prévu"
        " le 20/05/2026 ; repoussé de"
        " 1 jour ouvré, le courrier venait de changer de mains (par Camille B.head le 19/05/2026 à"
        " 10 h 00) ; repris le 22/05/2026 à 10 h 00."
    )


@pytest.mark.parametrize(
    ("rung", "said"),
    [
        ("-2", "2 jours ouvrés avant la limite"),
        ("+0", "le jour de la limite"),
        ("+1", "1 jour ouvré après la limite"),
        ("given:7", "à qui l’a reçu depuis"),
        ("observed:2", "un message vu dans les envois attendait d’être confirmé"),
    ],
)
def test_a_rung_is_said_in_words(rung: str, said: str) -> None:
    assert rung_words(rung) == said


def test_an_end_that_was_corrected_stays_with_its_cause() -> None:
    sheet, clock = a_late_reply()
    sheet = with_(sheet, ReceiptCorrected, at(29), receipt=On(day=date(2026, 5, 22)), reason="x")
    clock = tells(
        clock, ClockCorrected, at(29, 9), on=at(28), outcome=Outcome.KEPT, raw=3, net=3,
        why="ReceiptCorrected",
    )  # fmt: skip
    ends = [reason for reason in the_one(sheet, clock).reasons if reason.startswith("Dit le")]
    assert ends == [
        "Dit le 28/05/2026 à 10 h 00 : non tenu, 11 jours ouvrés (net : 9).",
        (
            "Dit le 29/05/2026 à 11 h 00 : tenu, 3 jours ouvrés (net : 3) ; la date de réception a"
            " été corrigée par Camille B.head le 29/05/2026 à 10 h 00."
        ),
    ]


def test_a_settled_clock_is_counted_by_the_calendar_of_its_stop_and_not_by_todays() -> None:
    sheet = with_(a_sheet(), ReplySent, at(18), proof=Proof.KEYED)
    clock = tells(REPLY, ClockStopped, at(18), outcome=Outcome.KEPT, raw=4, net=4)
    closure = Closure(day=date(2026, 5, 15), decided=Checked(by="x", on=date(2026, 1, 5), why="p"))
    closed = SITE.model_copy(
        update={"version": 2, "days": working_calendar(Territory.METROPOLE, [closure])}
    )
    then, now = (
        clock_count.counts(
            replace(sheet, clocks={clock.clock: clock}), {ClockName.REPLY: by}, NAMES,
            date(2026, 6, 1),
        )[0]
        for by in (SITE, closed)
    )  # fmt: skip
    assert [day.number for day in then.days if day.limit] == [5]
    assert [day.number for day in now.days if day.limit] == [4]
    assert then.reasons[-1].startswith("Compté avec les règles version 1, en vigueur depuis le")
    assert counted_from(clock, sheet.facts) == at(18)
    assert counted_from(REPLY, sheet.facts) is None


def test_a_clock_started_again_takes_the_day_zero_and_version_it_is_told() -> None:
    clock = tells(
        REPLY, ClockStarted, at(20), commitment="five", day_zero=date(2026, 5, 12), rules=3
    )
    assert (clock.day_zero, clock.rules) == (date(2026, 5, 12), 3)
