"""Topic `notices`: what left by our own voice becomes a fact of its item (DESIGN §2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from services.desk import statements
from services.desk.domain.dispatch import (
    Dispatch,
    addressee_of,
    fact_of,
    returned_statements,
    template_of,
    until_of,
)
from services.desk.domain.item import Item
from services.desk.domain.stamp import REGISTER, Stamp
from services.desk.store import (
    committee_mails,
    counters,
    departures,
    exercise_mails,
    invitation_mails,
    items,
    notices,
)
from services.desk.store.committee_mails import ToldMeetingMail
from services.desk.store.exercise_mails import ToldExercise
from services.desk.store.invitation_mails import ToldInvitation
from services.desk.store.items import StoredItemRow
from services.desk.store.notices import Notice, NoticeWord, Pending
from shared.content.chronos import Direction
from shared.facts import ids
from shared.facts.authors import by_service
from shared.facts.envelope import BlobKey, Chrono, Digest, ItemId, NoticeId, ServiceId
from shared.facts.items import Items
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.routing import WaitEnded, WaitStarted
from shared.facts.notices import (
    NoticeBounced,
    NoticeFailed,
    NoticeHeld,
    NoticePlanned,
    Notices,
    NoticeSent,
    NoticeWithdrawn,
)
from shared.facts.vocabulary import NoticeKind, Proof, Waiting, Way
from shared.platform.database import Connection
from shared.platform.messaging import inbox
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite

READER = "notices"
NOTIFY = by_service("notify")


def hears_notices(rules: Rules) -> Handle[Notices]:
    """Makes the handler of Kafka topic `notices`: stores notices' states.

    It also records what was sent as facts of the items.
    """

    async def hear(
        connection: Connection, batch: Sequence[Notices], now: datetime
    ) -> Sequence[RejectedFact[Notices]]:
        applied = await rules.in_transaction(connection)
        to_senders = [fact for fact in batch if fact.reader is None]
        await exercise_mails.keep(
            connection, [_exercise(fact) for fact in to_senders if fact.kind is NoticeKind.EXERCISE]
        )
        await invitation_mails.keep(
            connection, [_invitation(fact) for fact in to_senders if fact.kind is NoticeKind.SURVEY]
        )
        await committee_mails.keep(
            connection, [_meeting(fact) for fact in to_senders if fact.kind is NoticeKind.MEETING]
        )
        before = await items.lock(connection, {i for fact in to_senders for i in fact.item_ids})
        new = await inbox.keep_new(connection, "desk", READER, [f.event_id for f in to_senders])
        words = await notices.known_notices(connection, before, {f.notice_id for f in to_senders})
        told = list[tuple[Notices, ItemId]]()
        for fact in to_senders:
            taken = [
                item_id_
                for item_id_ in fact.item_ids
                if item_id_ in before and _is_news(words, fact, item_id_)
            ]
            if fact.event_id not in new or (not taken and before.keys() & set(fact.item_ids)):
                pass_over(fact)
                continue
            new.discard(fact.event_id)
            told += [(fact, item_id) for item_id in taken]
            for item_id in taken:
                words[item_id, fact.notice_id] = NoticeWord(fact.revision, fact.happened_at)
        await notices.save(connection, [_row(fact, item_id) for fact, item_id in told])
        sent = [(fact, item_id) for fact, item_id in told if isinstance(fact, NoticeSent)]
        facts = await _left(connection, sent, before, applied, now)
        kept = {**before, **await statements.state(connection, before, facts, applied.site.zone)}
        await items.remember_messages(
            connection, [(Digest(fact.message), item_id) for fact, item_id in sent]
        )
        kept |= await _came_back(connection, told, kept, applied, now)
        told_of = sorted({item_id for _, item_id in told})
        await _waits(connection, {item_id: kept[item_id] for item_id in told_of}, applied, now)
        return ()

    return hear


def _is_news(
    words: Mapping[tuple[ItemId, NoticeId], NoticeWord], fact: Notices, item_id: ItemId
) -> bool:
    known = words.get((item_id, fact.notice_id))
    return known is None or known.before(fact)


async def _left(
    connection: Connection,
    sent: Sequence[tuple[NoticeSent, ItemId]],
    before: Mapping[ItemId, StoredItemRow],
    applied: AppliedSite,
    now: datetime,
) -> list[Items]:
    """The facts of what was sent; a reply takes a departure's chrono."""
    replies = [fact for fact, _ in sent if fact.kind is NoticeKind.REPLY]
    chronos = iter(
        await counters.take_for(
            connection,
            applied.site.identity.department,
            now.astimezone(applied.site.zone).year,
            Direction.DEPARTURE,
            [fact.notice_id for fact in replies],
        )
    )
    seqs = {item_id: kept.item.seq for item_id, kept in before.items()}
    facts: list[Items] = []
    departed: list[tuple[Chrono, ItemId]] = []
    for notice, item_id in sent:
        departure = next(chronos) if notice.kind is NoticeKind.REPLY else None
        if departure is not None:
            departed.append((departure, item_id))
        stamp = Stamp(item_id, seqs[item_id], notice.event_id, NOTIFY, now)
        fact = fact_of(_as_left(notice, before[item_id].item, departure), stamp)
        if fact is not None:
            facts.append(fact)
            seqs[item_id] += 1
    await departures.keep(connection, departed, now)
    return facts


