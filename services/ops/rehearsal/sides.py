"""Which items are compared under what: folder, release, month, mail from before go-live."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from services.desk.domain.rehearsals import RehearsalSummary
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.content import ContentRouting
from services.ops.rehearsal.difference import RehearsedChange
from services.ops.rehearsal.engine import OtherRules, rehearse
from services.ops.rehearsal.fact_pages import PAGE, SNAPSHOT, FactPage, fact_pages
from services.ops.rehearsal.ground import RehearsalGround, ground
from services.ops.rehearsal.history_mail import facts_if_tracked
from services.ops.rehearsal.release import other_release
from services.ops.rehearsal.rule_scope import promised_days
from services.ops.rehearsal.tally import RehearsalTally
from shared.content.blobs import Blobs
from shared.facts.items import Items
from shared.platform.database import Connection
from shared.site.application import compare
from shared.site.effects import Effects
from shared.site.load import load_proposal
from shared.site.tables.bundle import AppliedSite

Told = Callable[[Sequence[RehearsedChange]], None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class AskedRehearsal:
    """The request for a rehearsal: by which rules or release, for all items or those of a month."""

    folder: Path | None
    month: tuple[date, date] | None
    """Its first and its last day."""
    wheel: Path | None = None
    """Another release, under the rules that run."""
    wheelhouse: Path | None = None


@dataclass
class FoundRehearsal:
    """The result of a rehearsal: its sums, and the two versions of the rules that were compared."""

    summary: RehearsalSummary
    applied: int
    before_digest: str
    after_digest: str
    lines: Sequence[str]
    release: str | None = None
    undeclared: int = 0
    """Changes that the release does not declare."""
    kinds: Sequence[str] = ()
    """Of these, what and of which clock or notice."""
    number: int | None = None
    """Under which it was kept."""


async def run_rehearsal(
    connection: Connection,
    asked: AskedRehearsal,
    blobs: Blobs | None,
    now: datetime,
    told: Told,
    progress: Progress,
) -> FoundRehearsal:
    """Runs a requested rehearsal: replays items under both rules; in a transaction just begun.

    Raises:
        BadSite: the folder has mistakes.
        Refused: its rules could not be applied here.
        NotMigrated: the database lacks migrations.
    """
    await connection.execute(SNAPSHOT)
    stands = await ground(connection, now)
    if asked.wheel is not None:
        return await _of_release(connection, stands, asked.wheel, asked, told, progress)
    base = stands.applied if asked.month is None else stands.at_end_of(asked.month[1])
    if asked.folder is None:
        proposed, lines = stands.applied, list[str]()
    else:
        change = await compare(connection, load_proposal(asked.folder), Effects(), now)
        base, proposed, lines = stands.applied, change.after, list(change.lines)
    content = ContentRouting(base.site, proposed.site, blobs)
    comparison = RuleComparison(
        stands.rulebook,
        proposed,
        stands.perimeter,
        content if content.differs else None,
        ahead=asked.month is None,
        base=None if base is stands.applied else base,
    )
    tally = RehearsalTally(stands.today, days=promised_days(base.site, proposed.site))
    pages = fact_pages(connection, asked.month)
    await rehearse(pages, OtherRules(comparison, content), tally, now, told, progress)
    if asked.month is not None:
        await _before_go_live(connection, stands, asked, proposed, tally, told, progress)
    tally.unread_letters = content.unread
    return FoundRehearsal(
        tally.summary(), stands.applied.version, base.digest, proposed.digest, lines
    )


async def _of_release(
    connection: Connection,
    stands: RehearsalGround,
    wheel: Path,
    asked: AskedRehearsal,
    told: Told,
    progress: Progress,
) -> FoundRehearsal:
    """Rehearses another release under the rules that run."""
    tally = RehearsalTally(stands.today)
    pages = fact_pages(connection, asked.month)
    async with other_release(wheel, asked.wheelhouse, stands) as other:
        await rehearse(pages, other, tally, stands.now, told, progress)
    digest = stands.applied.digest
    return FoundRehearsal(
        tally.summary(), stands.applied.version, digest, digest, (), other.name, other.undeclared,
        sorted(f"{thing} {subject}" for thing, subject in other.kinds),
    )  # fmt: skip


async def _before_go_live(
    connection: Connection,
    stands: RehearsalGround,
    asked: AskedRehearsal,
    proposed: AppliedSite,
    tally: RehearsalTally,
    told: Told,
    progress: Progress,
) -> None:
    """Counts the month's mail from before go-live as if it had been tracked from its first day.

    Compared with nothing, so that each date and result is listed; where a folder is given, with
    what the rules that run would have made of the same mail.
    """
    if asked.month is None:
        return
    first, last = asked.month
    stories = await facts_if_tracked(connection, first, last, stands.applied)
    if not stories:
        return
    base = stands.applied if asked.folder is None else stands.live_from(first, stands.applied)
    comparison = RuleComparison(
        stands.rulebook,
        stands.live_from(first, proposed),
        stands.perimeter,
        ahead=False,
        base=base,
    )
    tally.history += len(stories)
    await rehearse(_pages(stories), OtherRules(comparison), tally, stands.now, told, progress)


async def _pages(stories: Sequence[Sequence[Items]]) -> AsyncIterator[FactPage]:
    for first in range(0, len(stories), PAGE):
        yield FactPage(stories[first : first + PAGE], unreadable=0)
