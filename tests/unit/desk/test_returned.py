"""A letter of ours comes back: what is said, and that no clock and no figure is touched by it."""

from datetime import UTC, date, datetime
from uuid import uuid5

import pytest

from services.desk.domain import registration, retention
from services.desk.domain.decisions import (
    Assign,
    Close,
    Command,
    DecisionContext,
    Declare,
    Depart,
    TransferItem,
    closure,
    decide,
    merge,
)
from services.desk.domain.decisions.closure import Undo
from services.desk.domain.decisions.letter_returns import (
    ReturnedDeparture,
    SettleCopy,
    SettleReturn,
    TakeBack,
)
from services.desk.domain.fold import fold
from services.desk.domain.item import Item, ItemStatus
from services.desk.domain.stamp import Stamp
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, NoticeId, PersonId
from shared.facts.items import Items
from shared.facts.items.replies import LetterReturned, ReturnSettled
from shared.facts.vocabulary import NoticeKind, ReturnReason, Settled, Way
from shared.site.staff.directory import Directory
from tests.desk_builders import MONDAY, SPACE, a_scan, an_applied_site, certain, some_people

SITE = an_applied_site()
PEOPLE = Directory({PersonId(p.id): p for p in some_people().people}, (), {})
D45, D46 = Chrono("36-2026-D-000045"), Chrono("36-2026-D-000046")
NPAI = TakeBack(ReturnReason.UNKNOWN_AT_ADDRESS)
TUESDAY, FRIDAY = date(2026, 5, 12), date(2026, 5, 15)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


class Register:
    """One letter received on the Monday; decisions pile up, each on its day."""

    def __init__(self, name: str = "a") -> None:
        arrival = a_scan(name, routing=certain())
        reading = registration.reading(arrival, SITE.site, doubtful=False)
        item_id = ItemId(uuid5(SPACE, f"item {name}"))
        stamp = Stamp(item_id, 0, arrival.event_id, "source:x", MONDAY)
        number = Chrono("36-2026-A-000001")
        self.facts: list[Items] = registration.facts(arrival, reading, number, SITE.site, stamp)

    @property
    def item(self) -> Item:
        return fold(self.facts)

    def ground(self, day: date) -> DecisionContext:
        clerk = PEOPLE.somebody("c.lerk")
        return DecisionContext(clerk, uuid5(SPACE, f"{len(self.facts)}"), at(day), SITE, PEOPLE, {})

    def decide(self, day: date, command: Command) -> list[Items]:
        stated = decide(self.item, command, self.ground(day))
        self.facts += stated
        return stated

    def refuses(self, day: date, command: Command, why: str) -> None:
        with pytest.raises(Refused) as refused:
            decide(self.item, command, self.ground(day))
        assert refused.value.why == why

    def undo(self, day: date) -> None:
        self.facts += closure.undo(self.item, self.facts, Undo("erreur"), self.ground(day))


@pytest.fixture
def answered() -> Register:
    register = Register()
    register.decide(TUESDAY, Depart(D45))
    return register


def test_a_reply_that_comes_back_is_no_reply_undone_and_no_item_done(answered: Register) -> None:
    (fact,) = answered.decide(FRIDAY, NPAI)
    assert isinstance(fact, LetterReturned)
    assert (fact.kind, fact.departure) == (NoticeKind.REPLY, D45)
    item = answered.item
    assert item.state is ItemStatus.RETURNED
    assert item.reply is not None
    assert item.reply.happened_at == at(TUESDAY)
    assert item.ended


def test_a_new_departure_settles_it_and_the_first_sending_still_counts(
    answered: Register,
) -> None:
    answered.refuses(FRIDAY, Depart(D46), "answered")
    answered.decide(FRIDAY, NPAI)
    answered.decide(date(2026, 5, 18), Depart(D46))
    item = answered.item
    assert (item.state, item.returned) == (ItemStatus.ANSWERED, ())
    assert item.reply is not None
    assert item.reply.departure == D45
    answered.refuses(date(2026, 5, 18), Depart(Chrono("36-2026-D-000047")), "answered")


def test_it_may_come_back_again_and_each_time_counts_once(answered: Register) -> None:
    answered.decide(FRIDAY, NPAI)
    answered.refuses(FRIDAY, NPAI, "returned-already")
    answered.decide(date(2026, 5, 18), Depart(D46))
    (fact,) = answered.decide(date(2026, 5, 26), NPAI)
    assert isinstance(fact, LetterReturned)
    assert fact.departure == D46


def test_the_address_corrected_leaves_the_office_and_stays_with_the_service(
    answered: Register,
) -> None:
    answered.decide(FRIDAY, NPAI)
    answered.decide(FRIDAY, SettleReturn(Settled.ADDRESS_CORRECTED))
    assert answered.item.to_settle == ()
    assert answered.item.state is ItemStatus.RETURNED
    answered.refuses(FRIDAY, SettleReturn(Settled.ADDRESS_CORRECTED), "readdressed-already")
    answered.decide(date(2026, 5, 18), Depart(D46))
    assert answered.item.state is ItemStatus.ANSWERED


