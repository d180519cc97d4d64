"""Rule 9: the survivor counts from the earliest receipt, under the earliest limit."""

from datetime import date

from shared.facts.clocks import Outcome
from shared.facts.envelope import Chrono, ItemId
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto
from shared.facts.vocabulary import Channel
from tests.unit.sla.builders import AGENT, ITEM, Register, may, paris, received


def absorbing(receipt: date, channel: Channel) -> Register:
    """A mail of 11 May that takes another message in on 12 May."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        ItemAbsorbed, paris(12), absorbed=ItemId(ITEM), absorbed_chrono=Chrono("36-2026-A-000002"),
        receipt=received(receipt), channel=channel,
    )  # fmt: skip
    return register


def test_an_older_letter_gives_its_day_zero_but_not_its_longer_limit() -> None:
    register = absorbing(may(4), Channel.LETTER)
    assert (register.clock().day_zero, register.clock().limit) == (may(4), may(19))
    register.replied(paris(19))
    stop = register.clock().stop
    assert stop
    # 5, 6, 7, 11, 12, 13, 15, 18 and 19 May; the 8th is a holiday.
    assert (stop.outcome, stop.raw) == (Outcome.KEPT, 9)


def test_an_older_mail_brings_its_earlier_limit() -> None:
    assert absorbing(may(4), Channel.EMAIL).clock().limit == may(12)


def test_a_younger_message_changes_nothing() -> None:
    register = absorbing(may(12), Channel.EMAIL)
    assert (register.clock().day_zero, register.clock().limit) == (may(11), may(19))


def test_split_again_the_item_counts_for_itself() -> None:
    register = absorbing(may(4), Channel.EMAIL)
    register.takes_back(register.facts[-1], paris(13))
    assert (register.clock().day_zero, register.clock().limit) == (may(11), may(19))


def test_every_clock_of_the_absorbed_item_stops_as_merged_even_a_stopped_one() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.replied(paris(12))
    register.says(
        ItemMergedInto, paris(13), survivor=ItemId(ITEM), survivor_chrono=Chrono("36-2026-A-000003")
    )
    stops = [clock.stop for clock in register.plan().clocks]
    assert {(stop.outcome, stop.raw) for stop in stops if stop} == {(Outcome.MERGED, None)}
    assert len(stops) == 3
