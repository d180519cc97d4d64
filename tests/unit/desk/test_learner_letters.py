"""What a letter teaches: its words, what people decided, and what the rules had proposed."""

from collections.abc import Mapping
from uuid import uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.learner_letters import decisions_of, grams_of, proposals_of
from services.desk.domain.learner_numbers import LearnerTarget, grams
from services.desk.domain.stamp import Stamp
from shared.content.plis import Attachment, Correspondent, Pli
from shared.facts.arrivals import Routing
from shared.facts.envelope import Chrono, ItemId, ServiceId
from shared.facts.vocabulary import Category, Nature, SenderKind
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


def an_item(routing: Routing) -> Item:
    arrival = an_arrival("a", routing=routing)
    opening = registration.reading(arrival, SITE, doubtful=False)
    item_id = ItemId(uuid5(SPACE, "item a"))
    stamp = Stamp(item_id, 0, arrival.event_id, "source:x", MONDAY)
    chrono = Chrono("36-2026-A-000001")
    return fold(registration.facts(arrival, opening, chrono, SITE, stamp))


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
    assert proposals_of(an_item(routing), SITE) == expected


def test_of_what_was_decided_the_unknown_is_left_out() -> None:
    item = an_item(certain())
    assert decisions_of(item) == {
        LearnerTarget.SERVICE: "bmi",
        LearnerTarget.CATEGORY: "titre-de-sejour",
    }
