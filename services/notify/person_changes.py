"""Each change of somebody of ours is mailed to them, at once, at the address that held until then.

So that nobody becomes another's deputy, moves into a service or takes an address unseen (ADR 0035).
A préfecture that is not live yet writes to nobody: its people are being set up.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.notify.colleague_mails import inside_mail
from services.notify.domain.due import Urgency
from services.notify.domain.labels_fr import CHANGED, STAGES
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.notice_facts import tell
from services.notify.notice_writer import PROBLEM
from services.notify.page_outcomes import hold_page, too_late, withdrawn
from services.notify.store import person_changes
from services.notify.store.ledger import LedgerRow
from shared.facts import ids
from shared.facts.authors import AuthorKind, author_of, person_of
from shared.facts.envelope import NoticeId
from shared.facts.items.directory import PersonChanged
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.platform.messaging.subscription import pass_over
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.pages import PersonChangeMail
from shared.site.texts.templates import UnusableTemplate

KIND: Final = NoticeKind.PERSON_CHANGED


async def plan(
    connection: Connection, told: Sequence[PersonChanged], applied: AppliedSite, now: datetime
) -> None:
    """Plans a notice to each colleague of whom stored data was changed, once for each change.

    None of a change heard before go-live, even if it is heard again after it.
    """
    if not told:
        return
    site = applied.site.identity.id
    by_notice = {_notice(site, fact): fact for fact in told}
    new = await person_changes.keep_new(connection, by_notice)
    for notice, fact in by_notice.items():
        if notice not in new:
            pass_over(fact)
    if applied.go_live is None:
        return
    rows = [
        LedgerRow(
            entry=LedgerEntry(notice, str(fact.event_id), KIND, NoticeState.PLANNED),
            item_id=None,
            reader=fact.person,
            way=Way.MAIL,
            urgency=Urgency.ORDINARY,
            due_at=now,
            planned_at=now,
        )
        for notice, fact in by_notice.items()
        if notice in new
    ]
    await write(connection, [LedgerDecision(row, tell(row, now)) for row in rows], now)


def _notice(site: str, fact: PersonChanged) -> NoticeId:
    return ids.notice_id(site, str(fact.event_id), KIND, f"person:{fact.person}")


async def write_change(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email that tells a colleague of a change to their data.

    Or the decision to hold it, or to withdraw one whose change is not stored. No deputy gets
    it.
    """
    if (why := too_late(row, applied, now)) is not None:
        return hold_page(row, why, now)
    fact = await person_changes.of_notice(connection, row.entry.notice_id)
    if fact is None:
        return withdrawn(row, now)
    reached = await person_changes.former_address(connection, fact.person, fact.happened_at)
    if reached is None:
        return hold_page(row, "reader_unknown", now)
    first_name, address = reached
    site, local = applied.site, now.astimezone(applied.site.zone)
    page = PersonChangeMail(
        authority=site.identity.authority,
        first_name=first_name,
        day=local.date(),
        desk_url=site.identity.desk_url,
        what=STAGES[fact.stage].format(what=CHANGED[fact.change]),
        by=_author(fact.by, await people_at(connection, now)),
        at=fact.happened_at.astimezone(site.zone),
        url=f"{site.identity.desk_url.rstrip('/')}/personne/{fact.person}",
    )
    try:
        return inside_mail(ink, site, row, page, address, local)
    except UnusableTemplate:
        return hold_page(row, PROBLEM, now)


def _author(by: str, people: Directory) -> str:
    author = author_of(by)
    if author is not None and author.kind is AuthorKind.SOURCE:
        return "le fournisseur d’identité"
    if author is not None and author.kind is AuthorKind.APPLICATION:
        return "l’annuaire de la préfecture"
    found = people.person(person_of(by) or by)
    return "l’administrateur" if found is None else f"{found.first_name} {found.name}"