def _as_left(notice: NoticeSent, item: Item, departure: Chrono | None) -> Dispatch:
    return Dispatch(
        kind=notice.kind,
        at=notice.happened_at,
        way=notice.way,
        proof=Proof.DELIVERED if notice.way is Way.MAIL else Proof.KEYED,
        until=until_of(notice.kind, item.orders, notice.ordered),
        notice_id=notice.notice_id,
        departure=departure,
        document=notice.document,
        template=template_of(item.orders, notice.ordered),
        answer=notice.answer,
        addressee=addressee_of(item.orders, notice.ordered),
        message=notice.message,
    )


async def _came_back(
    connection: Connection,
    told: Sequence[tuple[Notices, ItemId]],
    before: Mapping[ItemId, StoredItemRow],
    applied: AppliedSite,
    now: datetime,
) -> Mapping[ItemId, StoredItemRow]:
    """What no server took, or what came back, was not said: the statement and its order are undone.

    The clock runs again, and the agent may answer by another way. What is an event stays, and so
    does the letter of which only a copy came back. Returns the items of which something was undone,
    as they are stored now.
    """
    back = [
        (fact, item_id)
        for fact, item_id in told
        if isinstance(fact, NoticeBounced | NoticeFailed) and fact.kind is not NoticeKind.COPY
    ]
    seqs = {item_id: before[item_id].item.seq for _, item_id in back}
    facts: list[Items] = []
    for notice, item_id in back:
        stamp = Stamp(item_id, seqs[item_id], notice.event_id, NOTIFY, now)
        undone = returned_statements(notice.notice_id, notice.ordered, before[item_id].facts)
        reason = "bounced" if isinstance(notice, NoticeBounced) else "not_delivered"
        facts += [
            FactWithdrawn(**stamp(n), fact=one.event_id, fact_type=one.type, reason=reason)
            for n, one in enumerate(undone, 1)
        ]
        seqs[item_id] += len(undone)
    return await statements.state(connection, before, facts, applied.site.zone)


async def _waits(
    connection: Connection,
    before: Mapping[ItemId, StoredItemRow],
    applied: AppliedSite,
    now: datetime,
) -> None:
    """An item waits in *held* and *to print* as long as one of its notices does."""
    pending = await notices.pending_notices(connection, list(before))
    office = ServiceId(applied.site.identity.mail_office)
    facts: list[Items] = []
    for item_id, kept in before.items():
        item, wants = kept.item, pending.get(item_id, Pending())
        cause = ids.event_id(item_id, "notices", item.seq)
        stamp, n = Stamp(item_id, item.seq, cause, REGISTER, now), 0
        for waiting, wanted, service in (
            (Waiting.HELD, wants.held, item.service),
            (Waiting.TO_PRINT, wants.to_print, office),
        ):
            if wanted == (waiting in item.waits):
                continue
            n += 1
            facts.append(
                WaitStarted(**stamp(n), waiting=waiting, service=service)
                if wanted
                else WaitEnded(**stamp(n), waiting=waiting)
            )
    await statements.state(connection, before, facts, applied.site.zone)


def _row(fact: Notices, item_id: ItemId) -> Notice:
    state, why, document = _state(fact)
    return Notice(
        fact.notice_id,
        item_id,
        fact.kind,
        fact.way,
        state,
        why,
        fact.happened_at,
        document,
        fact.revision,
    )


def _exercise(fact: Notices) -> ToldExercise:
    state, _, _ = _state(fact)
    return ToldExercise(fact.notice_id, state, fact.happened_at, fact.revision or 0)


def _invitation(fact: Notices) -> ToldInvitation:
    state, why, _ = _state(fact)
    return ToldInvitation(fact.notice_id, state, why, fact.happened_at, fact.revision or 0)


def _meeting(fact: Notices) -> ToldMeetingMail:
    state, why, _ = _state(fact)
    return ToldMeetingMail(fact.notice_id, state, why, fact.happened_at, fact.revision or 0)


def _state(fact: Notices) -> tuple[str, str | None, BlobKey | None]:
    match fact:
        case NoticePlanned():
            return "planned", None, fact.document
        case NoticeHeld():
            return "held", fact.why, None
        case NoticeSent():
            return "sent", None, fact.document
        case NoticeFailed():
            return "failed", fact.status, None
        case NoticeBounced():
            return "bounced", fact.status, None
        case NoticeWithdrawn():
            return "withdrawn", fact.why, None
        case _:
            assert_never(fact)
