"""One digest a day and person, at their opening hour, never on a non-working day; a weekly page.

Made (rows of the ledger, hearings assigned) when its hour has come and the clocks were heard;
written when a worker takes it, so that what was taken back meanwhile is not said.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.notify.deciding import Decided
from services.notify.domain import returned
from services.notify.domain.due import Urgency
from services.notify.domain.hours import opens_at
from services.notify.domain.item import Item, fold
from services.notify.domain.ledger import TAKEN_BACK, Entry, State
from services.notify.domain.pages import Known
from services.notify.domain.policy import NOT_LIVE, STALE
from services.notify.domain.recipients import people_for
from services.notify.saving import write
from services.notify.store import facts, ledger, rungs, seals
from services.notify.store.ledger import Row
from services.notify.store.rungs import Hearing
from services.notify.telling import tell
from shared import ids
from shared.database import Connection
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.words import NoticeKind, Way
from shared.site.bundle import AppliedSite, Site
from shared.site.directory import Directory, Reader
from shared.site.identity import StandIn
from shared.site.people_store import people_at
from shared.site.standing_in import passed_on

LAG = timedelta(minutes=15)
"""How long a digest waits for clocks that were not heard since the rungs of the day fell."""


@dataclass(frozen=True, slots=True)
class Morning:
    """The moment at which digests are considered."""

    applied: AppliedSite
    people: Directory
    now: datetime

    @property
    def site(self) -> Site:
        """The rules."""
        return self.applied.site

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.site.zone).date()

    def opening(self, person: PersonId) -> datetime:
        """When this person's service opens today."""
        known = self.people.person(person)
        service = known.services[0] if known and known.services else ""
        hours = self.people.opening(self.site, service)
        return opens_at(self.today, hours, self.site.zone)


async def make(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """Makes the digests and weekly pages whose hour has come; how many."""
    if applied.go_live is None or not applied.days.is_worked(_day(applied, now)):
        return 0
    morning = Morning(applied, await people_at(connection, now), now)
    ready = await _clocks_heard(connection, morning)
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('notify digests'))")
    made = await _digests(connection, morning, ready=ready)
    return made + await _weeklies(connection, morning)


def _day(applied: AppliedSite, now: datetime) -> date:
    return now.astimezone(applied.site.zone).date()


async def _clocks_heard(connection: Connection, morning: Morning) -> bool:
    """Whether something was heard of the clocks since the rungs of this day fell."""
    until = await rungs.until(connection)
    fell = datetime.combine(morning.today, morning.site.identity.day_rung, tzinfo=morning.site.zone)
    return until is not None and until >= fell


async def _digests(connection: Connection, morning: Morning, *, ready: bool) -> int:
    told: list[tuple[Hearing, NoticeId]] = []
    readers: dict[PersonId, Row] = {}
    for person, hearings in (await _waiting(connection, morning)).items():
        due = morning.opening(person) + (timedelta() if ready else LAG)
        if morning.now >= due:
            row = readers[person] = _row(morning, NoticeKind.DIGEST, person, morning.today)
            told += [(one, row.entry.notice_id) for one in hearings]
    new = await _unknown(connection, list(readers.values()))
    await rungs.assign(connection, [(one, notice) for one, notice in told if notice in new])
    officer = readers.get(_officer(morning)) if await seals.wait(connection) else None
    if officer is not None and officer.entry.notice_id in new:
        await seals.assign(connection, officer.entry.notice_id)
    await write(
        connection, [Decided(row, tell(row, morning.now)) for row in new.values()], morning.now
    )
    return len(new)


async def _waiting(connection: Connection, morning: Morning) -> Mapping[PersonId, list[Hearing]]:
    """Who has something to hear; the mail office of what is held, the référent qualité of roots."""
    waiting: dict[PersonId, list[Hearing]] = defaultdict(list)
    site, people = morning.site, morning.people
    for hearing in await rungs.new_hearings(connection):
        for person in people_for(hearing.rung, hearing.audience, site, people):
            if (reader := people.reader(person, morning.today)) is not None:
                waiting[PersonId(reader.person.id)].append(hearing)
    if await ledger.in_state(connection, State.HELD):
        for one in people.of(site.identity.mail_office):
            if not people.is_away(one.id, morning.today):
                waiting.setdefault(PersonId(one.id), [])
    for person in await _with_letters_back(connection, morning):
        waiting.setdefault(person, [])
    if await seals.wait(connection):
        waiting.setdefault(_officer(morning), [])
    return waiting


