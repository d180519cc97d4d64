"""Whether a notice that is called for leaves by itself, later, after a person's word, or never.

The site's table decides; what is written here is what no table may change: the law on regimes, the
loop guard, go-live, and that doubt is held.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notify.domain.acknowledgements import WITH_EFFECT, acknowledgement_of
from services.notify.domain.attachments import UNREAD, reading_time
from services.notify.domain.calls import OURS, Call
from services.notify.domain.due import due
from services.notify.domain.item import NotifiedItem
from services.notify.domain.loop_guard import NOTHING_TOLD, RecentNotice, why_never
from services.notify.domain.silence import why_undated
from shared.facts.vocabulary import AUTOMATIC, Way
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.notices import Action, Caps, NoticeRow, PolicyCase, Speed

NOT_LIVE = "not_live"
STALE = "stale"
AT_ITS_CAP = "many_today"
SILENCED = "correspondent_silent"
AN_HOUR_IS_FULL = timedelta(minutes=5)
"""After which a notice asks again whether the hour has room."""
_BY_SENDER = "sender-"
"""How ingest names a hold for a kind of sender: `sender-lawyer`."""


@dataclass(frozen=True, slots=True)
class SendNow:
    """The verdict that a notice leaves as soon as a worker takes it."""


@dataclass(frozen=True, slots=True)
class Later:
    """The verdict that a notice leaves after a pause; `None`: at the next working day's opening."""

    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """The verdict that a notice waits for a person, who is told at `speed`; `why` is a code."""

    why: str
    speed: Speed = Speed.DIGEST


@dataclass(frozen=True, slots=True)
class Never:
    """The verdict that a notice never leaves; `why` is a code."""

    why: str


Ruling = SendNow | Later | Hold | Never


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The data besides an item by which it is judged if a notice may leave: counts, caps …."""

    told: RecentNotice = NOTHING_TOLD
    silenced: bool = False
    """The address hit its cap on two days, and no person has said that it may hear us again."""
    suppressed: bool = False
    """The address does not exist: an earlier notice bounced with 5.1.x."""
    released: bool = False
    """A person has seen it held and let it go."""
    in_time: bool = False
    """Words of danger, planned in time: they leave however long the server was away."""
    address: str | None = None
    """Where it would go; `None` before the pli is read, when the address is not judged yet."""


def judge(  # noqa: PLR0911  (one line a reason)
    call: Call, item: NotifiedItem, applied: AppliedSite, around: Circumstances, now: datetime
) -> Ruling:
    """Returns the verdict on a notice at `now`: it leaves, later, on a person's word, or never."""
    if applied.go_live is None:
        return Hold(NOT_LIVE)
    if call.kind in OURS:
        return _for_ours(call, item, applied, around, now)
    if (why := _even_if_released(call, item, applied, around, now)) is not None:
        return Hold(why)
    if around.released:
        return SendNow()
    if call.order is None and is_history(item, applied):
        return Never("history")
    if is_stale(call, item, applied, now):
        return Hold(STALE)
    row = row_for(call, item, applied)
    if call.order is None:
        return _automatic(call, item, applied, around, row, now)
    never = row is not None and row.action is Action.NEVER
    return Never(_reason(row)) if never else SendNow()


def is_history(item: NotifiedItem, applied: AppliedSite) -> bool:
    """Whether an item came before go-live, so that it gets no notice unless a person asks."""
    return applied.go_live is not None and applied.history(item.receipt)


def is_stale(call: Call, item: NotifiedItem, applied: AppliedSite, now: datetime) -> bool:
    """Whether it is too late for a notice to leave without a person's word.

    Its age counts from when it was first due, not from an opening; a copy's is its letter's kind's.
    """
    stale = {row.kind: row.after for row in applied.site.notices.stale}
    after = stale.get(call.kind, stale.get(call.order.kind) if call.order else None)
    return after is not None and now - due(call, item, applied, call.since) > after


def needs_nobody(call: Call, item: NotifiedItem, applied: AppliedSite, now: datetime) -> bool:
    """Whether a notice may leave without a person having seen it.

    Only if notices.yaml sends it, nothing put the item on hold, it is not too late, and the item
    did not come before go-live.
    """
    row, read = row_for(call, item, applied), item.read
    held = item.registered.hold or (read is not None and read.hold)
    late = is_history(item, applied) or is_stale(call, item, applied, now)
    return row is not None and row.action is Action.SEND and not (held or late)


