"""Rules 5 and 6: whoever receives an item has a full jour ouvré, and a rung of their own."""

from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import tenures
from shared.facts.items.routing import ReplyInSignature, SignatureReturned
from tests.unit.sla.builders import AGENT, BCL, BOOK, HEAD, OTHER, Register, Story, may, paris


def a_mail(**more: object) -> Register:
    """Of Monday 11 May: −2 on 15, limit 19, +1 on 20, +3 on 22 May."""
    register = Register()
    register.registered(paris(11), **{"agent": AGENT, **more})  # type: ignore[arg-type]  # unpacked, each of its own type
    return register


def test_a_change_before_the_rungs_above_puts_them_off_until_a_full_jour_ouvre_has_passed() -> None:
    register = a_mail()
    register.assigned(paris(19), OTHER)
    assert register.rungs() == {
        "-2": may(15), "given:2": may(20), "+1": may(21), "+3": may(26),
    }  # fmt: skip


def test_a_change_early_enough_puts_off_nothing_and_gives_no_rung() -> None:
    register = a_mail()
    register.assigned(paris(13), OTHER)
    assert register.rungs() == {"-2": may(15), "+1": may(20), "+3": may(22)}


def test_all_changes_together_put_off_by_two_days_at_most() -> None:
    register = a_mail()
    register.assigned(paris(19), OTHER)
    register.assigned(paris(20), AGENT)
    register.assigned(paris(21), OTHER)
    rungs = register.rungs()
    assert (rungs["+1"], rungs["+3"]) == (may(22), may(27))


def test_a_rung_dated_before_the_change_is_not_moved() -> None:
    register = a_mail()
    register.assigned(paris(20, 9), OTHER)
    rungs = register.rungs()
    assert (rungs["+1"], rungs["+3"]) == (may(20), may(22))


def test_the_new_holder_s_own_rung_is_dropped_when_the_item_left_them_before_the_morning() -> None:
    register = a_mail()
    register.assigned(paris(18, 9), OTHER)
    register.says(ReplyInSignature, paris(18, 17), signatory=HEAD)
    assert "given:2" not in register.rungs()
    assert register.rungs()["given:3"] == may(19)


def test_signature_and_return_are_changes_of_holder() -> None:
    register = a_mail()
    register.says(ReplyInSignature, paris(18), signatory=HEAD)
    register.says(SignatureReturned, paris(19))
    rungs = register.rungs()
    assert (rungs["given:2"], rungs["given:3"], rungs["+1"]) == (may(19), may(20), may(21))
    subject = register.plan().subject
    assert subject
    assert (subject.holder.person, subject.holder.signing) == (AGENT, False)


def test_an_assignment_ends_a_signature() -> None:
    register = a_mail()
    register.says(ReplyInSignature, paris(12), signatory=HEAD)
    register.assigned(paris(13), OTHER, BCL)
    subject = register.plan().subject
    assert subject
    assert (subject.holder.service, subject.holder.person, subject.holder.signing) == (
        BCL, OTHER, False,
    )  # fmt: skip


def test_what_nobody_has_taken_is_held_by_the_head_who_is_above_nobody() -> None:
    register, story = a_mail(agent=None), Story()
    story.hears(register.facts, paris(11))
    story.lives_until(paris(20, 6))
    assert story.stands() == {"-2", "+1"}  # the director's +3 alone is above


def test_whoever_holds_the_item_when_the_rung_is_told_is_told() -> None:
    register, story = a_mail(), Story()
    register.assigned(paris(18, 16), OTHER)
    story.hears(register.facts, paris(18, 16))
    reached = [fact for fact in story.lives_until(paris(22, 6)) if fact.type == "RungReached"]
    assert {fact.holder.person for fact in reached} == {OTHER}


def test_what_was_told_to_an_earlier_holder_is_not_told_again_under_its_name() -> None:
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    story.lives_until(paris(18, 9))
    register.assigned(paris(18, 16), OTHER)
    story.hears(register.facts, paris(18, 16))
    told = [fact.rung for fact in story.lives_until(paris(19, 12)) if fact.clock == "reply"]
    assert told == ["given:2"]


def test_messages_say_who_has_had_it_for_how_many_jours_ouvres() -> None:
    register = Register()
    register.registered(paris(13), may(11), agent=None)
    register.assigned(paris(15), AGENT)
    register.says(ReplyInSignature, paris(19), signatory=HEAD)
    [rung] = [rung for rung in register.clock().rungs if rung.name == "+3"]
    assert rung.fell == may(22)
    assert [(tenure.holder.service, tenure.holder.person, tenure.days) for tenure in rung.held] == [
        ("courrier", None, 2),  # 12 and 13 May
        ("bmi", None, 1),  # 15
        ("bmi", AGENT, 2),  # 18, 19
        ("bmi", HEAD, 3),  # 20, 21, 22
    ]


def test_a_removed_service_s_items_are_held_by_the_one_that_took_its_place() -> None:
    subject = a_mail(service="ancien").plan().subject
    assert subject
    assert subject.service == "bmi"


def test_an_assignment_dated_before_the_last_one_begins_after_it() -> None:
    register = a_mail()
    register.assigned(paris(18), OTHER)
    register.assigned(paris(13), HEAD)
    begun = [turn.since for turn in tenures(ItemHistory(register.facts), BOOK.last)]
    assert begun == [paris(11), paris(18), paris(18)]
