"""Mails that invite to the satisfaction survey: planned by a draw, judged once more as they leave.

The register draws by what it knows of an item; what only this service knows is asked here, at the
moment of writing: the address, whether it exists, was invited before or wants none. A mail whose
fate nobody knows is not sent again: nobody needs to be asked twice (docs/decisions/0100).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.notify.domain.due import Urgency
from services.notify.domain.fold import fold
from services.notify.domain.hours import next_open
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.domain.loop_guard import mailbox_of, why_never
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import MailSigning, ReadyMail, mail_of
from services.notify.message import AutoSubmitted, OutgoingMail
from services.notify.notice_facts import tell
from services.notify.notice_plis import pli_to_answer
from services.notify.store import facts, ledger, suppression_list
from services.notify.store import survey_invitations as store
from services.notify.store.ledger import LedgerRow
from services.notify.store.survey_invitations import PlannedInvitation
from services.notify.survey_message import SurveyWords, with_way_out
from shared.calendar.local_days import begin_of
from shared.calendar.working_days import add_months
from shared.content.addresses import UnusableAddress, one_address
from shared.content.tokens import pseudonym, stop_digest, stop_token
from shared.facts import ids
from shared.facts.envelope import Digest, EventId, ItemId
from shared.facts.quality import Quality
from shared.facts.quality.survey import (
    CampaignClosed,
    InvitationRefused,
    InvitationsDrawn,
    InvitationsStopped,
)
from shared.facts.vocabulary import Confidentiality, NoticeKind, Way
from shared.platform.database import Connection
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite

KIND: Final = NoticeKind.SURVEY
SENDER: Final = "sender"
TOO_OLD: Final = timedelta(days=7)
"""After its draw an invitation that could not leave is none any more."""


class Uninvited(StrEnum):
    """The reasons for which a drawn survey invitation is not sent."""

    STOPPED = "campaign_stopped"
    FATE_UNKNOWN = "fate_unknown"
    """A server may have taken it: it is not sent a second time."""
    TOO_LATE = "too_late"
    CHANGED = "item_changed"
    """Its reply came back, or the item is réservé, withdrawn or destroyed since."""
    NO_ADDRESS = "no_address"
    ROBOT = "robot"
    """Its address is a machine's, or ours."""
    BOUNCED = "address_bounced"
    REFUSED = "refused"
    """Whoever is there wants no such mail."""
    INVITED = "invited"
    """Another invitation went there within the months that the site says."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An email address to invite to the survey, with its digests; it is never stored itself."""

    given: str
    digest: Digest
    """Of the address, as the suppression list has it."""
    person: Digest
    """Of the mailbox behind it: `odette+prefecture@…` is `odette@…`."""


async def plan(
    connection: Connection,
    told: Sequence[Quality],
    new: AbstractSet[EventId],
    rules: Rules,
    now: datetime,
) -> None:
    """Plans an invitation email for each item that new facts draw for the survey.

    It also stores which campaigns have ended, and who wants no further email.
    """
    for fact in told:
        if fact.event_id not in new:
            continue
        match fact:
            case InvitationsDrawn():
                await _plan(connection, fact, await rules.in_transaction(connection), now)
            case InvitationsStopped() | CampaignClosed():
                await store.end(connection, fact.subject_id)
            case InvitationRefused():
                await store.refuse(connection, fact.stop, fact.happened_at)
            case _:
                pass


async def _plan(
    connection: Connection, fact: InvitationsDrawn, applied: AppliedSite, now: datetime
) -> None:
    site, wanted = applied.site.identity.id, dict[PlannedInvitation, LedgerRow]()
    due = next_open(now, applied.site.identity.opening, applied.days, applied.site.zone)
    for item_id in fact.items:
        occasion = ids.invitation_occasion(fact.subject_id, item_id)
        notice = ids.notice_id(site, occasion, KIND, SENDER)
        wanted[PlannedInvitation(notice, fact.subject_id, item_id, fact.page)] = LedgerRow(
            entry=LedgerEntry(notice, occasion, KIND, NoticeState.PLANNED),
            item_id=None,  # of no item's story: who reads it learns nothing of the survey
            reader=None,
            way=Way.MAIL,
            urgency=Urgency.AUTOMATIC,
            due_at=due,
            planned_at=now,
        )
    known = await ledger.by_id(connection, [mail.notice_id for mail in wanted])
    fresh = {mail: row for mail, row in wanted.items() if mail.notice_id not in known}
    await store.keep(connection, list(fresh))
    await write(connection, [LedgerDecision(row, tell(row, now)) for row in fresh.values()], now)


