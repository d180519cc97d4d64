"""What becomes of an opinion that is owed when its letter is merged into another."""

from datetime import date

import pytest

from services.desk.domain.decisions import (
    AskOpinion,
    Assign,
    AwaitThird,
    Declare,
    HearThird,
    Reclassify,
    closure,
    merge,
)
from services.desk.domain.decisions.closure import Undo
from shared.facts.envelope import BlobKey
from shared.facts.items import Items
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.facts.vocabulary import Confidentiality, NoteKind
from tests.unit.desk.test_returned import FRIDAY, TUESDAY, Register

QUESTION = BlobKey(f"2026/00000000-0000-4000-8000-000000000100/{'ab' * 32}")
OTHER = BlobKey(f"2026/00000000-0000-4000-8000-000000000200/{'cd' * 32}")


@pytest.fixture
def asked() -> Register:
    """A letter of bmi of which dre owes its opinion by the Friday."""
    register = Register("a")
    register.decide(TUESDAY, AskOpinion("dre", FRIDAY, QUESTION))
    return register


@pytest.fixture
def survivor() -> Register:
    return Register("b")


def join(item: Register, survivor: Register) -> list[Items]:
    """Merges the first into the second; returns what was stated of the second."""
    stated = merge.merge(item.item, survivor.item, item.ground(TUESDAY))
    there = survivor.item.item_id
    item.facts += [fact for fact in stated if fact.item_id != there]
    survivor.facts += [fact for fact in stated if fact.item_id == there]
    return [fact for fact in stated if fact.item_id == there]


def test_it_is_asked_about_the_survivor_with_its_date_and_question(
    asked: Register, survivor: Register
) -> None:
    absorbed, question = join(asked, survivor)
    assert (absorbed.type, absorbed.seq + 1) == ("ItemAbsorbed", question.seq)
    assert isinstance(question, OpinionAsked)
    assert (question.service, question.until, question.pli) == ("dre", date(2026, 5, 15), QUESTION)
    assert survivor.item.opinions == (question,)
    assert survivor.item.copies == ("dre",), "which reads it from now on"


def test_the_merger_undone_asks_it_of_the_first_again_and_of_the_other_no_more(
    asked: Register, survivor: Register
) -> None:
    survivor.decide(TUESDAY, AskOpinion("juridique", FRIDAY, OTHER))
    join(asked, survivor)
    merged = next(fact for fact in asked.facts if isinstance(fact, ItemMergedInto))
    ground = asked.ground(FRIDAY)
    survivor.facts += merge.part(asked.item, survivor.item, survivor.facts, "erreur", ground)
    undo = Undo("erreur", merged.seq)
    asked.facts += closure.undo(asked.item, asked.facts, undo, ground)
    assert [opinion.service for opinion in asked.item.opinions] == ["dre"]
    assert [opinion.service for opinion in survivor.item.opinions] == ["juridique"]
    assert survivor.item.copies == ("juridique",)


def test_an_opinion_that_was_given_is_asked_of_nobody_again(
    asked: Register, survivor: Register
) -> None:
    (question,) = asked.item.opinions
    asked.facts.append(
        NoteWritten(
            **asked.ground(TUESDAY).stamp(asked.item)(1),
            kind=NoteKind.NOTE,
            pli=OTHER,
            answers=question.event_id,
        )
    )
    assert [fact.type for fact in join(asked, survivor)] == ["ItemAbsorbed"]


@pytest.mark.parametrize("why", ["its own letter", "asked already", "answered", "reserved"])
def test_it_ends_where_nobody_would_wait_for_it(
    asked: Register, survivor: Register, why: str
) -> None:
    match why:
        case "its own letter":
            survivor.decide(TUESDAY, Assign("dre"))
        case "asked already":
            survivor.decide(TUESDAY, AskOpinion("dre", FRIDAY, OTHER))
        case "answered":
            survivor.decide(TUESDAY, Declare(TUESDAY))
        case _:
            survivor.decide(TUESDAY, Reclassify(confidentiality=Confidentiality.RESERVE))
    assert [fact.type for fact in join(asked, survivor)] == ["ItemAbsorbed"]


def test_the_wait_for_a_third_party_goes_on_at_the_survivor_and_comes_back_undone(
    survivor: Register,
) -> None:
    """From the day of the first ask, with each chase."""
    item = Register("a")
    for until in (FRIDAY, date(2026, 5, 26)):
        item.decide(TUESDAY, AwaitThird("ofii", until))
    first, chase = item.item.third_asks
    _, *asks = join(item, survivor)
    assert [fact.type for fact in asks] == ["AwaitingThird", "AwaitingThird"]
    waits = survivor.item
    assert waits.third == "ofii"
    assert [(ask.happened_at, ask.expected) for ask in waits.third_asks] == [
        (ask.happened_at, ask.expected) for ask in (first, chase)
    ]
    merged = next(fact for fact in item.facts if isinstance(fact, ItemMergedInto))
    ground = item.ground(FRIDAY)
    survivor.facts += merge.part(item.item, survivor.item, survivor.facts, "erreur", ground)
    item.facts += closure.undo(item.item, item.facts, Undo("erreur", merged.seq), ground)
    assert survivor.item.third is None
    assert item.item.third_asks == (first, chase)


@pytest.mark.parametrize("why", ["heard", "another", "answered", "reserved"])
def test_the_wait_ends_where_the_survivor_can_not_take_it(survivor: Register, why: str) -> None:
    item = Register("a")
    item.decide(TUESDAY, AwaitThird("ofii", FRIDAY))
    match why:
        case "heard":
            item.decide(TUESDAY, HearThird())
        case "another":
            survivor.decide(TUESDAY, AwaitThird("mairie", FRIDAY))
        case "answered":
            survivor.decide(TUESDAY, Declare(TUESDAY))
        case _:
            item.decide(TUESDAY, Reclassify(confidentiality=Confidentiality.RESERVE))
    assert [fact.type for fact in join(item, survivor)] == ["ItemAbsorbed"]
