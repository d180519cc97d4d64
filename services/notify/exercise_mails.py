"""The mails of an exercise: to entries of the site's exercise list, and to nobody else.

What they say was approved by two persons and stands in the row of schema `site`; the address is
looked up when the mail leaves, so that an entry that was taken off the list gets none.
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
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.notice_facts import tell
from services.notify.notice_writer import PROBLEM
from services.notify.page_outcomes import hold_page, withdrawn
from services.notify.store import exercise_mails as store
from services.notify.store import ledger
from services.notify.store.exercise_mails import PlannedExercise
from services.notify.store.ledger import LedgerRow
from shared.facts import ids
from shared.facts.envelope import EventId
from shared.facts.quality import Quality
from shared.facts.quality.events import ExerciseReleased
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site import events
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.pages import ExerciseMail
from shared.site.texts.templates import UnusableTemplate

KIND: Final = NoticeKind.EXERCISE


async def plan(
    connection: Connection,
    told: Sequence[Quality],
    new: AbstractSet[EventId],
    rules: Rules,
    now: datetime,
) -> None:
    """Plans the emails of a crisis exercise that new facts release: one to each recipient named.

    An email of the same version of the text is planned once.
    """
    released = [
        fact for fact in told if isinstance(fact, ExerciseReleased) and fact.event_id in new
    ]
    if not released:
        return
    applied, wanted = await rules.in_transaction(connection), {}
    for fact in released:
        for entry in fact.recipients:
            occasion = ids.exercise_occasion(fact.subject_id, fact.version)
            notice = ids.notice_id(applied.site.identity.id, occasion, KIND, entry)
            mail = PlannedExercise(notice, fact.subject_id, fact.version, entry)
            row = LedgerRow(
                entry=LedgerEntry(notice, occasion, KIND, NoticeState.PLANNED),
                item_id=None,
                reader=None,
                way=Way.MAIL,
                urgency=Urgency.ORDINARY,
                due_at=now,
                planned_at=now,
            )
            wanted[notice] = mail, row
    known = await ledger.by_id(connection, list(wanted))
    planned = [found for notice, found in wanted.items() if notice not in known]
    await store.keep(connection, [mail for mail, _ in planned])
    await write(connection, [LedgerDecision(row, tell(row, now)) for _, row in planned], now)


async def write_exercise(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email of a crisis exercise to one recipient, or the decision not to send it.

    It is held when it can't be written, withdrawn when the exercise is over or the text another.
    """
    mail = await store.of_notice(connection, row.entry.notice_id)
    event = None if mail is None else await events.last(connection, mail.subject_id)
    if mail is None or event is None or not event.exercise:
        return hold_page(row, "reader_unknown", now)
    said = event.reply if event.reply_version == mail.version else None
    if event.closed or event.ends_at <= now or said is None:
        return withdrawn(row, now)
    listed = {entry.id: entry.address for entry in applied.site.events.exercise}
    address = listed.get(mail.recipient)
    if address is None:
        return withdrawn(row, now)
    local = now.astimezone(applied.site.zone)
    page = ExerciseMail(
        authority=applied.site.identity.authority,
        first_name="",
        day=local.date(),
        desk_url=applied.site.identity.desk_url,
        code=event.code,
        until=f"{event.ends_at.astimezone(applied.site.zone):%d/%m/%Y}",
        text=said,
    )
    try:
        return inside_mail(ink, applied.site, row, page, address, local)
    except UnusableTemplate:
        return hold_page(row, PROBLEM, now)
