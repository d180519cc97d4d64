"""Who reads a letter because their opinion was asked: while it is owed, and only so long."""

import pytest

from services.desk.domain.decisions import AskOpinion, Assign, closure
from services.desk.domain.decisions.closure import Undo
from shared.facts.envelope import BlobKey
from shared.facts.items import Items
from shared.facts.items.routing import OpinionAsked
from tests.unit.desk.test_returned import FRIDAY, TUESDAY, Register

ASK = AskOpinion("dre", FRIDAY, BlobKey(f"2026/00000000-0000-4000-8000-000000000100/{'ab' * 32}"))


@pytest.fixture
def register() -> Register:
    register = Register()
    assert (register.item.service, register.item.copies) == ("bmi", ())
    return register


def take_back(register: Register, target: Items) -> None:
    undo = Undo("erreur", target.seq)
    register.facts += closure.undo(register.item, register.facts, undo, register.ground(TUESDAY))


def test_taken_back_after_somebody_took_the_letter_the_asked_service_reads_it_no_more(
    register: Register,
) -> None:
    (asked,) = register.decide(TUESDAY, ASK)
    register.decide(TUESDAY, Assign("bmi", "a.gent", register.item.copies))
    assert register.item.copies == ("dre",)
    take_back(register, asked)
    assert (register.item.agent, register.item.copies) == ("a.gent", ())


def test_a_service_that_was_in_copy_before_stays_so(register: Register) -> None:
    register.decide(TUESDAY, Assign("bmi", "a.gent", ("dre",)))
    (asked,) = register.decide(TUESDAY, ASK)
    register.decide(TUESDAY, Assign("bmi", "b.gent", register.item.copies))
    take_back(register, asked)
    assert (register.item.agent, register.item.copies) == ("b.gent", ("dre",))


def test_while_its_opinion_is_owed_no_form_takes_the_letter_from_the_asked_service(
    register: Register,
) -> None:
    (asked,) = register.decide(TUESDAY, ASK)
    register.decide(TUESDAY, Assign("bmi", "a.gent"))
    assert register.item.copies == ("dre",)
    assert isinstance(asked, OpinionAsked)
    assert register.item.opinions == (asked,)
    register.refuses(TUESDAY, Assign("bmi", "a.gent", ("dre",)), "there-already")
    register.decide(TUESDAY, Assign("dre"))
    assert register.item.copies == (), "it has the letter now"
    register.decide(TUESDAY, Assign("bmi"))
    assert register.item.copies == ("dre",)
