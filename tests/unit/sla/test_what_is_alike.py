"""Letters of one kind, received and given on the same days, have one plan of their running clocks.

It is worked out once (services/sla/domain/alike.py), and is to the letter what each would have had
by itself: here with moments a millionth of a second from a morning's rungs.
"""

import ast
import importlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla import domain
from services.sla.domain import rules as of_rules
from services.sla.domain.alike import HEEDED, ONLY_STOP, SAY_MORE, likeness
from services.sla.domain.history import ItemHistory
from services.sla.domain.plan import plan
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.envelope import ItemId, PersonId
from shared.facts.items.acknowledgements import ReceiptSent
from shared.facts.items.base import ItemFact
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    ReminderAnswered,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import Channel, ClockName, Nature, Waiting, Way
from tests.unit.sla.builders import (
    AGENT,
    BCL,
    BMI,
    BOOK,
    HEAD,
    NAMES,
    OTHER,
    Register,
    a_class,
    may,
    paris,
    rules,
)
from tests.unit.sla.histories import lives

Draw = Callable[..., Any]
PEOPLE = (AGENT, OTHER, HEAD, None)
KNOWN_BOOK = Rulebook(BOOK.versions)
"""What one example leaves in it the next one finds."""


def anew() -> Rulebook:
    """The same rules, by which nothing was worked out yet."""
    return Rulebook(tuple(ClockRules(version.applied) for version in BOOK.versions))


def a_letter(name: str, hour: int = 10, agent: PersonId | None = AGENT) -> Register:
    register = Register(ItemId(uuid5(NAMES, name)))
    register.registered(paris(11, hour), agent=agent)
    return register


@st.composite
def simple_lives(draw: Draw) -> list[ItemFact]:
    """Registered, given, sorted anew, in lists: around the moment at which rungs fall."""
    register, at = Register(), paris(draw(st.integers(11, 12)), 6)

    def near() -> Any:
        return at + timedelta(
            hours=draw(st.sampled_from([0, 0, 0, 5, -6, 24])),
            microseconds=draw(st.integers(-1, 1)),
        )

    receipt = draw(st.sampled_from([may(7), may(11), paris(11, 3), paris(10, 23)]))
    register.registered(
        near(), receipt, draw(st.sampled_from([Channel.EMAIL, Channel.LETTER])),
        recorded=near(), agent=draw(st.sampled_from(PEOPLE)),
    )  # fmt: skip
    for _ in range(draw(st.integers(0, 3))):
        at += timedelta(days=draw(st.integers(0, 4)))
        happened, recorded = near(), near()
        match draw(st.integers(0, 5)):
            case 0 | 1 | 2:
                register.says(
                    ItemAssigned, happened, recorded,
                    service=draw(st.sampled_from([BMI, BCL])), agent=draw(st.sampled_from(PEOPLE)),
                )  # fmt: skip
            case 3:
                nature = draw(st.sampled_from([Nature.REQUEST, Nature.COMPLAINT]))
                register.says(ItemReclassified, happened, recorded, classification=a_class(nature))
            case 4:
                kind, waiting = draw(
                    st.sampled_from(
                        [(WaitStarted, Waiting.TO_QUALIFY), (WaitStarted, Waiting.TO_TRANSMIT)]
                    )
                )
                register.says(kind, happened, recorded, waiting=waiting, service=BMI)
                register.says(WaitEnded, happened, recorded, waiting=waiting)
            case _:
                register.says(ReceiptSent, happened, recorded, notice_id=None, way=Way.MAIL)
    return register.facts


@settings(max_examples=60)
@given(simple_lives())
def test_what_was_worked_out_for_another_is_what_it_has_by_itself(
    facts: Sequence[ItemFact],
) -> None:
    assert plan(facts, KNOWN_BOOK) == plan(facts, anew())


@settings(max_examples=30)
@given(lives())
def test_any_life_is_planned_as_if_it_were_the_first(facts: Sequence[ItemFact]) -> None:
    assert plan(facts, KNOWN_BOOK) == plan(facts, anew())


def test_no_two_moments_are_taken_for_one_another_where_they_differ() -> None:
    """An email of 4 May, written down at once or late, is given as rungs fall, and given back."""
    near = [timedelta(microseconds=-1), timedelta(), timedelta(microseconds=1), timedelta(hours=5)]
    book = anew()
    for late, told, lag, agent, back in product((0, 1), (0, 1), near, (OTHER, HEAD), near):
        register, first = Register(), paris(12, 6) + back if late else paris(4)
        register.registered(
            first, paris(4), agent=AGENT, recorded=paris(12, 12) if late else paris(4)
        )
        for _ in range(told):
            register.says(ReceiptSent, paris(12, 12), notice_id=None, way=Way.MAIL)
        register.assigned(paris(14, 6) + lag, agent)
        register.assigned(paris(15, 6) + back, AGENT)
        assert plan(register.facts, book) == plan(register.facts, anew())


