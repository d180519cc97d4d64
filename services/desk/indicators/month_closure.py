"""A month is closed once, when it is over, by who answers for quality, on a page that showed it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.desk.domain.months import RUNNING, Month, MonthPromise, proof
from services.desk.indicators import store
from services.desk.store import months, quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.origin import Origin
from shared.facts.quality import MonthClosed
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person


@dataclass(frozen=True, slots=True)
class MonthDraft:
    """A month's figures as closing them now would store them."""

    head: Month
    promises: Sequence[MonthPromise]

    @property
    def running(self) -> int:
        """The number of deadlines in a month's figures that would stay undecided if closed now."""
        return sum(promise.result in RUNNING for promise in self.promises)

    @property
    def last(self) -> date | None:
        """The last limit among the month's deadlines that still run, or `None`."""
        return max(
            (promise.limit_day for promise in self.promises if promise.result in RUNNING),
            default=None,
        )


async def draft(
    connection: Connection, month: date, person: Person, applied: AppliedSite, now: datetime
) -> MonthDraft:
    """Returns a month's figures as closing them now would store them.

    Raises Refused if the month can't be closed.
    """
    today = now.astimezone(applied.site.zone).date()
    first = applied.first_month
    if first is None or month < first:
        raise Refused(
            f"{month:%Y-%m} ended before the go-live: it has no figures to close.",
            "month-before-go-live",
            month=month,
        )
    if month >= today.replace(day=1):
        raise Refused(
            f"{month:%Y-%m} is not over: close it from the next month on.",
            "month-not-over",
            month=month,
        )
    if await months.read_closed_month(connection, month) is not None:
        raise Refused(
            f"{month:%Y-%m} is closed already: corrections stand beside it.",
            "month-closed-already",
            month=month,
        )
    promises = await store.standing(connection, month)
    if not promises:
        raise Refused(
            f"Nothing was promised in {month:%Y-%m}: an empty month is not closed.",
            "month-empty",
            month=month,
        )
    head = Month(
        month=month,
        closed_at=now,
        as_of=today,
        by=person.id,
        rules=applied.version,
        calendar=applied.digest,
        target=applied.site.commitments.target,
    )
    return MonthDraft(replace(head, hash=proof(head, promises)), promises)


async def close(
    connection: Connection,
    month: date,
    person: Person,
    applied: AppliedSite,
    now: datetime,
    origin: Origin,
    *,
    shown: str | None = None,
    early: bool = False,
    may: bool,
) -> Month:
    """Closes the figures of a month for good: stores them and states them as a fact.

    `may`: whether the person has the right to close months (the référent qualité, their deputy).
    `shown`: the hash of the figures that the person saw; others are refused. `early`: to close
    although some deadlines still run. Raises Refused.
    """
    officer = applied.site.identity.quality_officer
    if not may:
        raise Refused(
            f"A month is closed by the quality officer ({officer}), who answers for it, or whoever"
            " has their right.",
            "month-not-yours",
        )
    if not origin.by_session:
        raise Refused("A month is closed on the page /mois.", "by-session")
    await quality.lock_chain(connection)
    found = await draft(connection, month, person, applied, now)
    if shown is not None and shown != found.head.hash:
        raise Refused(
            f"{month:%Y-%m} is not what was shown any more: look at it again.", "month-moved"
        )
    if found.running and not early:
        raise Refused(
            f"{found.running} of the {len(found.promises)} promises of {month:%Y-%m} still run, the"
            f" last until {found.last}: closed now, they stand in it for ever as neither kept nor"
            " late. Wait, or say that it is to be closed all the same.",
            "month-running",
            running=found.running,
            n=len(found.promises),
            last=found.last,
        )
    await quality.state(
        connection,
        Author(applied.site.identity.id, by_person(person.id), now, origin),
        quality.month_id(applied.site.identity.id, month.isoformat()),
        MonthClosed,
        **quality.month_told(found.head, len(found.promises)),
    )
    await store.close(connection, found.head, found.promises)
    return found.head