async def write_invitation(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email that invites to the survey, or the decision not to send it now.

    Stores whom the email goes to, and how they refuse further ones.
    """
    site = applied.site
    planned = await store.of_notice(connection, row.entry.notice_id)
    if (why := await _too_late(connection, row, planned, applied, now)) is not None:
        return refuse_invitation(row, why, now)
    opening = next_open(now, site.identity.opening, applied.days, site.zone)
    if opening > now:
        return LedgerDecision(replace(row, due_at=opening), None)
    item = None if planned is None else await _item(connection, planned.item_id)
    if planned is None or item is None:
        return refuse_invitation(row, Uninvited.CHANGED, now)
    pli = await pli_to_answer(ink, item)
    given = pli.answer_to.address if pli else ""
    at = MailAddress(
        given,
        pseudonym(ink.secret, "address", given.strip().lower()),
        pseudonym(ink.secret, "survey", mailbox_of(given)),
    )
    why = await _why_not(connection, row, item, at, applied, now)
    if why is not None:
        return refuse_invitation(row, why, now)
    token = stop_token(ink.secret, row.entry.notice_id)
    await store.keep_attempt(connection, row.entry.notice_id, at.person, stop_digest(token), now)
    words = SurveyWords(
        authority=site.identity.authority,
        page=planned.page,
        stop_url=f"{planned.page}/arret/{token}",
    )
    mail = site.survey.mail
    ready = mail_of(
        ink,
        site,
        replace(row, address=at.digest),
        OutgoingMail(
            author=site.identity.authority,
            mailbox=(mail.mailbox if mail else None) or site.identity.email,
            recipient=one_address(given),
            subject=words.subject,
            text=words.text,
            automatic=AutoSubmitted.GENERATED,
            written=now.astimezone(site.zone),
        ),
    )
    octets = with_way_out(ready.envelope.message, words, f"vgm.{row.entry.notice_id.hex}")
    return replace(ready, envelope=replace(ready.envelope, message=octets))


def refuse_invitation(row: LedgerRow, why: Uninvited, now: datetime) -> LedgerDecision:
    """Returns a survey invitation as withdrawn, never to be sent; saves nothing.

    `why`: the reason, which is published and counted.
    """
    entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=why.value)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return LedgerDecision(after, tell(after, now))


async def _too_late(
    connection: Connection,
    row: LedgerRow,
    planned: PlannedInvitation | None,
    applied: AppliedSite,
    now: datetime,
) -> Uninvited | None:
    if row.entry.state is NoticeState.UNKNOWN:
        return Uninvited.FATE_UNKNOWN
    off = applied.go_live is None or applied.site.survey.mail is None
    if off or (planned is not None and await store.is_ended(connection, planned.subject_id)):
        return Uninvited.STOPPED
    return Uninvited.TOO_LATE if now - row.planned_at > TOO_OLD else None


async def _item(connection: Connection, item_id: ItemId) -> NotifiedItem | None:
    """The item if it may still be spoken of: its reply stands, and it is of no confidence."""
    known, unreadable = await facts.read(connection, [item_id])
    item = None if unreadable else fold(known.get(item_id, ()))
    if item is None or item.gone or item.replied is None or item.returned:
        return None
    normal = item.classification.confidentiality is Confidentiality.NORMAL
    return item if normal else None


async def _why_not(
    connection: Connection,
    row: LedgerRow,
    item: NotifiedItem,
    at: MailAddress,
    applied: AppliedSite,
    now: datetime,
) -> Uninvited | None:
    try:
        one_address(at.given)
    except UnusableAddress:
        return Uninvited.NO_ADDRESS
    fact, domains = item.registered, applied.site.identity.domains
    if why_never(
        automatic=fact.automatic,
        authentication=fact.authentication,
        address=at.given,
        domains=domains,
    ):
        return Uninvited.ROBOT
    await store.lock_person(connection, at.person)
    if await suppression_list.holds(connection, at.digest):
        return Uninvited.BOUNCED
    if await store.has_refused(connection, at.person):
        return Uninvited.REFUSED
    months = applied.site.survey.mail.months if applied.site.survey.mail else 0
    since = add_months(now.astimezone(applied.site.zone).date(), -months)
    moment = begin_of(since, applied.site.zone)
    again = await store.was_invited(connection, at.person, row.entry.notice_id, moment)
    return Uninvited.INVITED if again else None
