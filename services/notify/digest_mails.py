"""A digest or weekly page as a mail, written from what stands at the moment it leaves."""

from collections.abc import Sequence
from datetime import date, datetime

from services.notify import (
    measure_reminders,
    note_mentions,
    opinion_lines,
    signature_lines,
    third_lines,
    website_reminders,
    weekly_page,
)
from services.notify.colleague_mails import inside_mail
from services.notify.digests import is_supplement, readers_of, with_returned
from services.notify.domain import digest_sections, labels_fr, letter_returns
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.fold import fold
from services.notify.domain.ledger import NoticeState
from services.notify.domain.recipients import ABOVE, readers_for
from services.notify.event_lines import line_of_digest
from services.notify.ledger_decisions import LedgerDecision
from services.notify.mail_composition import MailSigning, ReadyMail
from services.notify.notice_writer import PROBLEM
from services.notify.page_outcomes import hold_page, too_late, withdrawn
from services.notify.proof_alert import failed_verification, told_of_differences
from services.notify.quality_digest import quality_lines
from services.notify.store import facts, hearings, ledger_lists, rungs, watermark
from services.notify.store.hearings import Hearing
from services.notify.store.ledger import LedgerRow
from shared.calendar.local_days import day_of
from shared.facts.clocks import RungReached
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.staff.directory import Directory, Reader
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person
from shared.site.texts.pages import DigestLine, DigestTexts, Section, Weekly
from shared.site.texts.templates import UnusableTemplate


async def write_page(
    connection: Connection, row: LedgerRow, applied: AppliedSite, ink: MailSigning, now: datetime
) -> ReadyMail | LedgerDecision:
    """Makes the email of a digest or weekly page, or the decision to hold or withdraw it."""
    if (why := too_late(row, applied, now)) is not None:
        return hold_page(row, why, now)
    local = now.astimezone(applied.site.zone)
    people = await people_at(connection, now)
    reader = people.reader(row.reader or "", local.date())
    if reader is None:
        return hold_page(row, "reader_unknown", now)
    try:
        if row.entry.kind is NoticeKind.WEEKLY:
            page: Weekly | DigestTexts | None = await _weekly(
                connection, row, applied, reader, local
            )
        else:
            page = await _digest(connection, row, applied, people, reader.person, local)
        if page is None:
            return withdrawn(row, now)
        return inside_mail(ink, applied.site, row, page, reader.person.email, local)
    except UnusableTemplate:
        return hold_page(row, PROBLEM, now)


async def _digest(
    connection: Connection,
    row: LedgerRow,
    applied: AppliedSite,
    people: Directory,
    person: Person,
    local: datetime,
) -> DigestTexts | None:
    """What the person is to hear; `None` when nothing of it stands any more."""
    site = applied.site
    told = await hearings.of_digest(connection, row.entry.notice_id)
    mine = [hearing for hearing in told if _is_for(hearing, person, applied, people, local.date())]
    own = [
        hearing.rung
        for hearing in mine
        if hearing.audience not in ABOVE or labels_fr.asks(hearing.rung)
    ]
    above = [hearing.rung for hearing in mine if hearing.audience in ABOVE]
    known = await _known(connection, applied, local.date(), [*own, *above])
    lines = digest_sections.sections(own, known)
    supplement = is_supplement(row)
    if not supplement:
        lines = (
            *lines,
            *await _returned(connection, known, people, person),
            *await signature_lines.section(connection, known, people, person),
            *await _held(connection, applied, person),
            *await note_mentions.section(connection, row, known, person),
            *await opinion_lines.section(connection, row, known, person),
            *await third_lines.section(connection, row, known, person),
            *await measure_reminders.section(connection, row.entry.notice_id, known, people),
            *await website_reminders.section(connection, row.entry.notice_id, known),
        )
    away = _absent(mine, person, applied, people, local.date())
    if not supplement:
        away |= await measure_reminders.absent(
            connection, row.entry.notice_id, known, people, person
        )
    delayed = digest_sections.delays(above, known)
    wrong = None
    if not supplement and row.reader in told_of_differences(site):
        wrong = await failed_verification(connection, local.date())
    quality = await quality_lines(connection, row.entry.notice_id, site, local.date())
    if not lines and not delayed and wrong is None and not quality:
        return None
    heads = [
        ServiceId(service.id) for service in site.services.services if service.head == person.id
    ]
    standing = await rungs.standing(connection, heads) if heads and not supplement else ()
    until = await watermark.whole_until(connection) or await watermark.last(connection) or local
    return DigestTexts(
        authority=site.identity.authority,
        first_name=person.first_name,
        day=local.date(),
        desk_url=site.identity.desk_url,
        instead_of=" et ".join(away[key] for key in sorted(away)) or None,
        heard_until=until.astimezone(site.zone),
        sections=lines,
        delayed=delayed,
        at_risk=digest_sections.at_risk(standing, heads, known),
        untaken=digest_sections.count_untaken(standing, heads),
        verified=wrong,
        quality=quality,
        event=await line_of_digest(connection, applied, local),
        supplement=supplement,
    )


