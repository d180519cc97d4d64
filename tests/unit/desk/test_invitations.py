"""Whom the survey invites by mail: each exclusion alone, the draw by hand, the days due."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.desk.domain.item import Item
from services.desk.pages.quality import invitation_words
from services.desk.quality.domain.invitations import (
    EXCLUSIONS,
    InvitationContext,
    NotInvited,
    days_due,
    draw,
    is_drawn,
    may_open,
    may_stop,
    ticket,
    why_not,
)
from services.desk.quality.domain.survey import SurveyCampaign, fold
from services.notify.survey_invitations import Uninvited
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, NoticeId, On, ServiceId
from shared.facts.items.base import Classification
from shared.facts.items.closure import DecisionTaken
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.items.replies import ReplySent
from shared.facts.quality.survey import (
    CampaignClosed,
    CampaignOpened,
    InvitationsDrawn,
    InvitationsOpened,
    InvitationsStopped,
    SurveyFact,
)
from shared.facts.vocabulary import (
    Authentication,
    Category,
    Channel,
    Confidentiality,
    Effect,
    Nature,
    Priority,
    Proof,
    SenderKind,
)
from tests.desk_builders import DAYS, MONDAY, SPACE, digest

ONE = ItemId(UUID("66666666-6666-5666-8666-666666666660"))
ODETTE = digest("odette")
SEED = "graine"
CAMPAIGN = uuid5(SPACE, "campaign")


def envelope(seq: int) -> dict[str, Any]:
    return {
        "event_id": uuid5(SPACE, f"fact {seq}"), "item_id": ONE, "seq": seq,
        "happened_at": MONDAY, "recorded_at": MONDAY, "by": "service:desk",
    }  # fmt: skip


def answered(**opened: Any) -> Item:
    """A mail of a citizen that was answered by a mail of ours, which a server took."""
    what = Classification(
        category=Category("autre"), nature=Nature.REQUEST, perimeter=True,
        sender_kind=SenderKind.CITIZEN,
    )  # fmt: skip
    fact = ItemRegistered(
        **envelope(1),
        chrono=Chrono("36-2026-A-000001"),
        channel=Channel.EMAIL,
        receipt=On(day=MONDAY.date()),
        classification=what,
        service=ServiceId("bmi"),
        qualified=True,
        arrival_id=None,
        pli=None,
        correspondent=opened.pop("correspondent", ODETTE),
        **opened,
    )
    item = Item(fact, 2, fact.receipt, provisional=False, classification=what,
                service=fact.service, agent=None)  # fmt: skip
    return replace(item, replies=(reply(),))


def reply(proof: Proof = Proof.DELIVERED, *, ours: bool = True) -> ReplySent:
    notice = NoticeId(uuid5(SPACE, "notice")) if ours else None
    return ReplySent(**envelope(2), proof=proof, notice_id=notice)


def classified(**fields: Any) -> Item:
    item = answered()
    return replace(item, classification=item.classification.model_copy(update=fields))


WROTE_AGAIN = SenderWroteAgain(
    **envelope(3), arrival_id=uuid5(SPACE, "again"), pli=None, channel=Channel.EMAIL,
    receipt=On(day=MONDAY.date()), message=None, danger=True, nature=Nature.REQUEST,
)  # fmt: skip
REFUSED = DecisionTaken(**envelope(3), effect=Effect.REJECTION, day=MONDAY.date())
HERE = frozenset({ONE})
ALONE: Sequence[tuple[NotInvited, Item, InvitationContext]] = (
    (NotInvited.UNFINISHED, replace(answered(), replies=()), InvitationContext()),
    (NotInvited.NO_ADDRESS, replace(answered(), replies=(reply(ours=False),)), InvitationContext()),
    (NotInvited.NO_ADDRESS, replace(answered(), replies=(reply(Proof.SEEN),)), InvitationContext()),
    (NotInvited.NO_ADDRESS, answered(authentication=Authentication.FAIL), InvitationContext()),
    (NotInvited.ANONYMOUS, answered(correspondent=None), InvitationContext()),
    (NotInvited.ROBOT, answered(automatic="header"), InvitationContext()),
    *(
        (NotInvited.OFFICIAL, classified(sender_kind=kind), InvitationContext())
        for kind in SenderKind
        if kind
        not in {
            SenderKind.UNKNOWN, SenderKind.CITIZEN, SenderKind.ASSOCIATION, SenderKind.COMPANY,
        }
    ),
    (NotInvited.RESERVED, classified(confidentiality=Confidentiality.RESERVE), InvitationContext()),
    (NotInvited.RESERVED, classified(confidentiality=Confidentiality.PERSONAL),
     InvitationContext()),
    (NotInvited.RESERVED, replace(answered(), was_reserved=True), InvitationContext()),
    (NotInvited.RESERVED, answered(), InvitationContext(never=(Category("autre"),))),
    (NotInvited.DANGER, answered(danger=True), InvitationContext()),
    (NotInvited.DANGER, replace(answered(), messages=(WROTE_AGAIN,)), InvitationContext()),
    (NotInvited.DANGER, classified(priority=Priority.SIGNALEE), InvitationContext()),
    (NotInvited.EXERCISE, answered(), InvitationContext(in_exercises=HERE)),
    (NotInvited.EVENT, answered(), InvitationContext(in_events=HERE)),
    (NotInvited.EVENT, answered(), InvitationContext(event_open=True)),
    (NotInvited.MASS, answered(), InvitationContext(massed=HERE)),
    (NotInvited.COMPLAINT, classified(nature=Nature.COMPLAINT), InvitationContext()),
    (NotInvited.COMPLAINT, answered(), InvitationContext(complaining=frozenset({ODETTE}))),
    (NotInvited.APPEAL, classified(nature=Nature.APPEAL), InvitationContext()),
    (NotInvited.APPEAL, replace(answered(), decision=REFUSED),
     InvitationContext()),
    (NotInvited.INVITED, answered(), InvitationContext(invited=frozenset({ODETTE}))),
)  # fmt: skip


@pytest.mark.parametrize(("why", "item", "about"), ALONE)
def test_each_rule_alone_excludes(why: NotInvited, item: Item, about: InvitationContext) -> None:
    assert why_not(item, about) is why


def test_every_rule_of_the_table_was_tried_and_a_citizen_may_be_invited() -> None:
    assert {why for why, _, _ in ALONE} == set(EXCLUSIONS)
    assert why_not(answered(), InvitationContext()) is None
    another = InvitationContext(complaining=frozenset({digest("ana")}), never=(Category("x"),))
    assert why_not(answered(), another) is None


def test_every_reason_has_its_words_on_both_sides() -> None:
    assert set(invitation_words.REASONS) == set(NotInvited)
    assert set(invitation_words.WITHHELD) == {why.value for why in Uninvited}


def test_a_ticket_is_the_digest_of_seed_and_id() -> None:
    """By hand: `printf 'graine\\n66666666-6666-5666-8666-666666666660' | sha256sum`.

    0x496694af of 2^32 is 28.67 in a hundred.
    """
    assert ticket(SEED, ONE).startswith("496694af1850dd47")
    assert not is_drawn(SEED, ONE, 28)
    assert is_drawn(SEED, ONE, 29)
    assert is_drawn(SEED, ONE, 100)


def many(n: int) -> Mapping[ItemId, Item | None]:
    found = dict[ItemId, Item | None]()
    for k in range(n):
        item_id = ItemId(uuid5(SPACE, f"item {k}"))
        opened = answered(correspondent=digest(f"person {k}")).opened
        item = replace(answered(), opened=opened.model_copy(update={"item_id": item_id}))
        found[item_id] = item
    return found


def test_a_draw_takes_its_share_the_same_each_time_and_counts_the_rest() -> None:
    candidates = many(400)
    first = draw(candidates, InvitationContext(), SEED, 25)
    assert draw(dict(reversed(list(candidates.items()))), InvitationContext(), SEED, 25) == first
    assert set(first.items) == {item_id for item_id in candidates if is_drawn(SEED, item_id, 25)}
    assert 60 <= len(first.items) <= 140  # 100 ± 4.6 standard deviations
    assert first.left_out == {NotInvited.NOT_DRAWN: 400 - len(first.items)}
    assert list(first.items) == sorted(first.items, key=lambda item_id: ticket(SEED, item_id))
    assert draw(candidates, InvitationContext(), "autre", 25).items != first.items


def test_a_person_wins_once_and_who_can_not_be_read_is_counted() -> None:
    candidates = many(3)
    same = {
        item_id: item and replace(
            item, opened=item.opened.model_copy(update={"correspondent": ODETTE})
        )
        for item_id, item in candidates.items()
    }  # fmt: skip
    broken = ItemId(uuid5(SPACE, "broken"))
    result = draw({**same, broken: None}, InvitationContext(), SEED, 100)
    assert list(result.items) == [min(same, key=lambda item_id: ticket(SEED, item_id))]
    assert result.left_out == {NotInvited.INVITED: 2, NotInvited.UNREADABLE: 1}


def said(kind: type[SurveyFact], seq: int, **fields: Any) -> SurveyFact:
    moment = datetime(2026, 5, 4, 8, tzinfo=UTC) + timedelta(minutes=seq)
    return kind.model_validate(
        {
            "event_id": uuid5(SPACE, f"quality {seq}"), "subject_id": CAMPAIGN, "seq": seq,
            "happened_at": moment, "recorded_at": moment, "by": "person:q.officer",
        }
        | fields
    )  # fmt: skip


def campaign(*facts: SurveyFact) -> SurveyCampaign:
    opened = said(CampaignOpened, 1, number=1, form="usagers", version=1, sha256=digest("form"))
    return fold([opened, *facts])[0]


def opened_on(day: date, share: int = 25) -> SurveyFact:
    return said(InvitationsOpened, 2, seed=SEED, share=share, starts=day)


DRAWN_TO = said(
    InvitationsDrawn, 3, first="2026-05-11", last="2026-05-11", page="https://p.example/enquete/a",
    items=[], left_out={},
)  # fmt: skip


@pytest.mark.parametrize(
    ("today", "after", "expected"),
    [
        # Thursday 14 May 2026 is Ascension; 11 May is a Monday.
        (date(2026, 5, 12), 2, None),  # Tuesday: the replies of Friday to Sunday, before the first
        (date(2026, 5, 13), 2, (date(2026, 5, 11), date(2026, 5, 11))),
        (date(2026, 5, 14), 2, None),  # not worked
        (date(2026, 5, 15), 2, (date(2026, 5, 11), date(2026, 5, 12))),
        (date(2026, 5, 16), 2, None),
        (date(2026, 5, 18), 2, (date(2026, 5, 11), date(2026, 5, 14))),
        (date(2026, 5, 19), 2, (date(2026, 5, 11), date(2026, 5, 17))),
        (date(2026, 5, 13), 1, (date(2026, 5, 11), date(2026, 5, 12))),
    ],
)
def test_the_days_that_are_due(today: date, after: int, expected: object) -> None:
    running = campaign(opened_on(date(2026, 5, 11)))
    assert days_due(running, today, DAYS, after) == expected


def test_no_day_is_drawn_twice_nor_once_it_is_over() -> None:
    start, friday = opened_on(date(2026, 5, 11)), date(2026, 5, 15)
    once = campaign(start, DRAWN_TO)
    assert days_due(once, date(2026, 5, 13), DAYS, 2) is None
    assert days_due(once, friday, DAYS, 2) == (date(2026, 5, 12), date(2026, 5, 12))
    for end in (said(InvitationsStopped, 4), said(CampaignClosed, 4, sha256=digest("words"))):
        assert days_due(campaign(start, end), friday, DAYS, 2) is None
    assert days_due(campaign(), friday, DAYS, 2) is None


@pytest.mark.parametrize(
    ("facts", "share", "starts", "why"),
    [
        ([said(CampaignClosed, 4, sha256=digest("x"))], 25, MONDAY.date(), "campaign-closed"),
        ([opened_on(MONDAY.date())], 25, MONDAY.date(), "invitations-opened"),
        ([], 0, MONDAY.date(), "invitations-share"),
        ([], 101, MONDAY.date(), "invitations-share"),
        ([], 25, date(2026, 5, 10), "invitations-start"),
        ([], 25, date(2027, 5, 13), "invitations-start"),
    ],
)
def test_what_is_refused(facts: Sequence[SurveyFact], share: int, starts: date, why: str) -> None:
    with pytest.raises(Refused) as refused:
        may_open(campaign(*facts), share, starts, MONDAY.date())
    assert refused.value.why == why


def test_only_what_runs_is_stopped() -> None:
    may_stop(campaign(opened_on(MONDAY.date())))
    for facts in ((), (opened_on(MONDAY.date()), said(InvitationsStopped, 4))):
        with pytest.raises(Refused, match="invites nobody"):
            may_stop(campaign(*facts))