def test_which_of_two_moments_of_a_morning_came_first_is_heeded() -> None:
    """A complaint that becomes a request: its rungs are past, for whoever held it just then."""
    book = anew()
    for hour, agent in product((9, 11), (HEAD, OTHER)):
        register = Register()
        register.registered(paris(4), agent=AGENT, what=a_class(Nature.COMPLAINT))
        register.says(ItemAssigned, paris(14, hour), paris(14, 9, 30), service=BMI, agent=agent)
        register.says(ItemReclassified, paris(14, 10), classification=a_class())
        assert plan(register.facts, book) == plan(register.facts, anew())


def test_two_letters_of_a_kind_and_day_share_the_plan_of_their_clocks() -> None:
    book = anew()
    one, other = a_letter("one", 9).plan(book), a_letter("other", 15).plan(book)
    assert [clock.clock for clock in one.clocks] == [
        ClockName.RECEIPT, ClockName.SERVICES_PUBLICS, ClockName.REPLY,
    ]  # fmt: skip
    assert all(mine is its for mine, its in zip(one.clocks, other.clocks, strict=True))
    assert (one.last, one.done, one.known) == ("ItemRegistered", False, paris(11, 9))


def test_a_stopped_clock_is_planned_by_itself_and_the_others_are_not() -> None:
    book, one, other = anew(), a_letter("one", 9), a_letter("other", 15)
    other.says(ReceiptSent, paris(11, 16), notice_id=None, way=Way.MAIL)
    shared = {clock.clock: clock for clock in one.plan(book).clocks}
    found = {clock.clock: clock for clock in other.plan(book).clocks}
    assert found[ClockName.REPLY] is shared[ClockName.REPLY]
    assert found[ClockName.RECEIPT].stop is not None
    assert shared[ClockName.RECEIPT].stop is None


def test_who_holds_it_or_a_day_or_a_morning_tells_two_letters_apart() -> None:
    mine = likeness(ItemHistory(a_letter("one").facts), BOOK)
    assert mine == likeness(ItemHistory(a_letter("other", 17).facts), BOOK)
    before_six, another = a_letter("early", 5), a_letter("given", agent=OTHER)
    next_day = Register()
    next_day.registered(paris(12), agent=AGENT)
    for unlike in (before_six, another, next_day):
        assert likeness(ItemHistory(unlike.facts), BOOK) not in (mine, None)


def test_a_fact_that_says_more_or_older_rules_make_it_like_no_other() -> None:
    answered = a_letter("answered")
    answered.says(
        ReminderAnswered, paris(12), clock=ClockName.REPLY, reason="absence", until=may(20)
    )
    assert likeness(ItemHistory(answered.facts), BOOK) is None
    newer = Rulebook((rules(), rules(2, paris(11, 11))))
    assert likeness(ItemHistory(a_letter("before", 10).facts), newer) is None
    assert likeness(ItemHistory(a_letter("after", 12).facts), newer) is not None


def test_every_fact_that_a_clock_reads_has_its_place_here() -> None:
    assert set(_read_by_clocks()) == HEEDED | ONLY_STOP | SAY_MORE


def test_what_is_kept_for_alike_letters_has_an_end() -> None:
    kept = anew().last
    for number in range(of_rules.MOST_ALIKE + 1):
        kept.for_alike(number, lambda: None)
    asked = list[str]()
    kept.for_alike(0, lambda: asked.append("again"))
    kept.for_alike(of_rules.MOST_ALIKE, lambda: asked.append("not"))
    assert asked == ["again"]


def _read_by_clocks() -> Iterator[type[ItemFact]]:
    """The kinds of facts that the modules of the rules import, but the tested one."""
    for path in Path(domain.__path__[0]).glob("*.py"):
        for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if path.stem == "alike" or not isinstance(statement, ast.ImportFrom):
                continue
            if (statement.module or "").startswith("shared.facts.items."):
                module = importlib.import_module(str(statement.module))
                found = (getattr(module, name.name) for name in statement.names)
                kinds = (kind for kind in found if isinstance(kind, type) and kind is not ItemFact)
                yield from (kind for kind in kinds if issubclass(kind, ItemFact))
