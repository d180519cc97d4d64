"""From a proposal to the version that runs: compared, refused or stored, in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.calendar.working_days import working_calendar
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.platform.database import Connection
from shared.site import replacements, store
from shared.site.difference import NumberReplaced, days_changed, difference, numbers_replaced
from shared.site.effects import Effects, Moved
from shared.site.load import SiteProposal
from shared.site.replacements import KeptReplacement, ReplacementRequest
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.people import Person


@dataclass(frozen=True)
class VersionChange:
    """The changes that applying a site folder would make: rules, people, open items' limits."""

    before: AppliedSite | None
    after: AppliedSite
    """As it would run, with its number."""
    lines: Sequence[str]
    newcomers: Sequence[Person]
    """People of people.yaml whom schema `site` has never known."""
    moved: Sequence[Moved] | None
    """`None`: nobody here can tell which running clocks move."""
    numbers: Sequence[NumberReplaced] = ()
    """Numbers of the label that it replaces: that needs a second person."""
    second: PersonId | None = None
    """Who confirmed on a page that they are replaced; `None`: nobody yet."""
    asked_by: str | None = None
    """Who asked for it first, as it was typed."""
    rehearsal: int | None = None
    """The kept rehearsal on which it rests."""

    @property
    def waits(self) -> bool:
        """Whether it changes numbers of the quality label that nobody has confirmed as second."""
        return bool(self.numbers) and self.second is None

    @property
    def nothing(self) -> bool:
        """Whether applying the folder would change nothing: the same rules, days and people run."""
        same = self.before is not None and self.before.digest == self.after.digest
        return same and not self.newcomers


async def compare(
    connection: Connection, proposal: SiteProposal, effects: Effects, now: datetime
) -> VersionChange:
    """Compares a site folder's rules and people with those that run; changes nothing.

    Raises Refused when the rules name somebody unknown, or leave open items without a place.
    """
    number, live = await store.state(connection)
    before = None if number is None else await store.current(connection)
    site, calendar = proposal.site, proposal.site.calendar
    after = AppliedSite(
        version=(number or 0) + 1,
        digest=store.digest(site, days := working_calendar(calendar.territory, calendar.closures)),
        effective_from=now,
        site=site,
        days=days,
        go_live=live,
    )
    newcomers = await people_store.newcomers(connection, proposal.people)
    directory = await people_store.people_at(connection, now)
    known = {*directory.people, *(person.id for person in newcomers)}
    refusals = [*_lacking(site, known), *(_orphans(before.site, site) if before else ())]
    if refusals:
        raise Refused("\n".join(refusals))
    if before is None:
        return VersionChange(before, after, [], newcomers, [])
    lines = [*difference(before.site, site), *days_changed(before.days, days)]
    moved = [] if not lines else await _moved(connection, effects, before, after)
    return VersionChange(
        before, after, lines, newcomers, moved, numbers_replaced(before.site, site)
    )


async def rests_on(
    connection: Connection, change: VersionChange, effects: Effects, number: int
) -> VersionChange:
    """Returns the change with the number of the rehearsal that tried it out.

    Raises Refused without a rehearsal of that number, or if it compared other rules than the
    change does.
    """
    found = None if effects.rehearsals is None else await effects.rehearsals(connection, number)
    if found is None:
        raise Refused(
            f"There is no rehearsal {number}: `vaguemestre rehearse --site FOLDER --keep WHY --by "
            "NAME` makes one and says its number."
        )
    if change.before is None or found.before != change.before.digest:
        raise Refused(
            f"Rehearsal {number} was compared with other rules than those that run now: rehearse "
            "the folder again, nothing was applied."
        )
    if found.after != change.after.digest:
        raise Refused(
            f"Rehearsal {number} was of other rules than this folder holds now: rehearse the "
            "folder again, nothing was applied."
        )
    return replace(change, rehearsal=number)