def _is_for(
    hearing: Hearing, person: Person, applied: AppliedSite, people: Directory, day: date
) -> bool:
    """Several may hear one rung; this digest tells it when its reader is one of them."""
    readers = readers_for(hearing.meant, applied.site, people, day)
    return any(reader.person.id == person.id for reader in readers)


def _absent(
    hearings: Sequence[Hearing],
    person: Person,
    applied: AppliedSite,
    people: Directory,
    day: date,
) -> dict[str, str]:
    """The colleagues who are away and for whom this person is told, by id."""
    names: dict[str, str] = {}
    for hearing in hearings:
        for reader in readers_for(hearing.meant, applied.site, people, day):
            if reader.person.id == person.id and (away := reader.instead_of):
                names[away.id] = f"{away.first_name} {away.name}"
    return names


async def _returned(
    connection: Connection, known: RungContext, people: Directory, person: Person
) -> tuple[Section, ...]:
    """For whoever has them: letters that came back, each morning until something is done."""
    found = [
        item
        for item in await with_returned(connection)
        if person.id in readers_of(item, known, people)
    ]
    return letter_returns.section(found, known)


async def _held(
    connection: Connection, applied: AppliedSite, person: Person
) -> tuple[Section, ...]:
    """For the mail office: what waits for a person's word, with its age."""
    if applied.site.identity.mail_office not in person.services:
        return ()
    rows = [row for row in await ledger_lists.in_state(connection, NoticeState.HELD) if row.item_id]
    known = await facts.of(connection, {row.item_id for row in rows if row.item_id})
    lines: list[DigestLine] = []
    for row in rows:
        item = fold(known.get(row.item_id, ())) if row.item_id else None
        if item is None:
            continue
        since = row.planned_at.astimezone(applied.site.zone).date()
        category = applied.site.category_now(item.classification.category)
        lines.append(
            DigestLine(
                chrono=item.registered.chrono,
                label=category.label if category else "à qualifier",
                received=day_of(item.receipt, applied.site.zone),
                limit=since,
                left=None,
                url=digest_sections.item_url(applied.site, item.registered.chrono),
                what=f"{labels_fr.NOTICES[row.entry.kind]} retenu depuis le",
                note=applied.site.labels.reason(row.entry.why or ""),
            )
        )
    return (
        (digest_sections.section("Retenus : à laisser partir ou à abandonner", lines),)
        if lines
        else ()
    )


async def _known(
    connection: Connection, applied: AppliedSite, today: date, told: Sequence[RungReached]
) -> RungContext:
    kept = await facts.of(connection, {rung_reached.item_id for rung_reached in told})
    received: dict[ItemId, date] = {}
    for item_id, given in kept.items():
        if (item := fold(given)) is not None:
            received[item_id] = day_of(item.receipt, applied.site.zone)
    return RungContext(applied.site, applied.days, today, received)


async def _weekly(
    connection: Connection, row: LedgerRow, applied: AppliedSite, reader: Reader, local: datetime
) -> Weekly | None:
    """The page of whoever the row means; `None`: they read it no more."""
    scopes = weekly_page.scopes(applied.site)
    if row.reader is None or row.reader not in scopes:
        return None
    standing = await rungs.standing(connection)
    known = await _known(connection, applied, local.date(), standing)
    scope = scopes[row.reader]
    return await weekly_page.write_page(connection, applied, reader, scope, local, standing, known)