async def _with_letters_back(connection: Connection, morning: Morning) -> Sequence[PersonId]:
    """Who reads today of letters that came back."""
    known = Known(morning.site, morning.applied.days, morning.today, {})
    return [
        person
        for item in await with_returned(connection)
        for person in readers_of(item, known, morning.people)
    ]


def readers_of(item: Item, known: Known, people: Directory) -> Sequence[PersonId]:
    """Who reads today of an item's letters that came back: its hearers, or their deputies."""
    readers = (people.reader(one, known.today) for one in returned.hearers(item, known))
    return [PersonId(one.person.id) for one in readers if one is not None]


async def with_returned(connection: Connection) -> Sequence[Item]:
    """The items of which a letter came back that nobody has dealt with."""
    told = await facts.of(connection, await facts.returned(connection))
    return [item for given in told.values() if (item := fold(given)) is not None]


def _officer(morning: Morning) -> PersonId:
    """Who reads the roots of the evidence today: the référent qualité, away or not.

    Their deputy only where the site trusts a deputy with the proof (ADR 0035).
    """
    officer = morning.site.identity.quality_officer
    reader = reader_of_roots(morning.site, morning.people, morning.today)
    return PersonId(officer if reader is None else reader.person.id)


def reader_of_roots(site: Site, people: Directory, today: date) -> Reader | None:
    """To whom the roots are mailed on a local day; `None`: the référent qualité is nobody."""
    identity = site.identity
    officer = people.person(identity.quality_officer)
    if officer is None:
        return None
    reader = people.reader(officer.id, today)
    proves = StandIn.PROOF in passed_on(officer.id, site)
    if reader is None or proves or reader.person.id == identity.general_secretary:
        return reader
    return Reader(officer)


async def _weeklies(connection: Connection, morning: Morning) -> int:
    """On the first jour ouvré of the week, to the secrétaire général and the quality officer."""
    monday = morning.today - timedelta(days=morning.today.weekday())
    if morning.applied.days.first_worked_not_before(monday) != morning.today:
        return 0
    identity = morning.site.identity
    rows = []
    for person in {identity.general_secretary, identity.quality_officer}:
        reader = morning.people.reader(person, morning.today)
        if reader is not None and morning.now >= morning.opening(PersonId(person)):
            rows.append(_row(morning, NoticeKind.WEEKLY, PersonId(person), monday))
    new = await _unknown(connection, rows)
    await write(
        connection, [Decided(row, tell(row, morning.now)) for row in new.values()], morning.now
    )
    return len(new)


def _row(morning: Morning, kind: NoticeKind, person: PersonId, day: date) -> Row:
    occasion = f"{kind}:{person}:{day.isoformat()}"
    notice = ids.notice_id(morning.site.identity.id, occasion, kind, f"person:{person}")
    return Row(
        entry=Entry(notice, occasion, kind, State.PLANNED),
        item_id=None,
        reader=person,
        way=Way.MAIL,
        urgency=Urgency.ORDINARY,
        due_at=morning.now,
        planned_at=morning.now,
    )


async def _unknown(connection: Connection, rows: list[Row]) -> Mapping[NoticeId, Row]:
    """Those that the ledger does not know: one a day and person, whatever happens."""
    known = await ledger.by_id(connection, [row.entry.notice_id for row in rows])
    return {row.entry.notice_id: row for row in rows if row.entry.notice_id not in known}


def withdrawn(row: Row, now: datetime) -> Decided:
    """Nothing is left to say."""
    entry = replace(row.entry, state=State.WITHDRAWN, why=TAKEN_BACK)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return Decided(after, tell(after, now))


def held(row: Row, why: str, now: datetime) -> Decided:
    """It can't leave as it is."""
    entry = replace(row.entry, state=State.HELD, why=why)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return Decided(after, tell(after, now))


def too_late(row: Row, applied: AppliedSite, now: datetime) -> str | None:
    """Why a page may not leave any more, if so."""
    if applied.go_live is None:
        return NOT_LIVE
    stale = {one.kind: one.after for one in applied.site.notices.stale}.get(row.entry.kind)
    late = stale is not None and now - row.planned_at > stale and row.released_by is None
    return STALE if late else None


async def missing(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """How many should have had their digest of this jour ouvré by now and have not."""
    if applied.go_live is None or not applied.days.is_worked(_day(applied, now)):
        return 0
    morning = Morning(applied, await people_at(connection, now), now)
    due = {
        person
        for person in await _waiting(connection, morning)
        if now >= morning.opening(person) + LAG
    }
    rows = [_row(morning, NoticeKind.DIGEST, person, morning.today) for person in due]
    unmade = len(await _unknown(connection, rows))
    return unmade + await ledger.unsent(connection, NoticeKind.DIGEST, before=now - LAG)
