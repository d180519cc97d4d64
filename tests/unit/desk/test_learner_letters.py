"""What a letter teaches: its words, what people decided, and what the rules had proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.learner_letters import (
    decisions_of,
    grams_of,
    open_questions,
    proposals_of,
    was_set_aside,
)
from services.desk.domain.learner_numbers import LearnerTarget, grams
from services.desk.domain.stamp import Stamp
from shared.content.plis import Attachment, Correspondent, Pli
from shared.facts.arrivals import Routing
from shared.facts.envelope import Chrono, ItemId, ServiceId
from shared.facts.items import Items
from shared.facts.items.closure import ItemClosed
from shared.facts.items.routing import ItemAssigned, ItemReclassified, WaitEnded
from shared.facts.vocabulary import Category, Nature, SenderKind, Waiting
from tests.desk_builders import MONDAY, SPACE, a_site, an_arrival, certain

NOBODY = Correspondent()
SITE = a_site()


def a_pli(**given: object) -> Pli:
    said: dict[str, object] = {"kind": "mail", "sender": NOBODY, "answer_to": NOBODY, **given}
    return Pli.model_validate(said)


def test_a_letter_says_its_subject_its_text_and_what_is_attached() -> None:
    file = Attachment(name="a.pdf", media_type="application/pdf", size=1, sha256="0", part=1,
                      text="carabine")  # fmt: skip
    found = grams_of(a_pli(subject="permis", text="bonjour", attachments=(file,)))
    assert dict(found) == dict(grams("permis", "bonjour\ncarabine"))


def test_of_a_mail_in_html_alone_the_words_are_read() -> None:
    assert dict(grams_of(a_pli(html="<p>la <b>carabine</b> &eacute;gar&eacute;e</p>"))) == dict(
        grams("", "la carabine égarée")
    )
    assert dict(grams_of(a_pli(text="bonjour", html="<p>carabine</p>"))) == dict(
        grams("", "bonjour")
    )


UNKNOWN = Routing(rule="fallback", category=Category("autre"), service=ServiceId("courrier"))


def facts_of(routing: Routing) -> Sequence[Items]:
    arrival = an_arrival("a", routing=routing)
    opening = registration.reading(arrival, SITE, doubtful=False)
    item_id = ItemId(uuid5(SPACE, "item a"))
    stamp = Stamp(item_id, 0, arrival.event_id, "source:x", MONDAY)
    chrono = Chrono("36-2026-A-000001")
    return registration.facts(arrival, opening, chrono, SITE, stamp)


def an_item(routing: Routing) -> Item:
    return fold(facts_of(routing))


def told(facts: Sequence[Items], by: str) -> Sequence[Items]:
    """The item's facts, and that somebody made it of `association`, `dre`."""
    stamp = Stamp(facts[0].item_id, facts[-1].seq, facts[0].event_id, by, MONDAY)
    what = fold(facts).classification.model_copy(update={"category": Category("association")})
    return [
        *facts,
        ItemReclassified(**stamp(1), classification=what),
        ItemAssigned(**stamp(2), service=ServiceId("dre")),
    ]


def sorted_by_hand(facts: Sequence[Items]) -> Sequence[Items]:
    stamp = Stamp(facts[0].item_id, facts[-1].seq, facts[0].event_id, "person:c.lerk", MONDAY)
    return [*facts, WaitEnded(**stamp(1), waiting=Waiting.TO_QUALIFY)]


def test_what_rules_said_of_the_attachments_is_what_they_proposed() -> None:
    said = {LearnerTarget.CATEGORY: "association", LearnerTarget.SERVICE: "dre"}
    read = told(facts_of(UNKNOWN), "rule:words")
    assert proposals_of(fold(read), SITE, read) == said
    done = sorted_by_hand(read)
    assert proposals_of(fold(done), SITE, done) == said, "the clerk agreed: no correction"


def test_what_a_person_or_a_rule_after_them_said_was_proposed_by_no_rule() -> None:
    by_hand = told(facts_of(UNKNOWN), "person:c.lerk")
    assert proposals_of(fold(by_hand), SITE, by_hand) == {}
    later = told(sorted_by_hand(facts_of(UNKNOWN)), "rule:words")
    assert proposals_of(fold(later), SITE, later) == {}


def test_a_letter_that_is_closed_where_it_was_to_be_sorted_was_set_aside() -> None:
    done = sorted_by_hand(facts_of(UNKNOWN))
    assert not was_set_aside(done)
    stamp = Stamp(done[0].item_id, done[-1].seq, done[0].event_id, "person:c.lerk", MONDAY)
    closed = [*done, ItemClosed(**stamp(1), reason="sans-suite")]
    assert was_set_aside(closed)
    later = replace(stamp, now=MONDAY + timedelta(days=3))
    assert not was_set_aside([*done, ItemClosed(**later(1), reason="sans-suite")])


def test_only_what_nobody_said_since_its_registration_is_unanswered() -> None:
    both = {LearnerTarget.SERVICE, LearnerTarget.CATEGORY}
    facts = facts_of(UNKNOWN)
    assert open_questions(fold(facts), SITE, facts) == both
    box = facts_of(Routing(rule="boite-bmi", category=Category("autre"), service=ServiceId("bmi")))
    assert open_questions(fold(box), SITE, box) == {LearnerTarget.CATEGORY}
    ruled = facts_of(
        Routing(rule="words", category=Category("association"), service=ServiceId("dre"))
    )
    for said in (
        ruled,
        told(facts, "rule:words"),
        told(facts, "person:c.lerk"),
        sorted_by_hand(facts),
    ):
        assert open_questions(fold(said), SITE, said) == set()


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        (
            Routing(rule="words", category=Category("association"), service=ServiceId("dre")),
            {LearnerTarget.CATEGORY: "association", LearnerTarget.SERVICE: "dre"},
        ),
        (Routing(rule="fallback", category=Category("autre"), service=ServiceId("courrier")), {}),
        (
            Routing(rule="boite-bmi", category=Category("autre"), service=ServiceId("bmi")),
            {LearnerTarget.SERVICE: "bmi"},
        ),
        (
            Routing(
                rule="plainte",
                category=Category("autre"),
                service=ServiceId("courrier"),
                nature=Nature.COMPLAINT,
                sender_kind=SenderKind.CITIZEN,
            ),
            {LearnerTarget.NATURE: "complaint", LearnerTarget.SENDER_KIND: "citizen"},
        ),
    ],
)
def test_the_rules_say_nothing_where_they_fell_back(
    routing: Routing, expected: Mapping[LearnerTarget, str]
) -> None:
    assert proposals_of(an_item(routing), SITE, facts_of(routing)) == expected


def test_of_what_was_decided_the_unknown_is_left_out() -> None:
    item = an_item(certain())
    assert decisions_of(item) == {
        LearnerTarget.SERVICE: "bmi",
        LearnerTarget.CATEGORY: "titre-de-sejour",
    }
