"""A stored plan is read as it was written; plans of what is alike share their clocks."""

import pytest
from hypothesis import given
from pydantic import ValidationError

from services.sla.domain.plan import Plan, plan
from services.sla.item_format import PLAN, parse_plan, write_plan
from shared.facts.items.base import ItemFact
from tests.unit.sla.builders import AGENT, BOOK, Register, paris
from tests.unit.sla.histories import lives


def a_plan(number: int, *, day: int = 11) -> Plan:
    register = Register()
    register.registered(paris(day, 9, number), agent=AGENT)
    return plan(register.facts, BOOK)


@given(lives())
def test_any_plan_is_read_as_it_was_written(facts: list[ItemFact]) -> None:
    made = plan(facts, BOOK)
    text = write_plan(made)
    assert parse_plan(text) == made == PLAN.validate_json(text)


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
