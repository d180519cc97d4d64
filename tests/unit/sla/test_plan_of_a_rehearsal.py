"""The plan of a rehearsal leaves out what only telling needs, and nothing that people would see."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import pytest

from services.sla.domain.plan import EVERY, plan
from services.sla.domain.rules import MOST_KNOWN, ClockRules, Rulebook
from shared.facts.items import Items
from tests.bench.rehearse_items import counted, letters
from tests.rehearsal_builders import BOOK, RULES, some_items

ITEMS = {**some_items(), **{f"{each.kind} {each.received}": each.facts for each in letters()}}


@pytest.mark.parametrize("facts", [pytest.param(facts, id=name) for name, facts in ITEMS.items()])
def test_each_running_clock_has_the_same_days_and_the_same_hearers(facts: Sequence[Items]) -> None:
    whole, bare = plan(facts, BOOK), plan(facts, BOOK, EVERY, EVERY)
    assert (whole.subject, whole.known, whole.last, whole.done) == (
        bare.subject, bare.known, bare.last, bare.done,
    )  # fmt: skip
    assert [clock.clock for clock in whole.clocks] == [clock.clock for clock in bare.clocks]
    for one, other in zip(whole.clocks, bare.clocks, strict=True):
        said = ("commitment", "day_zero", "start", "limit", "rules", "stop")
        assert [getattr(one, name) for name in said] == [getattr(other, name) for name in said]
        if one.stop is None:
            assert [(rung.name, rung.fell, rung.at, rung.tell) for rung in one.rungs] == [
                (rung.name, rung.fell, rung.at, rung.tell) for rung in other.rungs
            ]


def test_what_rules_know_of_days_is_bounded_and_the_same_when_it_is_forgotten() -> None:
    rules = ClockRules(RULES)
    facts = ITEMS["letter open"]
    before = plan(facts, Rulebook((rules,)))
    for number in range(MOST_KNOWN + 10):
        assert rules.once(("a day", number), partial(int, number)) == number
    assert rules.once(("a day", MOST_KNOWN + 9), lambda: -1) == MOST_KNOWN + 9
    assert rules.once(("a day", 0), lambda: -1) == -1, "forgotten, and worked out anew"
    assert plan(facts, Rulebook((rules,))) == before


def test_the_hand_counts_days_as_an_almanac_does() -> None:
    """Ascension, Whit Monday, and the first of May, which is a Friday in 2026."""
    assert counted(date(2026, 5, 13), 1) == date(2026, 5, 15)
    assert counted(date(2026, 5, 22), 1) == date(2026, 5, 26)
    assert counted(date(2026, 4, 30), 2) == date(2026, 5, 5)
