"""Every arrival ends as one word, as docs/domain.md §10 says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.disposition import (
    ArrivalOutcome,
    CopyOf,
    Disposition,
    KnownArrival,
    MatchContext,
    Opens,
    StoredDisposition,
    judge,
    word_of,
)
from services.desk.domain.matching import Joins, LinkReason, Says, Target, Threads
from services.desk.domain.readership import Readership
from shared.facts import ids
from shared.facts.arrival_base import (
    LikenessThread,
    MessageThread,
    ThreadCandidate,
    TokenThread,
)
from shared.facts.arrivals import (
    ArrivalReread,
    JudgedArrival,
    Probe,
    Quarantine,
    Routing,
    ScanMarks,
    SetAside,
)
from shared.facts.envelope import Chrono, Digest, ItemId, On, ServiceId
from shared.facts.vocabulary import Authentication, Confidentiality, SenderKind
from shared.site.tables.bundle import AppliedSite
from tests.desk_builders import MONDAY, SPACE, a_scan, an_applied_site, an_arrival, digest

SITE = an_applied_site()
NOTHING = MatchContext({}, {}, {}, Threads({}, {}, {}))
ITEM = ItemId(uuid5(SPACE, "an item"))
CHRONO = Chrono("36-2026-A-000007")


RESERVED = Readership(Confidentiality.RESERVE, ServiceId("dre"))


def a_thread(
    *,
    ended: bool = False,
    correspondent: str | None = "ana",
    readership: Readership | None = None,
    thirds: frozenset[Digest] = frozenset(),
) -> MatchContext:
    who = None if correspondent is None else digest(correspondent)
    target = Target(ITEM, who, ended, readership, thirds)
    return MatchContext(
        {},
        {},
        {},
        Threads(
            {CHRONO: target},
            {digest("first message"): target},
            {(digest("ana"), digest("renewal")): target},
        ),
    )


TOKEN = (TokenThread(chrono=CHRONO),)
REFERENCE = (MessageThread(messages=(digest("unknown"), digest("first message"))),)
LIKENESS = (LikenessThread(subject=digest("renewal")),)


def outcome(
    arrival: JudgedArrival, known: MatchContext = NOTHING, site: AppliedSite = SITE
) -> ArrivalOutcome:
    (one,) = judge([arrival], known, site)
    return one[1]


def test_a_message_that_enters_opens_an_item_with_an_id_made_from_the_arrival() -> None:
    arrival = an_arrival()
    assert outcome(arrival) == Opens(ids.item_id("indre", arrival.arrival_id))


def test_the_same_mail_in_two_mailboxes_is_one_item() -> None:
    first = an_arrival("a", fingerprint=digest("same"))
    second = an_arrival("b", fingerprint=digest("same"), source="mailbox:dre")
    words = [word_of(one) for _, one in judge([first, second], NOTHING, SITE)]
    assert words == [Disposition.ITEM, Disposition.COPY]


def test_an_arrival_told_twice_is_judged_once() -> None:
    assert len(judge([an_arrival(), an_arrival()], NOTHING, SITE)) == 1
    known = MatchContext(
        {an_arrival().arrival_id: KnownArrival(1, Disposition.ITEM, ITEM)}, {}, {}, NOTHING.threads
    )
    assert judge([an_arrival()], known, SITE) == []


def test_a_token_or_a_reference_of_the_same_person_joins() -> None:
    assert outcome(an_arrival(threads=TOKEN), a_thread()) == Joins(ITEM)
    assert outcome(an_arrival(threads=REFERENCE), a_thread()) == Joins(ITEM)


def test_a_token_joins_a_letter_whose_sender_has_no_address() -> None:
    assert outcome(an_arrival(threads=TOKEN), a_thread(correspondent=None)) == Joins(ITEM)


def test_likeness_alone_never_joins() -> None:
    found = outcome(an_arrival(threads=LIKENESS), a_thread())
    assert isinstance(found, Opens)
    assert (found.linked, found.why, found.doubtful) == (ITEM, LinkReason.LIKENESS, False)
    assert not found.answered


def test_what_is_like_something_answered_says_so() -> None:
    found = outcome(an_arrival(threads=LIKENESS), a_thread(ended=True))
    assert isinstance(found, Opens)
    assert (found.why, found.answered) == (LinkReason.LIKENESS, True)


def test_a_message_in_an_answered_thread_is_an_item_to_qualify() -> None:
    found = outcome(an_arrival(threads=TOKEN), a_thread(ended=True))
    assert isinstance(found, Opens)
    assert (found.linked, found.why, found.doubtful) == (ITEM, LinkReason.ENDED_THREAD, True)


@pytest.mark.parametrize("threads", [TOKEN, REFERENCE])
@pytest.mark.parametrize("thread", [{"ended": True}, {"correspondent": "zoé"}])
def test_what_continues_a_reserved_thread_is_read_by_its_readers(
    threads: tuple[ThreadCandidate, ...], thread: dict[str, Any]
) -> None:
    found = outcome(an_arrival(threads=threads), a_thread(**thread, readership=RESERVED))
    assert isinstance(found, Opens)
    assert found.readership == RESERVED
    plain = outcome(an_arrival(threads=threads), a_thread(**thread))
    assert isinstance(plain, Opens)
    assert plain.readership is None


def test_someone_else_in_the_thread_gets_a_linked_item() -> None:
    found = outcome(an_arrival(threads=REFERENCE), a_thread(correspondent="zoé"))
    assert isinstance(found, Opens)
    assert found.why is LinkReason.OTHER_SENDER


def test_our_own_service_in_copy_is_a_reply_observed() -> None:
    ours = Routing(rule="ours", sender_kind=SenderKind.INTERNAL)
    proven = an_arrival(threads=REFERENCE, routing=ours, authentication=Authentication.PASS)
    assert outcome(proven, a_thread()) == Joins(ITEM, Says.ANSWER)
    assert outcome(proven, a_thread(ended=True)) == Joins(ITEM, Says.NOTHING)


@pytest.mark.parametrize("authentication", [Authentication.NONE, Authentication.FAIL])
def test_our_address_in_from_answers_nothing_while_it_is_not_proven(
    authentication: Authentication,
) -> None:
    ours = Routing(rule="ours", sender_kind=SenderKind.INTERNAL)
    claimed = an_arrival(
        threads=REFERENCE,
        routing=ours,
        authentication=authentication,
        correspondent=digest("forger"),
    )
    found = outcome(claimed, a_thread())
    assert isinstance(found, Opens)
    assert found.why is LinkReason.OTHER_SENDER


def test_a_chaser_in_the_same_batch_finds_its_letter_whatever_the_order() -> None:
    letter = an_arrival("letter")
    chaser = an_arrival(
        "chaser",
        at=MONDAY + timedelta(hours=1),
        threads=(MessageThread(messages=(digest("message letter"),)),),
    )
    words = {one.arrival_id: word_of(w) for one, w in judge([chaser, letter], NOTHING, SITE)}
    assert words == {letter.arrival_id: Disposition.ITEM, chaser.arrival_id: Disposition.MESSAGE}


def test_what_was_received_before_go_live_is_history() -> None:
    before = an_arrival(at=datetime(2026, 4, 30, 21, 59, tzinfo=UTC))
    assert outcome(before) == StoredDisposition(Disposition.HISTORY)
    assert outcome(an_arrival(), site=an_applied_site(None)) == StoredDisposition(
        Disposition.HISTORY
    )


def test_a_letter_stamped_on_the_day_of_go_live_is_an_item() -> None:
    on_the_day = a_scan(receipt=On(day=date(2026, 5, 1)))
    the_eve = a_scan(receipt=On(day=date(2026, 4, 30)))
    assert word_of(outcome(on_the_day)) is Disposition.ITEM
    assert word_of(outcome(the_eve)) is Disposition.HISTORY


def test_what_no_person_wrote_is_kept_under_its_word() -> None:
    assert outcome(an_arrival(verdict=Probe(sent_at=MONDAY))) == StoredDisposition(
        Disposition.PROBE
    )
    newsletter = an_arrival(verdict=SetAside(reason="newsletter"))
    assert outcome(newsletter) == StoredDisposition(Disposition.SET_ASIDE, "newsletter")
    unread = an_arrival(verdict=Quarantine(reason="no_header"), pli=None)
    assert outcome(unread) == StoredDisposition(Disposition.QUARANTINE, "no_header")


def test_the_scan_of_a_paper_keyed_at_the_counter_joins_by_its_sticker() -> None:
    known = MatchContext({}, {}, {"000123": ITEM}, NOTHING.threads)
    scan = a_scan(scan=ScanMarks(label="000123"))
    assert outcome(scan, known) == Joins(ITEM)


def test_a_sticker_scanned_a_second_time_is_a_proposal_and_no_join() -> None:
    known = MatchContext({}, {}, {"000123": ITEM}, NOTHING.threads, {"000123"})
    scan = a_scan(scan=ScanMarks(label="000123"))
    again = outcome(scan, known)
    assert again == Opens(ids.item_id("indre", scan.arrival_id), ITEM, LinkReason.SAME_LABEL)
    assert again.doubtful


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize(
    ("by_code", "why", "readership"),
    [(True, LinkReason.OUR_CODE, RESERVED), (False, LinkReason.CITED_NUMBER, None)],
)
def test_a_paper_that_names_an_item_is_proposed_to_it_and_never_joins(
    *, by_code: bool, ended: bool, why: LinkReason, readership: Readership | None
) -> None:
    scan = a_scan(scan=ScanMarks(refers_to=CHRONO, refers_by_code=by_code))
    found = outcome(scan, a_thread(ended=ended, readership=RESERVED))
    assert isinstance(found, Opens)
    assert (found.linked, found.why, found.answered) == (ITEM, why, ended)
    assert (found.doubtful, found.readership) == (by_code, readership)


def test_a_paper_that_names_an_unknown_number_is_an_item_of_its_own() -> None:
    scan = a_scan(scan=ScanMarks(refers_to=Chrono("36-2026-A-000999"), refers_by_code=True))
    assert outcome(scan, a_thread()) == Opens(ids.item_id("indre", scan.arrival_id))


def test_of_two_papers_with_one_sticker_in_a_batch_the_second_is_a_proposal() -> None:
    known = MatchContext({}, {}, {"000123": ITEM}, NOTHING.threads)
    papers = [
        a_scan(name, scan=ScanMarks(label="000123"), fingerprint=digest(name)) for name in "ab"
    ]
    first, second = [found for _, found in judge(papers, known, SITE)]
    assert first == Joins(ITEM)
    assert isinstance(second, Opens)
    assert (second.linked, second.why) == (ITEM, LinkReason.SAME_LABEL)
    unknown = [found for _, found in judge(papers, NOTHING, SITE)]
    assert isinstance(unknown[0], Opens)
    assert isinstance(unknown[1], Opens)
    assert (unknown[1].linked, unknown[1].why) == (unknown[0].item_id, LinkReason.SAME_LABEL)


def test_a_better_reading_frees_what_was_quarantined_but_moves_no_item() -> None:
    reread = ArrivalReread.model_validate(
        an_arrival().model_dump() | {"type": "ArrivalReread", "revision": 2}
    )
    quarantined = MatchContext(
        {reread.arrival_id: KnownArrival(1, Disposition.QUARANTINE)}, {}, {}, NOTHING.threads
    )
    assert word_of(outcome(reread, quarantined)) is Disposition.ITEM
    item = MatchContext(
        {reread.arrival_id: KnownArrival(1, Disposition.ITEM, ITEM)}, {}, {}, NOTHING.threads
    )
    assert judge([reread], item, SITE) == []


def test_a_copy_of_an_item_is_a_copy_even_in_an_ended_thread() -> None:
    known = a_thread(ended=True)
    known.fingerprints[digest("content a")] = ITEM
    assert outcome(an_arrival(threads=TOKEN), known) == CopyOf(ITEM)


@given(st.permutations(range(12)), st.lists(st.integers(0, 11), max_size=8))
def test_each_arrival_has_one_word_and_each_content_one_item(
    order: list[int], again: list[int]
) -> None:
    batch = [
        an_arrival(f"{n}", fingerprint=digest(f"content {n % 5}"), at=MONDAY + timedelta(minutes=n))
        for n in [*order, *again]
    ]
    judged = judge(batch, NOTHING, SITE)
    assert len(judged) == 12
    assert [word_of(one) for _, one in judged].count(Disposition.ITEM) == 5
    assert {one.item_id for _, one in judged if isinstance(one, Opens | CopyOf)} == {
        ids.item_id("indre", an_arrival(f"{n}").arrival_id) for n in range(5)
    }
