"""Letters of ours that leave registered: their numbers, and what the avis de réception says."""

from datetime import date

import pytest

from services.desk.domain.decisions import Depart, closure
from services.desk.domain.decisions.closure import Undo
from services.desk.domain.decisions.letter_returns import SettleReturn, TakeBack
from services.desk.domain.decisions.postal_proofs import NoteDelivery, RegisterLetter
from services.desk.domain.postal_numbers import format_number, parse_number
from shared.facts.items.replies import DeliveryNoticed, LetterReturned, RegisteredLetterSent
from shared.facts.standing import standing
from shared.facts.vocabulary import NoticeKind, ReturnReason, Settled
from tests.unit.desk.test_returned import D45, FRIDAY, TUESDAY, Register

NUMBER = "2C12345678905"
"""1×1 + 2×3 + 3×1 + 4×3 + 5×1 + 6×3 + 7×1 + 8×3 + 9×1 + 0×3 = 85, and 5 more make 90."""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2C 123 456 7890 5", NUMBER),
        ("2c12345678905", NUMBER),
        ("1A\u00a0123\u202f456.7890-5", "1A12345678905"),
        ("2C 000 000 0000 0", "2C00000000000"),
        # The example of the standard S10, and one whose control digit is 5 for a remainder of 0.
        ("RR 473 124 829 GB", "RR473124829GB"),
        ("RK 12 345 678 5 FR", "RK123456785FR"),
        ("2C 123 456 7890 4", None),
        ("2C 123 546 7890 5", None),
        ("RR 473 124 828 GB", None),
        ("2C 123 456 7890", None),
        ("12 123 456 7890 5", None),
        ("RR473124829G", None),
        ("2C1234567890５", None),
        ("", None),
        ("2C" * 5_000, None),
    ],
)
def test_a_number_is_read_in_any_spacing_and_by_its_control_digit(
    typed: str, number: str | None
) -> None:
    assert parse_number(typed) == number


def test_two_digits_that_change_places_are_noticed_unless_they_differ_by_five() -> None:
    """As of every code of this kind: the weights differ by two."""
    digits = NUMBER[2:12]
    for place in range(9):
        changed = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        differ = (int(digits[place]) - int(digits[place + 1])) % 5 != 0
        assert (parse_number(f"2C{changed}5") is None) == differ, changed


def test_a_number_is_written_as_the_post_prints_it() -> None:
    assert format_number(NUMBER).split("\N{NO-BREAK SPACE}") == ["2C", "123", "456", "7890", "5"]
    assert format_number("RK123456785FR").split("\N{NO-BREAK SPACE}") == [
        *("RK", "12", "345", "678", "5", "FR")
    ]


@pytest.fixture
def left() -> Register:
    """A letter whose reply left registered on the Tuesday."""
    register = Register()
    register.decide(TUESDAY, Depart(D45, registered="2C 123 456 7890 5"))
    return register


def test_a_departure_states_the_number_beside_what_left(left: Register) -> None:
    sent, numbered = left.facts[-2:]
    assert isinstance(numbered, RegisteredLetterSent)
    assert (numbered.letter, numbered.number) == (sent.event_id, NUMBER)
    assert numbered.seq == sent.seq + 1
    (letter,) = left.item.letters
    assert (letter.number, letter.delivery, letter.back) == (NUMBER, None, False)


def test_a_wrong_number_refuses_the_whole_departure() -> None:
    register = Register()
    register.refuses(TUESDAY, Depart(D45, registered="2C 123 456 7890 4"), "registered-number")
    assert register.item.letters == ()


def test_a_number_is_given_afterwards_and_once() -> None:
    register = Register()
    register.refuses(TUESDAY, RegisterLetter(NUMBER), "no-letter-left")
    register.decide(TUESDAY, Depart(D45))
    register.refuses(TUESDAY, RegisterLetter("2C1"), "registered-number")
    (fact,) = register.decide(FRIDAY, RegisterLetter(NUMBER))
    assert isinstance(fact, RegisteredLetterSent)
    assert fact.kind is NoticeKind.REPLY
    register.refuses(FRIDAY, RegisterLetter(NUMBER), "registered-already")
    register.undo(FRIDAY)
    assert register.item.letters[0].number is None


def test_a_signed_avis_has_its_day_and_brings_nothing_back(left: Register) -> None:
    before = left.item.state
    left.refuses(FRIDAY, NoteDelivery(date(2026, 5, 11)), "returned-before-it-left")
    left.refuses(FRIDAY, NoteDelivery(date(2026, 5, 16)), "day-to-come")
    (fact,) = left.decide(FRIDAY, NoteDelivery(date(2026, 5, 14)))
    assert isinstance(fact, DeliveryNoticed)
    assert (fact.on, fact.reason, fact.number) == (date(2026, 5, 14), None, NUMBER)
    assert (left.item.state, left.item.returned) == (before, ())
    left.refuses(FRIDAY, NoteDelivery(date(2026, 5, 14)), "no-avis-awaited")
    left.undo(FRIDAY)
    assert left.item.letters[0].delivery is None


