"""From a due notice about an item to what leaves: read the pli, judge once more, render, address.

Runs inside the transaction that claims the notice: what it decides then is what is committed.
"""

from dataclasses import replace

from services.notify.domain.loop_guard import why_no_person
from services.notify.domain.policy import (
    AT_ITS_CAP,
    Circumstances,
    Hold,
    SendNow,
    is_automatic,
    judge,
)
from services.notify.incomplete import Incomplete
from services.notify.ledger_decisions import LedgerDecision, by_verdict
from services.notify.letters import context, service_of
from services.notify.mail_composition import MailSigning, ReadyMail, mail_of
from services.notify.mail_files import RenderContext, composed_mail
from services.notify.message import AutoSubmitted, OutgoingMail
from services.notify.notice_case import NoticeCase
from services.notify.notice_plis import matter_of, owner_of
from services.notify.public_address import AddressedNotice
from services.notify.public_text import public_text
from services.notify.store import caps
from shared.content.addresses import UnusableAddress, one_address
from shared.content.plis import Pli
from shared.content.tokens import subject_token
from shared.facts.vocabulary import Way
from shared.platform.database import Connection
from shared.site.texts.mail_html import as_html
from shared.site.texts.templates import UnusableTemplate

PROBLEM = "template_unusable"


async def write_mail(
    connection: Connection, notice: AddressedNotice, ink: MailSigning, heard: Circumstances
) -> ReadyMail | LedgerDecision:
    """Makes the email of a notice to the public, or the decision to hold or withdraw it.

    `heard`: what was told lately to whom.
    """
    case, row, pli, given = notice.case, notice.row, notice.pli, notice.address
    item, applied = case.item, case.applied
    today = case.now.astimezone(applied.site.zone).date()
    around = replace(heard, released=row.released_by is not None, address=given)
    verdict = judge(case.call, item, applied, around, case.now)
    if verdict == Hold(AT_ITS_CAP) and row.mailbox is not None:
        await caps.hit(connection, row.mailbox, today, case.now)
    if not isinstance(verdict, SendNow):
        return by_verdict(verdict, case.call, item, row, applied, case.now)
    if why_no_person(given, ()) == "no_return_path":
        return case.hold("no_address")
    try:
        said = await notice_text(connection, case, ink, pli)
        automatic = is_automatic(case.call) and row.released_by is None
        return mail_of(
            ink,
            applied.site,
            row,
            OutgoingMail(
                author=said.author,
                mailbox=said.mailbox,
                recipient=one_address(given),
                subject=f"{said.subject} {subject_token(ink.secret, item.registered.chrono)}",
                text=said.text,
                automatic=AutoSubmitted.REPLIED if automatic else AutoSubmitted.NO,
                written=case.now.astimezone(applied.site.zone),
                answers=pli.message_id if pli else "",
                references=pli.references if pli else (),
                html=said.html,
                files=said.files,
                to=said.to,
                copies=said.copies,
            ),
            owner_of(case),
            notice.digest,
        )
    except UnusableAddress:
        return case.hold("unusable_address")
    except UnusableTemplate:
        return case.hold(PROBLEM)
    except Incomplete as lacking:
        return case.hold(str(lacking))


async def notice_text(
    connection: Connection, case: NoticeCase, ink: MailSigning, pli: Pli | None
) -> RenderContext:
    """Returns the text to send: an agent's composed letter as it is, else the site's template.

    A composed pli with a subject is a whole letter, head and foot included: nothing is added.
    Raises Incomplete, UnusableTemplate.
    """
    matter = await matter_of(connection, case, ink, pli)
    identity = case.applied.site.identity
    if matter.composed is not None and matter.composed.subject:
        return await composed_mail(matter.composed, service_of(matter), identity, ink.blobs)
    letter = context(matter)
    text = await public_text(connection, case, ink, letter, pli, Way.MAIL)
    office, html = letter.office, as_html(text, identity)
    return RenderContext(office.service, office.email, text.subject, text.whole, html)