async def keep_request(
    connection: Connection,
    change: VersionChange,
    effects: Effects,
    request: ReplacementRequest,
    now: datetime,
) -> tuple[VersionChange, KeptReplacement]:
    """Stores the request to replace numbers of the label; returns it with who confirmed it.

    Raises Refused where this register has nobody to ask.
    """
    if effects.confirmations is None:
        raise Refused("Replacing a number of the label needs two persons: nobody here can confirm.")
    kept = await replacements.keep(connection, request, now)
    second = await effects.confirmations(
        connection, kept.what.before, kept.what.after, kept.what.lines
    )
    return replace(change, second=second, asked_by=kept.what.author), kept


def request_of(change: VersionChange, author: str, account: str, why: str) -> ReplacementRequest:
    """Makes the request by which a second person is asked about the numbers that a change replaces.

    Raises Refused without author and reason, ValueError for the first version of the rules.
    """
    _signed(author, why)
    if change.before is None:
        raise ValueError("the first version of the rules replaces nothing")
    moved = None if change.moved is None else replacements.limits_moved(change.moved)
    return ReplacementRequest(
        before=change.before.digest,
        after=change.after.digest,
        numbers=change.numbers,
        moved=moved,
        author=author.strip(),
        account=account,
        why=why,
    )


async def apply(
    connection: Connection,
    proposal: SiteProposal,
    change: VersionChange,
    author: str,
    why: str,
    now: datetime,
) -> AppliedSite:
    """Stores and returns the new version of the rules that `compare` found; adds its new people.

    Call `store.lock` before both. Raises Refused without author and reason, and where a number of
    the label waits for its second person.
    """
    _signed(author, why)
    if change.waits:
        raise Refused("Replacing a number of the label needs two persons: nobody has confirmed it.")
    if change.second is not None:
        author = _by_two(author.strip(), change.asked_by or author, change.second)
    await people_store.import_people(connection, proposal.people, author, now)
    if change.before is None or change.before.digest != change.after.digest:
        after = change.after
        await store.keep(connection, after.site, after.days, author, why, now, change.rehearsal)
    return await store.current(connection)


def _signed(author: str, why: str) -> None:
    if not author.strip() or not why.strip():
        raise Refused("Say who applies it (--by) and why (--why).")


def _by_two(author: str, asked_by: str, second: PersonId) -> str:
    """Whoever applies it, whoever asked for it if that is another, and who confirmed it."""
    same = author.casefold() == asked_by.strip().casefold()
    return f"{author}{'' if same else f' for {asked_by}'} with {second}"


async def _moved(
    connection: Connection, effects: Effects, before: AppliedSite, after: AppliedSite
) -> Sequence[Moved] | None:
    return None if effects.moves is None else await effects.moves(connection, before, after)


def _lacking(site: Site, known: set[str]) -> Iterator[str]:
    """Whoever the rules name must work here now."""
    identity = site.identity
    named = {
        "site.yaml: quality_officer": identity.quality_officer,
        "site.yaml: general_secretary": identity.general_secretary,
        "site.yaml: on_call": identity.on_call,
    }
    for service in site.services.services:
        named[f"services.yaml: head of {service.id}"] = service.head
        named[f"services.yaml: director of {service.id}"] = service.director
    for where, person in named.items():
        if person not in known:
            yield f"{where}: '{person}' has left according to the desk: name somebody who is here."


def _orphans(before: Site, after: Site) -> Iterator[str]:
    """What runs under a name that would be gone: its open items need somewhere to go."""
    if before.identity.id != after.identity.id:
        yield (
            f"site.yaml: id was '{before.identity.id}': it names every chrono's item for ever,"
            " put it back (another préfecture needs another database)."
        )
    for service in before.services.services:
        if after.service_now(service.id) is None:
            yield (
                f"services.yaml: '{service.id}' is removed: write `replaces: [{service.id}]`"
                " in the service that takes its open items."
            )
    for category in before.routing.categories:
        if after.category_now(category.id) is None:
            yield (
                f"routing.yaml: category '{category.id}' is removed: write"
                f" `replaces: [{category.id}]` in the category that takes its open items."
            )
