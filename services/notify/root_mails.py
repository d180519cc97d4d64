"""Each root of the evidence leaves by three roads as soon as it is told (ADR 0048).

A short mail a road, one conversation a day; what waits for one road, because it is new or the
server is away, leaves in one mail. Behind whatever is urgent, in front of what a machine says to
senders.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

from services.notify.colleague_mails import inside_mail
from services.notify.domain.due import Urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import MailSigning, ReadyMail, message_id_of
from services.notify.notice_facts import tell
from services.notify.notice_writer import PROBLEM
from services.notify.page_outcomes import hold_page, too_late, withdrawn
from services.notify.store import seals
from services.notify.store.ledger import LedgerRow
from shared.facts import ids
from shared.facts.envelope import EventId, PersonId
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.staff.people_store import people_at
from shared.site.staff.roads import Road, reader_of_roots, roads
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.pages import Roots
from shared.site.texts.templates import UnusableTemplate

KIND: Final = NoticeKind.ROOTS
SHOWN: Final = 24
"""Roots that one mail writes out: the last one stands for all before it."""


async def plan(
    connection: Connection, told: Sequence[EvidenceSealed], applied: AppliedSite, now: datetime
) -> AbstractSet[EventId]:
    """Stores new evidence roots, and plans emails with them to each of the people who keep them.

    Returns the ids of the new ones. Each recipient is a road (`Road`); roots whose mail failed or
    bounced go with the next one's mail there.
    """
    new = await seals.keep_new(connection, told)
    if not new or applied.go_live is None:
        return new
    for road in roads(applied.site):
        roots = await seals.waiting_roots(connection, road, SHOWN - 1)
        notice = await seals.unsent(connection, road)
        if notice is None:
            latest = [root for root in roots if root in new][-1]
            row = _row(road, str(latest), applied, now)
            notice = row.entry.notice_id
            await write(connection, [LedgerDecision(row, tell(row, now))], now)
        await seals.assign(connection, road, roots, notice)
    return new


def _row(road: Road, occasion: str, applied: AppliedSite, now: datetime) -> LedgerRow:
    site = applied.site.identity
    reader = None if road is Road.OUTSIDE else PersonId(getattr(site, road.value))
    return LedgerRow(
        entry=LedgerEntry(
            ids.notice_id(site.id, occasion, KIND, f"road:{road}"),
            occasion,
            KIND,
            NoticeState.PLANNED,
        ),
        item_id=None,
        reader=reader,
        way=Way.MAIL,
        urgency=Urgency.ORDINARY,
        due_at=now,
        planned_at=now,
    )


async def write_roots(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email with evidence roots for one of their recipients, or the decision to hold it.

    It is withdrawn where no root is left to tell.
    """
    if (why := too_late(row, applied, now)) is not None:
        return hold_page(row, why, now)
    site, local = applied.site, now.astimezone(applied.site.zone)
    said = await seals.of_notice(connection, row.entry.notice_id, site.zone)
    if said is None:
        return withdrawn(row, now)
    road, roots = said
    people = await people_at(connection, now)
    reader = reader_of_roots(road, site, people, local.date())
    address = site.identity.roots_address if road is Road.OUTSIDE else None
    if reader is not None:
        address = reader.person.email
    if address is None:
        return hold_page(row, "reader_unknown", now)
    page = Roots(
        authority=site.identity.authority,
        first_name="" if reader is None else reader.person.first_name,
        day=local.date(),
        desk_url=site.identity.desk_url,
        seals=tuple(roots[-SHOWN:]),
        before=max(0, len(roots) - SHOWN),
        outside=road is Road.OUTSIDE,
    )
    first = await seals.first_of(connection, road, roots[-1].day)
    after = ""
    if first is not None and first != row.entry.notice_id:
        after = message_id_of(ink, first, site.identity.email)
    try:
        return inside_mail(ink, site, row, page, address, local, after=after)
    except UnusableTemplate:
        return hold_page(row, PROBLEM, now)
