"""One digest a day and person, at their opening hour, never on a non-working day; a weekly page.

Made (rows of the ledger, hearings assigned) when its hour has come and sla has said that all that
fell this day was told, a quarter of an hour later at most; a rung told after it makes a supplement
(ADR 0030). Written when a worker takes it, so that what was taken back meanwhile is not said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.notify import weekly_page
from services.notify.domain import letter_returns
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.due import Urgency
from services.notify.domain.fold import fold
from services.notify.domain.hours import closes_at, opens_at
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.domain.recipients import readers_for
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.note_mentions import note_readers
from services.notify.notice_facts import tell
from services.notify.opinion_lines import opinion_tellings
from services.notify.proof_alert import failed_verification, told_of_differences
from services.notify.quality_digest import quality_readers
from services.notify.signature_lines import signature_readers
from services.notify.store import (
    facts,
    hearings,
    ledger,
    ledger_lists,
    note_mentions,
    opinions,
    quality_rungs,
    thirds,
    watermark,
    website_rungs,
)
from services.notify.store.hearings import Untold
from services.notify.store.ledger import LedgerRow
from services.notify.third_lines import third_tellings
from shared.facts import ids
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.staff.directory_cache import KeptDirectory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.identity import OpeningHours

LAG = timedelta(minutes=15)
"""How long a digest waits for sla to say that all that fell this day was told."""
LOOK = timedelta(minutes=5)
"""How often somebody looks at least whether a digest is due."""
SUPPLEMENT = "supplement"  # before the occasion of what is told after the digest of the day


@dataclass(frozen=True, slots=True)
class Morning:
    """The data with which a morning's digests are made: moment, applied site and its people."""

    applied: AppliedSite
    people: Directory
    now: datetime

    @property
    def site(self) -> Site:
        """The site's applied rules, from which the digests of this morning are made."""
        return self.applied.site

    @property
    def today(self) -> date:
        """The local day on which digests are made."""
        return self.now.astimezone(self.site.zone).date()

    def opening(self, person: PersonId) -> datetime:
        """Returns the moment at which this person's service opens today."""
        return opens_at(self.today, self._hours(person), self.site.zone)

    def closing_time(self, person: PersonId) -> datetime:
        """Returns the moment at which this person's service closes today."""
        return closes_at(self.today, self._hours(person), self.site.zone)

    def _hours(self, person: PersonId) -> OpeningHours:
        known = self.people.person(person)
        service = known.services[0] if known and known.services else ""
        return self.people.opening(self.site, service)


async def make(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """Plans the digests, supplements and weekly pages that are due; returns how many.

    None before go-live, nor on a day that is not worked.
    """
    if applied.go_live is None or not applied.days.is_worked(_day(applied, now)):
        return 0
    morning = Morning(applied, await people_at(connection, now), now)
    ready = await _clocks_whole(connection, morning)
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('notify digests'))")
    made = await _digests(connection, morning, ready=ready)
    return made + await _weeklies(connection, morning)


