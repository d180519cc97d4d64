"""Mails to one of our own people: an alert about an item, and how any page to them is a mail."""

from datetime import datetime

from services.notify.domain.digest_sections import item_url
from services.notify.domain.item import received_at
from services.notify.domain.policy import Circumstances, SendNow, judge
from services.notify.ledger_decisions import LedgerDecision, by_verdict
from services.notify.mail_composition import MailSigning, ReadyMail, mail_of
from services.notify.message import AutoSubmitted, OutgoingMail
from services.notify.notice_case import NoticeCase
from services.notify.notice_writer import PROBLEM
from services.notify.store.ledger import LedgerRow
from shared.platform.database import Connection
from shared.site.tables.bundle import Site
from shared.site.texts.pages import Alert, Inside
from shared.site.texts.templates import UnusableTemplate, render


async def write_alert(
    connection: Connection, case: NoticeCase, ink: MailSigning
) -> ReadyMail | LedgerDecision:
    """Makes the alert email to a colleague or their deputy, or the decision not to send it."""
    row, item, site = case.row, case.item, case.applied.site
    around = Circumstances(released=row.released_by is not None, in_time=not case.call.awaited)
    verdict = judge(case.call, item, case.applied, around, case.now)
    if not isinstance(verdict, SendNow):
        return by_verdict(verdict, case.call, item, row, case.applied, case.now)
    local = case.now.astimezone(site.zone)
    people = await case.reads.people(connection, case.now)
    reader = people.reader(row.reader or "", local.date())
    service = site.service_now(item.service)
    if reader is None or service is None:
        return case.hold("reader_unknown")
    away = reader.instead_of
    page = Alert(
        authority=site.identity.authority,
        first_name=reader.person.first_name,
        day=local.date(),
        desk_url=site.identity.desk_url,
        instead_of=f"{away.first_name} {away.name}" if away else None,
        chrono=item.registered.chrono,
        service=service.name,
        arrived=received_at(item.receipt, site.zone).astimezone(site.zone),
        url=item_url(site, item.registered.chrono),
        emergency_line=site.identity.emergency_line,
        danger=not case.call.awaited,
    )
    try:
        return inside_mail(ink, site, row, page, reader.person.email, local)
    except UnusableTemplate:
        return case.hold(PROBLEM)


def inside_mail(
    ink: MailSigning,
    site: Site,
    row: LedgerRow,
    page: Inside,
    address: str,
    local: datetime,
    *,
    after: str = "",
) -> ReadyMail:
    """Makes the email of a page to one of our people; `after`: the Message-ID it continues.

    Raises UnusableTemplate.
    """
    text = render(site.templates, page)
    words = OutgoingMail(
        author=site.identity.authority,
        mailbox=site.identity.email,
        recipient=address,
        subject=text.subject,
        text=text.whole,
        automatic=AutoSubmitted.GENERATED,
        written=local,
        answers=after,
    )
    return mail_of(ink, site, row, words)
