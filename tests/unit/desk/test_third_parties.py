"""Whose mail ends the wait for a third party: theirs, proven by what they alone were told."""

from typing import Any

import pytest

from services.desk.domain.disposition import Opens
from services.desk.domain.matching import Joins, LinkReason, Says
from services.desk.domain.placement_facts import join_facts
from services.desk.domain.stamp import Stamp
from shared.facts.arrival_base import messages_named
from shared.facts.arrivals import Routing
from shared.facts.items.pieces import ThirdAnswered
from shared.facts.vocabulary import Authentication, SenderKind
from tests.desk_builders import MONDAY, an_arrival
from tests.unit.desk.test_registering import ITEM, REFERENCE, SITE, TOKEN, a_thread, outcome


def test_the_third_partys_answer_to_our_mail_joins_and_ends_the_wait() -> None:
    _, named = messages_named(REFERENCE)
    waits = a_thread(correspondent="zoé", thirds=frozenset({named}))
    theirs = an_arrival(threads=REFERENCE)
    assert outcome(theirs, waits) == Joins(ITEM, Says.THIRD)
    stamp = Stamp(ITEM, 4, theirs.event_id, "source:bmi", MONDAY)
    again, heard = join_facts(theirs, Says.THIRD, SITE.site, stamp)
    assert (again.type, again.seq) == ("SenderWroteAgain", 5)
    assert isinstance(heard, ThirdAnswered)
    assert (heard.seq, heard.arrival_id) == (6, theirs.arrival_id)


@pytest.mark.parametrize(
    ("arrival", "thread"),
    [
        ({"threads": TOKEN}, {}),  # anybody to whom they showed our subject may have it
        ({"automatic": "auto_submitted"}, {}),
        ({}, {"thirds": frozenset()}),
        ({}, {"ended": True}),
    ],
)
def test_what_is_not_proven_to_be_the_third_partys_answer_ends_no_wait(
    arrival: dict[str, Any], thread: dict[str, Any]
) -> None:
    _, named = messages_named(REFERENCE)
    waits = a_thread(**{"correspondent": "zoé", "thirds": frozenset({named}), **thread})
    found = outcome(an_arrival(**{"threads": REFERENCE, **arrival}), waits)
    assert isinstance(found, Opens)
    assert found.linked == ITEM


def test_the_sender_who_answers_what_a_third_party_forwarded_ends_no_wait() -> None:
    _, named = messages_named(REFERENCE)
    waits = a_thread(thirds=frozenset({named}))
    assert outcome(an_arrival(threads=REFERENCE), waits) == Joins(ITEM)


@pytest.mark.parametrize(
    ("ended", "waits", "says"),
    [
        (False, True, Says.AGAIN),
        (True, True, Says.NOTHING),
        (False, False, Says.ANSWER),
    ],
)
def test_a_mail_of_our_own_domain_with_our_number_alone_is_no_answer_while_we_wait(
    *, ended: bool, waits: bool, says: Says
) -> None:
    _, named = messages_named(REFERENCE)
    thirds = frozenset({named}) if waits else frozenset()
    item = a_thread(correspondent="zoé", thirds=thirds, ended=ended)
    ours = Routing(rule="ours", sender_kind=SenderKind.INTERNAL)
    theirs = an_arrival(threads=TOKEN, routing=ours, authentication=Authentication.PASS)
    assert outcome(theirs, item) == Joins(ITEM, says)


@pytest.mark.parametrize("ended", [False, True])
def test_a_third_party_of_our_own_domain_never_seems_to_be_our_answer(*, ended: bool) -> None:
    """A sous-préfecture, or a colleague who wrote to it: they join, and a person says which."""
    _, named = messages_named(REFERENCE)
    waits = a_thread(correspondent="zoé", thirds=frozenset({named}), ended=ended)
    ours = Routing(rule="ours", sender_kind=SenderKind.INTERNAL)
    theirs = an_arrival(threads=REFERENCE, routing=ours, authentication=Authentication.PASS)
    found = outcome(theirs, waits)
    if not ended:
        assert found == Joins(ITEM, Says.AGAIN)
        return
    assert isinstance(found, Opens)
    assert (found.linked, found.why) == (ITEM, LinkReason.ENDED_THREAD)
