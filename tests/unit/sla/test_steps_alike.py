"""A step taken for an item that is alike is to the letter what each would have told by itself."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.domain import steps_alike
from services.sla.domain.advance import Advance, ItemState, advance
from services.sla.domain.facts_alike import FactAlike
from services.sla.domain.plan import Plan
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.standing import Standing
from services.sla.domain.steps_alike import StepsAlike
from services.sla.item_format import parse_plan, parse_standing, write_plan, write_standing
from shared.facts.clocks import Clocks
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.facts.items.base import ItemFact
from shared.facts.items.registration import ItemRegistered
from shared.facts.publication import Publication
from shared.facts.vocabulary import Category
from shared.platform.messaging.outbox import columns
from tests.unit.sla.builders import AGENT, BCL, BOOK, ITEM, NAMES, OTHER, Register, paris
from tests.unit.sla.histories import lives

TWIN = ItemId(uuid5(NAMES, "twin"))
READ = {"mailbox:pref-bmi": paris(29), "sent:pref-bmi": paris(29)}
STEPS = 25


def of_twin(fact: ItemFact) -> ItemFact:
    chrono = {"chrono": Chrono("36-2026-A-000002")} if isinstance(fact, ItemRegistered) else {}
    return fact.model_copy(update={"item_id": TWIN, **chrono})


def stored(item: ItemState) -> ItemState:
    """As its row gives it back: with clocks that items of the same text share."""
    made = parse_plan(write_plan(item.plan)) if item.plan else None
    standing = parse_standing(write_standing(item.standing))
    return ItemState(standing, made, item.wake_at, item.unread_since, item.open)


def a_letter(item: ItemId = ITEM, day: int = 11, agent: PersonId = AGENT) -> Sequence[ItemFact]:
    register = Register(item)
    register.registered(paris(day), agent=agent)
    return register.facts


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[ItemId]:
    """The items whose step was worked out, and not that of another."""
    found = list[ItemId]()

    def counted(item: ItemState, *context: Any) -> Advance:
        found.append(item.standing.item_id)
        return advance(item, *context)

    monkeypatch.setattr(steps_alike, "advance", counted)
    return found


@given(lives(), st.sampled_from([{}, READ]), st.integers(0, 8))
def test_any_item_steps_after_another_as_by_itself(
    facts: list[ItemFact], read: dict[str, datetime], heard: int
) -> None:
    """Heard in two parts, then woken whenever it asks for it, beside one that is alike."""
    items = [ItemState(Standing(ITEM)), ItemState(Standing(TWIN))]
    known = facts, [of_twin(fact) for fact in facts]
    now = paris(11)
    for count in (heard, len(facts)):
        now = max([now, *(fact.recorded_at for fact in facts[:count])])
        parts = [every[:count] for every in known]
        items = both(items, parts, read, now)
    for _ in range(STEPS):
        if (wake := items[0].wake_at) is None:
            break
        items = both(items, (None, None), read, wake)


def both(
    items: Sequence[ItemState],
    facts: Sequence[Sequence[ItemFact] | None],
    read: dict[str, datetime],
    now: datetime,
) -> list[ItemState]:
    steps, after = StepsAlike(BOOK, read, now), list[ItemState]()
    for item, known in zip(map(stored, items), facts, strict=True):
        made, told = steps.advance(item, known)
        alone = advance(item, known, BOOK, read, now)
        assert (made, whole(told)) == (alone.item, list(alone.told))
        after.append(made)
    return after


def unused() -> Rulebook:
    """Rules under which nothing was worked out yet."""
    return Rulebook(tuple(ClockRules(version.applied) for version in BOOK.versions))


BATCH = st.tuples(st.sampled_from([{}, READ]), st.integers(0, 40 * 24))


@given(lives(), st.integers(1, 4), st.lists(BATCH, min_size=4, max_size=6))
def test_any_item_is_heard_in_a_later_batch_as_by_itself(
    facts: list[ItemFact], heard: int, batches: list[tuple[dict[str, datetime], int]]
) -> None:
    """Two that are alike in turns, in part and then whole, each batch at any moment of 40 days."""
    book, twins = unused(), [ItemState(Standing(ITEM)), ItemState(Standing(TWIN, revision=2))]
    whole_lives = facts, [of_twin(fact) for fact in facts]
    for number, (read, hours) in enumerate(batches):
        now, which = paris(11) + timedelta(hours=hours), number % 2
        known = whole_lives[which][: heard if number < 2 else None]
        item = stored(twins[which])
        made, told = StepsAlike(book, read, now).advance(item, known)
        alone = advance(item, known, BOOK, read, now)
        assert (made, whole(told)) == (alone.item, list(alone.told))
        twins[which] = made


def test_what_is_told_first_of_a_kind_is_worked_out_once_until_something_could_change(
    taken: list[ItemId],
) -> None:
    book, found = unused(), list[datetime]()

    def first_heard(now: datetime) -> datetime:
        taken.clear()
        made, _ = StepsAlike(book, {}, now).advance(ItemState(Standing(ITEM)), a_letter())
        found.extend([now] * len(taken))
        assert made.wake_at
        return made.wake_at

    wake_at = first_heard(paris(12))
    first_heard(wake_at - timedelta(seconds=1))
    first_heard(wake_at)
    first_heard(wake_at + timedelta(seconds=1))
    first_heard(paris(11))
    assert found == [paris(12), wake_at, paris(11)]


def test_a_rung_that_hangs_on_what_was_read_is_worked_out_in_each_batch(
    taken: list[ItemId],
) -> None:
    book = unused()
    for read in ({}, READ):
        StepsAlike(book, read, paris(29)).advance(ItemState(Standing(ITEM)), a_letter())
    assert taken == [ITEM, ITEM]


def test_what_happens_when_it_is_told_is_worked_out_in_each_batch(taken: list[ItemId]) -> None:
    """Its limit moves at the moment of the batch that says so."""
    book = unused()
    letters = [stored(replace_id(advanced().item, item)) for item in (ITEM, TWIN)]
    taken.clear()
    for item, now in zip(letters, (paris(13), paris(14)), strict=True):
        of_other_day = a_letter(item.standing.item_id, day=12)
        _, told = StepsAlike(book, {}, now).advance(item, of_other_day)
        moved = [fact.happened_at for fact in whole(told) if fact.type == "LimitMoved"]
        assert set(moved) == {now}
    assert taken == [ITEM, TWIN]


def replace_id(item: ItemState, item_id: ItemId) -> ItemState:
    return replace(item, standing=replace(item.standing, item_id=item_id))


def whole(told: Sequence[Publication]) -> Sequence[Clocks]:
    """The facts, once it is seen that each leaves to the byte as it would by itself."""
    facts: list[Any] = [fact.fact if isinstance(fact, FactAlike) else fact for fact in told]
    assert columns("sla", told) == columns("sla", facts)
    return facts


def test_letters_of_one_kind_and_day_take_one_step_and_tell_it_as_their_own(
    taken: list[ItemId],
) -> None:
    steps, ids = StepsAlike(unused(), {}, paris(12)), (ITEM, TWIN, ItemId(uuid5(NAMES, "third")))
    made = [steps.advance(ItemState(Standing(item)), a_letter(item)) for item in ids]
    assert taken == [ITEM]
    told = [fact for _, each in made for fact in whole(each)]
    assert [fact.item_id for fact in told] == [item for item in ids for _ in made[0][1]]
    assert len({fact.event_id for fact in told}) == len(told)


def test_woken_together_they_take_one_step_too(taken: list[ItemId]) -> None:
    book = unused()
    hears = StepsAlike(book, {}, paris(11))
    items = [
        stored(hears.advance(ItemState(Standing(item)), a_letter(item))[0]) for item in (ITEM, TWIN)
    ]
    taken.clear()
    steps = StepsAlike(book, {}, paris(26, 6))
    told = [whole(steps.advance(item, None)[1]) for item in items]
    assert taken == [ITEM]
    assert [fact.type for fact in told[1]] == [fact.type for fact in told[0]] != []


@pytest.mark.parametrize(
    "other",
    [
        lambda: (Standing(TWIN), a_letter(TWIN, day=12)),
        lambda: (Standing(TWIN), a_letter(TWIN, agent=OTHER)),
        lambda: (advanced().item.standing, a_letter(TWIN)),
    ],
    ids=["another day", "another holder", "more stands"],
)
def test_what_a_step_reads_tells_two_items_apart(
    taken: list[ItemId], other: Callable[[], tuple[Standing, Sequence[ItemFact]]]
) -> None:
    steps, (standing, facts) = StepsAlike(unused(), {}, paris(13)), other()
    steps.advance(ItemState(Standing(ITEM)), a_letter())
    steps.advance(ItemState(standing), facts)
    assert taken == [ITEM, TWIN]


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: of_subject(plan, service=BCL),
        lambda plan: of_subject(plan, category=Category("permis")),
        lambda plan: of_subject(plan, sources=("mailbox:pref-bcl",)),
        lambda plan: of_holder(plan, service=BCL),
        lambda plan: of_holder(plan, person=OTHER),
        lambda plan: of_holder(plan, signing=True),
        lambda plan: replace(plan, known=paris(13, 10, 1)),
        lambda plan: replace(plan, last="ItemReopened"),
        lambda plan: replace(plan, done=True),
    ],
    ids=["service", "category", "sources", "unit", "holder", "signing", "known", "last", "done"],
)
def test_whatever_a_step_reads_of_a_plan_tells_two_items_apart(
    taken: list[ItemId], change: Callable[[Plan], Plan]
) -> None:
    """With the same clocks, and the same that stands of them, one thing alone is another."""
    woken = stored(advance(ItemState(Standing(ITEM)), a_letter(), BOOK, {}, paris(11)).item)
    assert woken.plan
    twin = replace(woken, plan=change(woken.plan), standing=replace(woken.standing, item_id=TWIN))
    steps = StepsAlike(unused(), {}, paris(13))
    steps.advance(woken, None)
    made, told = steps.advance(twin, None)
    alone = advance(twin, None, BOOK, {}, paris(13))
    assert (made, whole(told)) == (alone.item, list(alone.told))
    assert taken[:2] == [ITEM, TWIN]


def of_subject(made: Plan, **changes: Any) -> Plan:
    assert made.subject
    return replace(made, subject=replace(made.subject, **changes))


def of_holder(made: Plan, **changes: Any) -> Plan:
    assert made.subject
    return of_subject(made, holder=made.subject.holder.model_copy(update=changes))


def advanced() -> Advance:
    return advance(ItemState(Standing(TWIN)), a_letter(TWIN), BOOK, {}, paris(13))
