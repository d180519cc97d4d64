"""Rule 16 of docs/clocks.md, once for all readers: a statement can be taken back, nothing else."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain import fold as desk
from services.desk.evidence.proof.verifier import reception
from services.notify.domain import fold as notify
from services.sla.domain.history import ItemHistory
from shared.facts.envelope import Weight
from shared.facts.items import Items
from shared.facts.items.acknowledgements import ReceiptSent
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.standing import STATEMENTS, standing, withdrawn
from shared.facts.vocabulary import NoticeKind
from tests.pasts import GOLDENS, Draw, past

DRAWS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, len(GOLDENS) - 1), st.sampled_from([False])),
        st.tuples(st.integers(0, 12), st.sampled_from([True])),
    ),
    max_size=12,
)


def number(kind: type[Items]) -> Draw:
    return next(n for n, fact in enumerate(GOLDENS) if type(fact) is kind), False


def undo(place: int) -> Draw:
    return place, True


REGISTERED, RECEIPT, REPLY = number(ItemRegistered), number(ReceiptSent), number(ReplySent)


def types(facts: Sequence[Items]) -> list[str]:
    return [fact.type for fact in facts]


def test_a_statement_is_taken_back_and_what_happened_stays() -> None:
    facts = past("a", [REGISTERED, RECEIPT, REPLY, undo(0), undo(1), undo(2)])
    assert types(standing(facts)) == [
        "ItemRegistered", "ReceiptSent", "FactWithdrawn", "FactWithdrawn", "FactWithdrawn",
    ]  # fmt: skip
    assert withdrawn(facts) == {facts[2].event_id}


def test_a_withdrawal_is_not_withdrawn() -> None:
    facts = past("a", [REPLY, undo(0), undo(1)])
    assert types(standing(facts)) == ["FactWithdrawn", "FactWithdrawn"]


def test_a_withdrawal_may_come_before_its_target() -> None:
    before = past("a", [undo(2), REGISTERED])
    assert withdrawn(before) == frozenset()
    assert types(standing(past("a", [undo(2), REGISTERED, REPLY]))) == [
        "FactWithdrawn", "ItemRegistered",
    ]  # fmt: skip


@given(DRAWS, st.randoms(use_true_random=False))
def test_what_stands_does_not_depend_on_the_order(draws: list[Draw], chance: object) -> None:
    facts = list(past("a", draws))
    mixed = list(facts)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # of random.Random
    assert withdrawn(mixed) == withdrawn(facts)
    assert [fact for fact in mixed if fact in standing(facts)] == list(standing(mixed))


@given(DRAWS)
def test_a_fact_is_gone_exactly_when_it_is_a_statement_that_something_names(
    draws: list[Draw],
) -> None:
    facts = past("a", draws)
    for fact in facts:
        named = any(isinstance(o, FactWithdrawn) and o.fact == fact.event_id for o in facts)
        gone = named and fact.type in STATEMENTS
        assert (fact.event_id in withdrawn(facts)) is gone
        assert (fact in standing(facts)) is not gone
        assert gone is (named and fact.weight is Weight.STATEMENT)


@given(DRAWS)
def test_the_clocks_know_what_stands_everywhere(draws: list[Draw]) -> None:
    facts = past("a", draws)
    assert list(ItemHistory(facts).facts) == list(standing(facts))


def test_the_register_the_voice_and_the_proof_keep_what_happened() -> None:
    """Whatever names them: a receipt that left, and the registration itself."""
    facts = past("a", [REGISTERED, RECEIPT, undo(0), undo(1)])
    assert desk.fold(facts).told_receipt
    spoken = notify.fold(facts)
    assert spoken is not None
    assert spoken.left == {NoticeKind.RECEIPT}
    kept = [fact.model_dump(mode="json") for fact in facts]
    opened = facts[0]
    assert isinstance(opened, ItemRegistered)
    assert reception(kept, "Europe/Paris").isoformat() == "2026-05-11", opened.receipt
