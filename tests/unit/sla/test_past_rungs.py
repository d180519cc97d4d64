"""Rule 4: rungs already past when a limit is set."""

from datetime import date

from services.sla.domain.history import ItemHistory
from services.sla.domain.ladder import chapters
from services.sla.domain.rules import Rulebook
from shared.facts.clocks import RungReached
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.vocabulary import Channel
from tests.unit.sla.builders import (
    AGENT,
    BOOK,
    HOLDER,
    THE_DIRECTOR,
    THE_HEAD,
    Register,
    Story,
    june,
    may,
    paris,
    received,
    rules,
    types,
)


def an_old_mail() -> Register:
    """Received on 11 May (limit 19 May), registered on Monday 1 June."""
    register = Register()
    register.registered(paris(1, month=6), may(11), agent=AGENT)
    return register


def test_the_holder_gets_one_line_next_morning_and_those_above_the_second_day() -> None:
    assert an_old_mail().rungs() == {"-2": june(2), "+1": june(3), "+3": june(5)}


def test_the_line_says_how_late_it_is_and_that_it_speaks_for_several() -> None:
    story = Story()
    story.hears(an_old_mail().facts, paris(1, 11, month=6))
    assert story.stands() == set()
    [line] = [fact for fact in story.lives_until(paris(2, 6, month=6)) if fact.clock == "reply"]
    assert (line.tell, line.collapsed) == ((HOLDER,), True)
    assert line.days == 9  # 20, 21, 22, 26, 27, 28, 29 May, 1 and 2 June


def test_of_several_rungs_of_the_holder_only_the_last_is_told() -> None:
    register = Register()
    register.registered(paris(10, month=6), may(11), Channel.LETTER, agent=AGENT)
    assert register.rungs() == {"-2": june(11), "+1": june(12), "+3": june(16)}


def test_what_is_past_under_both_limits_stands_and_only_the_limit_moves() -> None:
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    story.hears(register.facts, paris(11))
    story.lives_until(paris(18, 9))
    assert story.stands() == {"-2"}
    register.says(ReceiptCorrected, paris(18, 10), receipt=received(may(4)), reason="tampon")
    told = story.hears(register.facts, paris(18, 10))
    assert types(told) == ["LimitMoved"]
    assert (told[-1].limit, story.stands()) == (may(12), {"-2"})


def test_a_correction_that_jumps_over_the_rungs_above_tells_the_holder_first() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(ReceiptCorrected, paris(18, 10), receipt=received(may(4)), reason="tampon")
    rungs = register.clock().rungs
    assert [(rung.name, rung.fell, rung.tell) for rung in rungs] == [
        ("-2", may(15), (HOLDER,)),
        ("past:2026-05-12", may(19), (HOLDER,)),
        ("+1", may(20), (HOLDER, THE_HEAD)),
        ("+3", may(22), (THE_DIRECTOR,)),
    ]


def test_a_later_true_date_takes_back_what_is_no_longer_due() -> None:
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    story.hears(register.facts, paris(11))
    story.lives_until(paris(18, 9))
    register.says(ReceiptCorrected, paris(18, 10), receipt=received(may(15)), reason="tampon")
    told = story.hears(register.facts, paris(18, 10))
    assert types(told) == ["LimitMoved", "RungWithdrawn"]
    again = [fact for fact in story.lives_until(paris(22)) if isinstance(fact, RungReached)]
    assert [(f.rung, f.telling) for f in again if f.clock == "reply"] == [("-2", 2)]


def test_a_second_correction_does_not_tell_again_what_one_line_spoke_for() -> None:
    register = Register()
    register.registered(paris(10, month=6), may(11), Channel.LETTER, agent=AGENT)
    register.says(
        ReceiptCorrected, paris(12, 10, month=6), receipt=received(may(12)), reason="tampon"
    )
    assert register.rungs() == {"-2": june(11), "+1": june(12), "+3": june(16)}


def test_what_was_received_before_go_live_has_no_clock_unless_it_was_imported_open() -> None:
    book = Rulebook((rules(go_live=paris(1)),))
    history, imported = Register(), Register()
    history.registered(paris(11), date(2026, 4, 30), agent=AGENT)
    imported.registered(paris(11), date(2026, 4, 30), agent=AGENT, imported=True)
    assert history.plan(book).clocks == ()
    assert imported.clock(book=book).limit == may(11)


def test_a_small_correction_keeps_the_spacing_above_that_an_old_letter_was_given() -> None:
    register = Register()
    register.registered(paris(21), may(11), agent=AGENT)
    assert register.rungs() == {"-2": may(22), "+1": may(26), "+3": may(28)}
    register.says(ReceiptCorrected, paris(22, 10), receipt=received(may(12)), reason="tampon")
    # The limit is one day later: +1 stands where it was put, +3 is due one day later too.
    assert register.rungs() == {"-2": may(22), "+1": may(26), "+3": may(29)}


def test_a_register_whose_clock_was_set_back_writes_no_chapter_before_the_last() -> None:
    register = Register()
    register.registered(paris(13), may(11), agent=AGENT)
    register.says(
        ReceiptCorrected, paris(12), paris(12), receipt=received(may(12)), reason="tampon"
    )
    written = [chapter.recorded for chapter in chapters(ItemHistory(register.facts), BOOK)]
    assert written == [paris(13), paris(13)]


def test_a_letter_stamped_on_the_day_of_go_live_is_timed() -> None:
    book = Rulebook((rules(go_live=paris(11, 9)),))
    letter = Register()
    letter.registered(paris(11), may(11), Channel.LETTER, agent=AGENT)
    assert letter.clock(book=book).limit == june(3)


def test_a_receipt_corrected_within_one_limit_tells_the_other_day_zero() -> None:
    """Saturday and Sunday have the same first jour ouvré: the limit stays, day 0 does not."""
    register, story = Register(), Story()
    register.registered(paris(18), may(16), agent=AGENT)
    story.hears(register.facts, paris(18))
    register.says(ReceiptCorrected, paris(18, 11), receipt=received(may(17)), reason="tampon")
    told = story.hears(register.facts[1:], paris(18, 11))
    [moved] = [fact for fact in told if fact.clock == "reply"]
    assert (moved.type, moved.before, moved.limit, moved.why) == (
        "LimitMoved", may(22), may(22), "ReceiptCorrected",
    )  # fmt: skip
    assert moved.day_zero == may(17)
    assert story.hears([], paris(18, 12)) == []