def test_nothing_more_needs_its_reason(answered: Register) -> None:
    answered.refuses(FRIDAY, SettleReturn(Settled.NOTHING_MORE, "sans-suite"), "nothing-came-back")
    answered.decide(FRIDAY, NPAI)
    answered.refuses(FRIDAY, SettleReturn(Settled.NOTHING_MORE), "why-nothing-more")
    (fact,) = answered.decide(FRIDAY, SettleReturn(Settled.NOTHING_MORE, "adresse-inconnue"))
    assert isinstance(fact, ReturnSettled)
    assert fact.reason == "adresse-inconnue"
    assert answered.item.state is ItemStatus.ANSWERED


def test_a_copy_is_settled_once_and_changes_no_returned_letter(answered: Register) -> None:
    answered.decide(FRIDAY, NPAI)
    copy = NoticeId(uuid5(SPACE, "copy"))
    (fact,) = answered.decide(FRIDAY, SettleCopy(copy, Way.PAPER))
    assert isinstance(fact, ReturnSettled)
    said = (fact.returned, fact.outcome, fact.kind, fact.way)
    assert said == (copy, Settled.SENT_AGAIN, NoticeKind.COPY, Way.PAPER)
    answered.refuses(FRIDAY, SettleCopy(copy), "copy-settled")
    assert answered.item.state is ItemStatus.RETURNED
    answered.undo(FRIDAY)
    (fact,) = answered.decide(FRIDAY, SettleCopy(copy))
    assert isinstance(fact, ReturnSettled)
    assert (fact.outcome, fact.way) == (Settled.NOTHING_MORE, None)


@pytest.mark.parametrize(
    "ending_of_it",
    [SettleReturn(Settled.SENT_AGAIN), Close("sans-suite"), Depart(D46), Declare(FRIDAY)],
)
def test_whatever_ends_it_can_be_undone_and_it_waits_again(
    answered: Register, ending_of_it: Command
) -> None:
    answered.decide(FRIDAY, NPAI)
    answered.decide(FRIDAY, ending_of_it)
    assert answered.item.returned == ()
    answered.undo(FRIDAY)
    assert answered.item.state is ItemStatus.RETURNED
    answered.undo(FRIDAY)
    assert answered.item.state is ItemStatus.ANSWERED


def test_what_was_closed_comes_out_again_when_its_letter_comes_back(answered: Register) -> None:
    answered.decide(TUESDAY, Close("sans-suite"))
    answered.decide(FRIDAY, NPAI)
    assert answered.item.state is ItemStatus.RETURNED
    answered.decide(FRIDAY, Close("adresse-inconnue"))
    assert answered.item.state is ItemStatus.CLOSED


def test_a_request_for_pieces_that_comes_back_leaves_an_open_item_as_it_was() -> None:
    register = Register()
    register.decide(TUESDAY, Depart(D45, NoticeKind.PIECES, until=date(2026, 6, 5)))
    (fact,) = register.decide(FRIDAY, NPAI)
    assert isinstance(fact, LetterReturned)
    assert (fact.kind, fact.departure) == (NoticeKind.PIECES, None)
    assert register.item.state is ItemStatus.AWAITING_PIECES
    assert register.item.pieces_until == date(2026, 6, 5)
    other = Register("b").item
    with pytest.raises(Refused, match="say first what was done"):
        merge.merge(register.item, other, register.ground(FRIDAY))


def test_the_departure_that_is_named_is_the_one_that_came_back(answered: Register) -> None:
    answered.decide(date(2026, 5, 13), Depart(D46, NoticeKind.SIMPLE))
    named = ReturnedDeparture(D46, at(date(2026, 5, 13)))
    (fact,) = answered.decide(FRIDAY, TakeBack(ReturnReason.REFUSED, departure=named))
    assert isinstance(fact, LetterReturned)
    assert (fact.kind, fact.departure) == (NoticeKind.SIMPLE, D46)
    reply = ReturnedDeparture(D45, at(TUESDAY))
    (fact,) = answered.decide(FRIDAY, TakeBack(ReturnReason.REFUSED, departure=reply))
    assert isinstance(fact, LetterReturned)
    assert fact.kind is NoticeKind.REPLY


def test_only_what_left_comes_back_and_not_before_it_left(answered: Register) -> None:
    Register().refuses(FRIDAY, NPAI, "no-letter-left")
    answered.refuses(FRIDAY, TakeBack(ReturnReason.OTHER, kind=NoticeKind.SVR), "no-letter-left")
    early = TakeBack(ReturnReason.OTHER, day=date(2026, 5, 11))
    answered.refuses(FRIDAY, early, "returned-before-it-left")
    answered.refuses(FRIDAY, TakeBack(ReturnReason.OTHER, day=date(2026, 5, 18)), "day-to-come")


def test_a_scan_of_the_first_sending_that_comes_late_settles_nothing(answered: Register) -> None:
    answered.decide(FRIDAY, NPAI)
    answered.decide(FRIDAY, Depart(D46, day=TUESDAY))
    assert answered.item.state is ItemStatus.RETURNED


def test_meanwhile_it_is_given_on_and_not_transmitted(answered: Register) -> None:
    answered.decide(FRIDAY, NPAI)
    answered.decide(FRIDAY, Assign("bmi", "a.gent"))
    assert answered.item.agent == "a.gent"
    answered.refuses(FRIDAY, TransferItem("mairie"), "returned-open")


def test_a_content_is_kept_as_long_as_its_letter_lies_there(answered: Register) -> None:
    later = date(2036, 1, 1)
    assert retention.due(answered.item, answered.facts, SITE.site, later) is not None
    answered.decide(FRIDAY, NPAI)
    assert retention.due(answered.item, answered.facts, SITE.site, later) is None
