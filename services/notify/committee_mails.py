"""Mails to members of the users' committee about a meeting: the text, and the event for a diary.

The register says who is to be told; the address is asked of it when the mail leaves, so that a
member whose mandate has ended gets none, and so that no other table has it (docs/decisions/0108).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final

from services.notify.domain.due import Urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import MailSigning, ReadyMail, mail_of
from services.notify.message import AutoSubmitted, OutgoingMail
from services.notify.notice_facts import tell
from services.notify.notice_writer import PROBLEM
from services.notify.page_outcomes import hold_page, too_late, withdrawn
from services.notify.store import committee_mails as store
from services.notify.store import ledger, suppression_list
from services.notify.store.committee_mails import MeetingMail
from services.notify.store.ledger import LedgerRow
from shared.content.addresses import UnusableAddress, one_address
from shared.content.icalendar import CalendarEvent, Method, icalendar
from shared.content.tokens import pseudonym
from shared.facts import ids
from shared.facts.envelope import EventId
from shared.facts.quality import Quality
from shared.facts.quality.committee import AgendaPoint, MembersInvited
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.texts.meetings import LASTS, POINTS, TITLE, MeetingNews
from shared.site.texts.templates import UnusableTemplate, render

KIND: Final = NoticeKind.MEETING
BOUNCED: Final = "address_bounced"
"""Why a mail does not leave: another to this address came back."""


async def plan(
    connection: Connection,
    told: Sequence[Quality],
    new: AbstractSet[EventId],
    rules: Rules,
    now: datetime,
) -> None:
    """Plans an email for each committee member whom new facts of a meeting invite by email."""
    invited = [fact for fact in told if isinstance(fact, MembersInvited) and fact.event_id in new]
    if not any(fact.electronic for fact in invited):
        return
    site = (await rules.in_transaction(connection)).site.identity.id
    wanted = dict[str, LedgerRow]()
    for fact in invited:
        for member in fact.electronic:
            occasion = str(fact.event_id)
            notice = ids.notice_id(site, occasion, KIND, ids.meeting_recipient(member))
            wanted[str(notice)] = LedgerRow(
                entry=LedgerEntry(notice, occasion, KIND, NoticeState.PLANNED),
                item_id=None,
                reader=None,
                way=Way.MAIL,
                urgency=Urgency.ORDINARY,
                due_at=now,
                planned_at=now,
            )
    known = await ledger.by_id(connection, [row.entry.notice_id for row in wanted.values()])
    fresh = [row for row in wanted.values() if row.entry.notice_id not in known]
    await write(connection, [LedgerDecision(row, tell(row, now)) for row in fresh], now)


async def write_meeting(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email about a meeting to a committee member, or the decision not to send it."""
    mail = await store.of_notice(connection, row.entry.notice_id)
    # First, so that nobody is asked about a mail that says nothing any more.
    if mail is None or not mail.address or mail.sequence < mail.latest or mail.at <= now:
        return withdrawn(row, now)
    if (why := too_late(row, applied, now)) is not None:
        return hold_page(row, why, now)
    try:
        address = one_address(mail.address)
    except UnusableAddress:
        return hold_page(row, "unusable_address", now)
    digest = pseudonym(ink.secret, "address", address.lower())
    if await suppression_list.holds(connection, digest):
        return replace_by_letter(row, BOUNCED, now)
    site = applied.site
    try:
        text = render(site.templates, news(mail, site))
    except UnusableTemplate:
        return hold_page(row, PROBLEM, now)
    ready = mail_of(
        ink,
        site,
        replace(row, address=digest),
        OutgoingMail(
            author=site.identity.authority,
            mailbox=site.identity.email,
            recipient=address,
            subject=text.subject,
            text=text.whole,
            automatic=AutoSubmitted.NO,
            written=now.astimezone(site.zone),
        ),
    )
    octets = with_event(ready.envelope.message, mail, site, f"vgm.{row.entry.notice_id.hex}")
    return replace(ready, envelope=replace(ready.envelope, message=octets))


def replace_by_letter(row: LedgerRow, why: str, now: datetime) -> LedgerDecision:
    """Returns a committee meeting's email as withdrawn: its member is to get a letter instead.

    `why`: the reason code. Saves nothing.
    """
    entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=why)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return LedgerDecision(after, tell(after, now))


def news(mail: MeetingMail, site: Site) -> MeetingNews:
    """Makes the template values of an email about a meeting."""
    return MeetingNews(
        authority=site.identity.authority,
        phone=site.identity.phone,
        email=site.identity.email,
        at=mail.at.astimezone(site.zone),
        place=mail.place,
        points=tuple(POINTS[AgendaPoint(point)] for point in mail.points),
        moved=mail.again,
        cancelled=mail.cancelled,
    )


def with_event(octets: bytes, mail: MeetingMail, site: Site, boundary: str) -> bytes:
    """Returns a composed email with the meeting in it, as an event that a diary takes or drops."""
    event = CalendarEvent(
        uid=str(mail.meeting),
        on=(mail.at, mail.at + timedelta(hours=LASTS)),
        title=TITLE,
        text=" ; ".join(POINTS[AgendaPoint(point)] for point in mail.points),
        place=mail.place,
        sequence=mail.sequence,
        cancelled=mail.cancelled,
        organizer=site.identity.email,
    )
    method = Method.CANCEL if mail.cancelled else Method.PUBLISH
    policy = SMTP if octets.isascii() else SMTPUTF8
    message = message_from_bytes(octets, _class=EmailMessage, policy=policy)
    message.add_attachment(
        icalendar([event], mail.called_at.astimezone(UTC), "Comite", method),
        maintype="text",
        subtype="calendar",
        filename="reunion.ics",
        params={"method": method.value, "charset": "utf-8"},
    )
    message.set_boundary(boundary)
    return message.as_bytes(policy=policy)
