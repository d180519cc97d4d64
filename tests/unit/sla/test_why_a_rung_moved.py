"""Each rung says what moved it, and by which fact of the item (rules 4, 5, 8 and 13)."""

from datetime import date

from shared.facts.clocks import MovedBy, RungReached
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.routing import ReminderAnswered
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, OTHER, Register, Story, june, may, paris, received

Moves = dict[str, tuple[date | None, list[tuple[str, int, int | None]], date]]


def moved(register: Register) -> Moves:
    return {
        rung.name: (
            rung.due,
            [(move.why.value, move.days, move.seq) for move in rung.moved],
            rung.fell,
        )
        for rung in register.clock().rungs
    }


def a_mail() -> Register:
    """Of Monday 11 May: −2 on 15, limit 19, +1 on 20, +3 on 22 May."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    return register


def test_a_rung_at_its_offset_names_nothing() -> None:
    assert moved(a_mail())["+1"] == (may(20), [], may(20))


def test_a_transfer_an_answer_and_the_pieces_are_named_with_their_facts() -> None:
    register = a_mail()
    register.assigned(paris(19), OTHER)
    assert moved(register)["+1"] == (may(20), [("holder", 1, 2)], may(21))
    register.says(
        ReminderAnswered, paris(19, 11), clock=ClockName.REPLY, reason="absence", until=may(26)
    )
    assert moved(register)["+1"] == (may(20), [("answer", 4, 3)], may(27))
    register.says(PiecesRequested, paris(26), until=may(29))  # 27, 28, 29
    assert moved(register)["+1"] == (may(20), [("answer", 4, 3), ("waited", 3, 4)], june(1))
    assert moved(register)["+3"] == (may(22), [("answer", 4, 3), ("waited", 3, 4)], june(3))


def test_pieces_alone_are_named_for_each_rung_that_they_move() -> None:
    register = a_mail()
    register.says(PiecesRequested, paris(12), until=may(15))  # 13, 15
    assert moved(register)["-2"] == (may(15), [("waited", 2, 2)], may(19))


def test_an_old_limit_names_the_fact_that_set_it() -> None:
    register = Register()
    register.registered(paris(1, month=6), may(11), agent=AGENT)
    assert moved(register) == {
        "-2": (may(15), [("old_limit", 11, 1)], june(2)),
        "+1": (may(20), [("old_limit", 9, 1)], june(3)),
        "+3": (may(22), [("old_limit", 9, 1)], june(5)),
    }


def test_a_rung_that_stands_where_it_fell_under_the_limit_before_says_so() -> None:
    register = a_mail()
    register.says(ReceiptCorrected, paris(18, 10), receipt=received(may(4)), reason="tampon")
    due, why, fell = moved(register)["-2"]
    assert (due, fell) == (may(7), may(15))
    assert [move[0] for move in why] == [MovedBy.STANDS]


def test_what_is_told_carries_the_day_of_the_offset_and_the_moves() -> None:
    register, story = a_mail(), Story()
    register.assigned(paris(19), OTHER)
    story.hears(register.facts, paris(19))
    told = [fact for fact in story.lives_until(paris(22)) if isinstance(fact, RungReached)]
    [plus_one] = [fact for fact in told if (fact.clock, fact.rung) == ("reply", "+1")]
    assert (plus_one.due, plus_one.fell) == (may(20), may(21))
    assert [(move.why, move.days, move.seq) for move in plus_one.moved] == [(MovedBy.HOLDER, 1, 2)]
    [given] = [fact for fact in told if fact.rung.startswith("given:")]
    assert (given.due, given.moved) == (None, ())
