"""A person's word on what is held, and the words that somebody types while sorting."""

from datetime import UTC, datetime, timedelta
from uuid import uuid5

import pytest

from services.desk.domain import registration
from services.desk.domain.decisions import DecisionContext, decide
from services.desk.domain.decisions.corrections import NoteSubject
from services.desk.domain.decisions.held_notices import DropHeld, ReleaseHeld, judged_already
from services.desk.domain.decisions.replies import Declare
from services.desk.domain.fold import fold
from services.desk.domain.stamp import Stamp
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, NoticeId, PersonId
from shared.facts.items import Items
from shared.facts.vocabulary import NoticeKind
from shared.site.staff.directory import Directory
from tests.desk_builders import (
    GO_LIVE,
    MONDAY,
    SPACE,
    a_scan,
    an_applied_site,
    blob,
    certain,
    some_people,
)

NOTICE = NoticeId(uuid5(SPACE, "notice"))
PEOPLE = Directory({PersonId(p.id): p for p in some_people().people}, (), {})
NOW = datetime(2026, 5, 13, 9, 0, tzinfo=UTC)


def opened() -> list[Items]:
    arrival, site = a_scan(routing=certain()), an_applied_site().site
    reading = registration.reading(arrival, site, doubtful=False)
    stamp = Stamp(ItemId(uuid5(SPACE, "item")), 0, arrival.event_id, "source:x", MONDAY)
    return registration.facts(arrival, reading, Chrono("36-2026-A-000001"), site, stamp)


def ground(n: int, live: datetime | None = GO_LIVE) -> DecisionContext:
    applied = an_applied_site(live)
    return DecisionContext(
        PEOPLE.somebody("c.lerk"), uuid5(SPACE, f"{n}"), NOW, applied, PEOPLE, {}
    )


@pytest.mark.parametrize("word", [ReleaseHeld, DropHeld])
def test_a_word_on_what_is_held_is_said_once(word: type[ReleaseHeld | DropHeld]) -> None:
    facts = opened()
    assert not judged_already(facts, NOTICE, MONDAY)
    facts += decide(fold(facts), word(NOTICE, NoticeKind.RECEIPT), ground(1))
    assert judged_already(facts, NOTICE, MONDAY)
    assert not judged_already(facts, NoticeId(uuid5(SPACE, "another")), MONDAY)
    held_again = NOW + timedelta(minutes=1)
    assert not judged_already(facts, NOTICE, held_again)


def test_before_go_live_nothing_is_released_and_anything_is_dropped() -> None:
    item = fold(opened())
    with pytest.raises(Refused, match="not live"):
        decide(item, ReleaseHeld(NOTICE, NoticeKind.RECEIPT), ground(1, None))
    (fact,) = decide(item, DropHeld(NOTICE, NoticeKind.RECEIPT), ground(1, None))
    assert fact.type == "NoticeDropped"


def test_a_receipt_that_the_reply_overtook_is_dropped_and_never_released() -> None:
    facts = opened()
    facts += decide(fold(facts), Declare(NOW.date()), ground(1))
    with pytest.raises(Refused, match="drop this receipt, it is moot"):
        decide(fold(facts), ReleaseHeld(NOTICE, NoticeKind.RECEIPT), ground(2))
    (fact,) = decide(fold(facts), DropHeld(NOTICE, NoticeKind.RECEIPT), ground(2))
    assert fact.type == "NoticeDropped"


def test_the_words_noted_last_are_the_subject_and_lie_in_no_fact() -> None:
    facts = opened()
    for n, name in enumerate(("first", "second")):
        facts += decide(fold(facts), NoteSubject(blob(name)), ground(n))
    assert fold(facts).noted == blob("second")
    assert set(facts[-1].model_dump()) >= {"pli", "by", "seq"}