def row_for(call: Call, item: NotifiedItem, applied: AppliedSite) -> NoticeRow | None:
    """Returns the first row of notices.yaml that matches a notice; `None`: none, so it is held."""
    what, came = item.classification, item.registered
    case = PolicyCase(
        call.kind, call.way, what.sender_kind, what.nature, what.priority, came.channel,
        came.authentication,
    )  # fmt: skip
    return applied.site.notices.row_of(case)


def held_by_the_table(why: str | None, applied: AppliedSite) -> bool:
    """Whether notices.yaml held the notice, so that a change of its item may release it."""
    rows = applied.site.notices.rows
    by_table = {_reason(row) for row in rows if row.action is Action.HOLD}
    return why is not None and (why in by_table or why.startswith(_BY_SENDER))


def _for_ours(
    call: Call, item: NotifiedItem, applied: AppliedSite, around: Circumstances, now: datetime
) -> Ruling:
    # A later message is no history, whenever the item's first one was received.
    of_the_opening = call.occasion == str(item.registered.event_id)
    if of_the_opening and is_history(item, applied):
        return Never("history")
    stale = not (around.released or around.in_time) and is_stale(call, item, applied, now)
    return Hold(STALE) if stale else SendNow()


def _even_if_released(
    call: Call, item: NotifiedItem, applied: AppliedSite, around: Circumstances, now: datetime
) -> str | None:
    """A wrong SVA gives a false right, a wrong SVR a false appeal (DOMAIN §3).

    No date is told while none runs, whoever asks for it.
    """
    if around.suppressed and call.way is Way.MAIL:
        return "address_bounced"
    if call.kind not in WITH_EFFECT:
        return None
    confirmed = item.regime and acknowledgement_of(item.regime.regime, applied.site.effects)
    if confirmed is not call.kind:
        return "regime_not_confirmed"
    return why_undated(item, applied, now, released=around.released or call.order is not None)


def _automatic(  # noqa: PLR0911  (one line a reason)
    call: Call,
    item: NotifiedItem,
    applied: AppliedSite,
    around: Circumstances,
    row: NoticeRow | None,
    now: datetime,
) -> Ruling:
    if call.way is Way.MAIL and (why := _never_by_mail(item, applied, around)) is not None:
        return Never(why)
    match row:
        case None:
            return Hold("no_rule")
        case NoticeRow(action=Action.NEVER):
            return Never(_reason(row))
        case NoticeRow(action=Action.HOLD):
            return Hold(_reason(row), row.speed)
        case _ if (hold := _hold(item)) is not None:
            return Hold(hold, row.speed)
        case _ if (left := reading_time(item, now)) is not None:
            return Later(left) if left else Hold(UNREAD)
        case _:
            by_mail = call.way is Way.MAIL
            return _within_caps(around, applied.site.notices.caps) if by_mail else SendNow()


def _hold(item: NotifiedItem) -> str | None:
    """Why it was held when it came; not for a kind of sender that a person has since denied."""
    hold = item.registered.hold or (item.read.hold if item.read else None)
    if hold is None or not hold.startswith(_BY_SENDER):
        return hold
    return hold if hold == f"{_BY_SENDER}{item.classification.sender_kind}" else None


def _never_by_mail(item: NotifiedItem, applied: AppliedSite, around: Circumstances) -> str | None:
    fact = item.registered
    return why_never(
        automatic=fact.automatic,
        authentication=fact.authentication,
        address=around.address,
        domains=applied.site.identity.domains,
    )


def _within_caps(around: Circumstances, caps: Caps) -> Ruling:  # noqa: PLR0911  (one line a cap)
    told = around.told
    if around.silenced:
        return Hold(SILENCED)
    if told.of_this_item:
        return Later()
    if told.of_this_thread:
        return Hold("thread_told_today")
    if told.to_this_correspondent >= caps.address_a_day:
        return Hold(AT_ITS_CAP)
    domain = (told.to_this_domain, told.to_this_domain_in_an_hour)
    if domain[0] >= caps.domain_a_day or domain[1] >= caps.domain_an_hour:
        return Hold("domain_full")
    if told.in_all >= caps.all_a_day:
        return Hold("day_full")
    # Nobody need look at an hour that is merely busy.
    return Later(AN_HOUR_IS_FULL) if told.in_all_in_an_hour >= caps.all_an_hour else SendNow()


def _reason(row: NoticeRow | None) -> str:
    return (row.reason or f"row.{row.id}") if row is not None else "no_rule"


def is_automatic(call: Call) -> bool:
    """Whether no person asked for the notice, so that the email's headers must say automatic."""
    return call.order is None and call.kind in AUTOMATIC
