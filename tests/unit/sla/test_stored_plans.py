"""What is stored is read as it was written; what is alike shares its clocks, written once."""

from uuid import uuid5

import pytest
from hypothesis import given
from pydantic import ValidationError

from services.sla.domain.advance import ItemState, advance
from services.sla.domain.plan import Plan, plan
from services.sla.domain.standing import Standing
from services.sla.item_format import (
    PLAN,
    STANDING,
    StateWriter,
    parse_plan,
    parse_standing,
    write_plan,
    write_standing,
)
from shared.facts.envelope import ItemId
from shared.facts.items.base import ItemFact
from tests.unit.sla.builders import AGENT, BOOK, ITEM, NAMES, Register, paris
from tests.unit.sla.histories import lives


def a_plan(number: int, *, day: int = 11) -> Plan:
    register = Register()
    register.registered(paris(day, 9, number), agent=AGENT)
    return plan(register.facts, BOOK)


def a_standing(facts: list[ItemFact], item: ItemId = ITEM) -> Standing:
    return advance(ItemState(Standing(item)), facts, BOOK, {}, paris(29)).item.standing


@given(lives())
def test_any_plan_is_read_as_it_was_written(facts: list[ItemFact]) -> None:
    made = plan(facts, BOOK)
    text = write_plan(made)
    assert parse_plan(text) == made == PLAN.validate_json(text)
    assert text == PLAN.dump_json(made, exclude_defaults=True).decode()


@given(lives())
def test_what_stands_of_any_item_is_read_as_it_was_written(facts: list[ItemFact]) -> None:
    stands = a_standing(facts)
    text = write_standing(stands)
    assert parse_standing(text) == stands == STANDING.validate_json(text)
    assert text == STANDING.dump_json(stands).decode()


def test_items_of_which_the_same_stands_share_it_and_keep_what_is_theirs() -> None:
    register, other = Register(), ItemId(uuid5(NAMES, "other"))
    register.registered(paris(11), agent=AGENT)
    written = [write_standing(a_standing(register.facts, item)) for item in (ITEM, other)]
    mine, its = (parse_standing(text) for text in written)
    assert mine.clocks is its.clocks
    assert (mine.item_id, its.item_id) == (ITEM, other)
    writer = StateWriter()
    assert [writer.standing(mine), writer.standing(its)] == written


def test_one_writer_writes_each_item_its_own_clocks() -> None:
    writer, days = StateWriter(), (11, 12, 11)
    plans = [a_plan(minute, day=day) for minute, day in enumerate(days)]
    assert [writer.plan(made) for made in plans] == [write_plan(made) for made in plans]


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_standing_that_was_cut_short_is_not_read(cut: int) -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    with pytest.raises(ValidationError):
        parse_standing(write_standing(a_standing(register.facts))[:-cut])


def test_letters_of_one_morning_share_their_clocks_and_keep_what_is_theirs() -> None:
    first, second = (parse_plan(write_plan(a_plan(minute))) for minute in (1, 2))
    assert first.clocks is second.clocks
    assert (first.known, second.known) == (paris(11, 9, 1), paris(11, 9, 2))


def test_letters_of_two_days_do_not() -> None:
    first, second = (parse_plan(write_plan(a_plan(1, day=day))) for day in (11, 12))
    assert first.clocks != second.clocks


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_plan_that_was_cut_short_is_not_read(cut: int) -> None:
    with pytest.raises(ValidationError):
        parse_plan(write_plan(a_plan(1))[:-cut])


def test_a_plan_without_clocks_is_read() -> None:
    assert parse_plan(write_plan(plan((), BOOK))).clocks == ()