async def worth_looking(
    connection: Connection, applied: AppliedSite, now: datetime
) -> tuple[object, ...]:
    """Returns the values on which digests depend: while they stay equal, none has to be made."""
    # It changes at least every five minutes, because offices open at full five minutes.
    return (
        applied.version,
        applied.go_live,
        int(now.timestamp() // LOOK.total_seconds()),
        await watermark.whole_until(connection),
        await hearings.count_untold(connection),
        await ledger_lists.any_held(connection),
        await quality_rungs.count_untold(connection),
        await website_rungs.count_untold(connection),
        await note_mentions.count_untold(connection),
    )


def _day(applied: AppliedSite, now: datetime) -> date:
    return now.astimezone(applied.site.zone).date()


async def _clocks_whole(connection: Connection, morning: Morning) -> bool:
    """Whether all that fell this day was heard, by sla's own word."""
    until = await watermark.whole_until(connection)
    fell = datetime.combine(morning.today, morning.site.identity.day_rung, tzinfo=morning.site.zone)
    return until is not None and until >= fell


async def _digests(connection: Connection, morning: Morning, *, ready: bool) -> int:
    untold = await hearings.readable_untold(connection, morning.today)
    listening = {hearing: _readers(hearing, morning) for hearing in untold}
    waiting = {person for persons in listening.values() for person in persons}
    held = await ledger_lists.any_held(connection)
    waiting |= await _waiting_otherwise(connection, morning, held=held)
    quality = await quality_readers(connection, morning.site, morning.people, morning.today)
    waiting |= quality.persons
    waiting |= set(await _with_letters_back(connection, morning))
    context = RungContext(morning.site, morning.applied.days, morning.today, {})
    asked = await opinion_tellings(connection, context, morning.people, morning.opening)
    waiting |= set(asked.values())
    late_thirds = await third_tellings(connection, context, morning.people, morning.opening)
    waiting |= set(late_thirds.values())
    waiting |= await signature_readers(connection, context, morning.people, morning.opening)
    lag = timedelta() if ready else LAG
    due = [
        _row(morning, NoticeKind.DIGEST, person, morning.today)
        for person in waiting
        if morning.now >= morning.opening(person) + lag
    ]
    new = await _new(connection, due)
    had = {row.reader for row in due} - new.keys()
    late = {person for one, persons in listening.items() if one.of_the_day for person in persons}
    more = await _supplements(connection, morning, late & had)
    told = [
        (
            one,
            [
                row.entry.notice_id
                for person in persons
                if (row := new.get(person) or (more.get(person) if one.of_the_day else None))
            ],
        )
        for one, persons in listening.items()
    ]
    await hearings.assign(
        connection, morning.today, [person_id for person_id in told if person_id[1]]
    )
    by_reader = {person: row.entry.notice_id for person, row in new.items()}
    await quality.assign(connection, by_reader)
    await note_mentions.assign(connection, by_reader)
    await opinions.assign(connection, asked, by_reader)
    await thirds.assign(connection, late_thirds, by_reader)
    made = [*new.values(), *more.values()]
    await write(
        connection, [LedgerDecision(row, tell(row, morning.now)) for row in made], morning.now
    )
    return len(made)


def _readers(untold: Untold, morning: Morning) -> Sequence[PersonId]:
    readers = readers_for(untold.meant, morning.site, morning.people, morning.today)
    return [PersonId(reader.person.id) for reader in readers]


async def _supplements(
    connection: Connection, morning: Morning, persons: Iterable[PersonId]
) -> Mapping[PersonId, LedgerRow]:
    """For whom a rung of this day was told after their digest: one an hour, while they are there.

    Else « limit today » would be read tomorrow.
    """
    hour = morning.now.astimezone(morning.site.zone).hour
    rows = [
        _row(morning, NoticeKind.DIGEST, person, morning.today, hour)
        for person in persons
        if morning.now < morning.closing_time(person)
    ]
    return await _new(connection, rows)


def is_supplement(row: LedgerRow) -> bool:
    """Whether a notice is a supplement: only of reminders that came after the day's digest."""
    return row.entry.occasion.startswith(f"{SUPPLEMENT}:")


async def _waiting_otherwise(
    connection: Connection, morning: Morning, *, held: bool
) -> set[PersonId]:
    """The mail office for what is held, whom notes name, and who hears that the proof breaks."""
    waiting = await note_readers(connection, morning.people, morning.today, morning.opening)
    if held:
        office = morning.people.of(morning.site.identity.mail_office)
        present = (
            person for person in office if not morning.people.is_away(person.id, morning.today)
        )
        waiting |= {PersonId(person.id) for person in present}
    if await failed_verification(connection, morning.today) is not None:
        waiting |= told_of_differences(morning.site)
    return waiting


async def _with_letters_back(connection: Connection, morning: Morning) -> Sequence[PersonId]:
    """Who reads today of letters that came back."""
    known = RungContext(morning.site, morning.applied.days, morning.today, {})
    return [
        person
        for item in await with_returned(connection)
        for person in readers_of(item, known, morning.people)
    ]


def readers_of(item: NotifiedItem, known: RungContext, people: Directory) -> Sequence[PersonId]:
    """Returns the people told today of an item's returned letters: its holders or deputies."""
    readers = (people.reader(hearer, known.today) for hearer in letter_returns.hearers(item, known))
    return [PersonId(reader.person.id) for reader in readers if reader is not None]


async def with_returned(connection: Connection) -> Sequence[NotifiedItem]:
    """Reads the items with a letter that the post returned and that nobody has dealt with."""
    told = await facts.of(connection, await facts.returned_letters(connection))
    return [item for given in told.values() if (item := fold(given)) is not None]


async def _weeklies(connection: Connection, morning: Morning) -> int:
    """On the first jour ouvré of the week; without figures of the register a little later."""
    monday = morning.today - timedelta(days=morning.today.weekday())
    if morning.applied.days.first_worked_not_before(monday) != morning.today:
        return 0
    lag = timedelta() if await weekly_page.is_stated(connection, morning.today) else LAG
    rows = [
        _row(morning, NoticeKind.WEEKLY, person, monday)
        for person in weekly_page.scopes(morning.site)
        if morning.people.reader(person, morning.today) is not None
        and morning.now >= morning.opening(person) + lag
    ]
    new = await _new(connection, rows)
    told = [LedgerDecision(row, tell(row, morning.now)) for row in new.values()]
    await write(connection, told, morning.now)
    return len(new)


async def _new(connection: Connection, rows: Sequence[LedgerRow]) -> Mapping[PersonId, LedgerRow]:
    """By reader, those that the ledger does not know yet."""
    known = await ledger.states(connection, [row.entry.notice_id for row in rows])
    return {
        row.reader: row
        for row in rows
        if row.reader is not None and row.entry.notice_id not in known
    }


def _row(
    morning: Morning, kind: NoticeKind, person: PersonId, day: date, hour: int | None = None
) -> LedgerRow:
    """The page of a day; with an hour, a supplement to it."""
    occasion = f"{kind}:{person}:{day.isoformat()}"
    if hour is not None:
        occasion = f"{SUPPLEMENT}:{person}:{day.isoformat()}T{hour:02}"
    notice = ids.notice_id(morning.site.identity.id, occasion, kind, f"person:{person}")
    return LedgerRow(
        entry=LedgerEntry(notice, occasion, kind, NoticeState.PLANNED),
        item_id=None,
        reader=person,
        way=Way.MAIL,
        urgency=Urgency.ORDINARY,
        due_at=morning.now,
        planned_at=morning.now,
    )


async def count_missing(
    connection: Connection, applied: AppliedSite, people: KeptDirectory, now: datetime
) -> int:
    """Counts the digests that should have been made or sent by now and were not; locks nothing.

    That is a quarter of an hour after the opening. People with only letters to hear of that came
    back, or wait to be signed, are not counted: each of those items would have to be read.
    """
    if applied.go_live is None or not applied.days.is_worked(_day(applied, now)):
        return 0
    morning = Morning(applied, await people(connection, now), now)
    openings = (morning.opening(person) for person in morning.people.people)
    if now < min(openings, default=now) + LAG:
        return 0  # thousands of rungs may wait from six to nine: nobody misses them yet
    untold = await hearings.untold(connection, morning.today)
    waiting = {person for hearing in untold for person in _readers(hearing, morning)}
    held, unsent = await ledger_lists.held_and_unsent(connection, NoticeKind.DIGEST, now - LAG)
    waiting |= await _waiting_otherwise(connection, morning, held=held)
    due = {person for person in waiting if now >= morning.opening(person) + LAG}
    rows = [_row(morning, NoticeKind.DIGEST, person, morning.today) for person in due]
    return len(await _new(connection, rows)) + unsent