@pytest.mark.parametrize(
    "reason", [ReturnReason.UNCLAIMED, ReturnReason.UNKNOWN_AT_ADDRESS, ReturnReason.REFUSED]
)
def test_a_letter_that_nobody_took_came_back_with_its_avis(
    left: Register, reason: ReturnReason
) -> None:
    noticed, back = left.decide(FRIDAY, NoteDelivery(TUESDAY, reason))
    assert isinstance(noticed, DeliveryNoticed)
    assert isinstance(back, LetterReturned)
    assert (noticed.on, back.reason, back.letter) == (TUESDAY, reason, noticed.letter)
    assert back.happened_at.date() == FRIDAY, "it came back when it came back"
    assert left.item.returned == (back,)


def test_a_departure_that_is_taken_back_takes_its_number_with_it(left: Register) -> None:
    sent = left.facts[-2]
    left.facts += closure.undo(left.item, left.facts, Undo("erreur", sent.seq), left.ground(FRIDAY))
    assert [fact.type for fact in left.facts[-2:]] == ["FactWithdrawn"] * 2
    assert [fact.seq for fact in left.facts[-2:]] == [sent.seq + 2, sent.seq + 3]
    assert left.item.letters == ()
    assert not {fact.type for fact in standing(left.facts)} & {"ReplySent", "RegisteredLetterSent"}


def test_the_last_that_is_taken_back_is_the_departure_and_its_number_with_it(
    left: Register,
) -> None:
    left.undo(FRIDAY)
    assert (left.item.replies, left.item.letters) == ((), ())
    assert "RegisteredLetterSent" not in {fact.type for fact in standing(left.facts)}


def test_a_wrong_number_that_is_taken_back_takes_its_avis_with_it(left: Register) -> None:
    numbered = left.facts[-1]
    left.decide(FRIDAY, NoteDelivery(FRIDAY))
    undo = Undo("erreur", numbered.seq)
    left.facts += closure.undo(left.item, left.facts, undo, left.ground(FRIDAY))
    left.decide(FRIDAY, RegisterLetter("1A12345678905"))
    (letter,) = left.item.letters
    assert (letter.number, letter.delivery) == ("1A12345678905", None)
    (fact,) = left.decide(FRIDAY, NoteDelivery(TUESDAY))
    assert isinstance(fact, DeliveryNoticed)
    assert fact.number == "1A12345678905"


def test_an_avis_without_a_number_is_of_no_letter() -> None:
    register = Register()
    register.decide(TUESDAY, Depart(D45))
    register.refuses(FRIDAY, NoteDelivery(FRIDAY), "no-avis-awaited")


POST = frozenset({"DeliveryNoticed", "LetterReturned", "ReturnSettled"})


def post_of(register: Register) -> set[str]:
    """What still stands of an avis de réception and of what it told."""
    return {str(fact.type) for fact in standing(register.facts)} & POST


@pytest.mark.parametrize("named", [False, True])
def test_an_avis_that_is_taken_back_takes_the_return_that_it_told(
    left: Register, *, named: bool
) -> None:
    """As the last that was done, and by its own number in the past."""
    noticed, _ = left.decide(FRIDAY, NoteDelivery(TUESDAY, ReturnReason.UNCLAIMED))
    undo = Undo("erreur", noticed.seq if named else None)
    left.facts += closure.undo(left.item, left.facts, undo, left.ground(FRIDAY))
    assert post_of(left) == set()
    (letter,) = left.item.letters
    assert (letter.delivery, letter.back, left.item.returned) == (None, False, ())
    left.decide(FRIDAY, NoteDelivery(TUESDAY))


def test_what_was_done_of_a_return_goes_with_the_avis_that_told_it(left: Register) -> None:
    noticed, _ = left.decide(FRIDAY, NoteDelivery(TUESDAY, ReturnReason.UNCLAIMED))
    left.decide(FRIDAY, SettleReturn(Settled.NOTHING_MORE, "erreur"))
    undo = Undo("erreur", noticed.seq)
    left.facts += closure.undo(left.item, left.facts, undo, left.ground(FRIDAY))
    assert post_of(left) == set()


def test_a_return_that_somebody_keyed_before_stays_when_its_avis_is_taken_back(
    left: Register,
) -> None:
    (back,) = left.decide(TUESDAY, TakeBack(ReturnReason.UNCLAIMED))
    (noticed,) = left.decide(FRIDAY, NoteDelivery(TUESDAY, ReturnReason.UNCLAIMED))
    undo = Undo("erreur", noticed.seq)
    left.facts += closure.undo(left.item, left.facts, undo, left.ground(FRIDAY))
    assert left.item.returned == (back,)


def test_a_number_that_is_taken_back_takes_the_return_of_its_avis(left: Register) -> None:
    numbered = left.facts[-1]
    left.decide(FRIDAY, NoteDelivery(TUESDAY, ReturnReason.UNCLAIMED))
    undo = Undo("erreur", numbered.seq)
    left.facts += closure.undo(left.item, left.facts, undo, left.ground(FRIDAY))
    assert post_of(left) == set()
