"""The dates of the label come near: each reminder is stated once, and told to notify.

Looked for by the hour on local days. Whoever states the label's date late hears only the nearest
reminder of each date, and nothing of what is long past. What fell while this process was away is
told once it is back, however late, with its own date.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality.domain.label_calendar import DueStep, is_last, label_calendar, rung
from services.desk.quality.domain.label_facts import LabelFacts
from services.desk.quality.store.label import label_facts
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.facts import ids
from shared.facts.quality.label import ReminderFell, ReminderTo
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.quality import CalendarStep

EACH_SECONDS: Final = 600.0

log = Log("label reminders")


def fallen_reminders(
    facts: LabelFacts, steps: Sequence[CalendarStep], today: date, since: date | None = None
) -> Sequence[tuple[DueStep, int]]:
    """Returns the label's reminders reached by a local day and not stated: date and days left.

    `since`: the local day since which the calendar stands as it is (`None`: today).
    """
    if facts.label is None:
        return []
    found = [
        (due, rung(due.due, today, since))
        for due in label_calendar(facts.label, steps, facts.held)
        if not facts.is_settled(due)
    ]
    return [
        (due, days)
        for due, days in found
        if days is not None and (due.step.id, due.documents, due.due, days) not in facts.reminded
    ]


async def remind(connection: Connection, applied: AppliedSite, now: datetime) -> int:
    """Records the label's reminders that are reached; returns how many."""
    framework = applied.site.quality.current
    if framework is None:
        return 0
    today = now.astimezone(applied.site.zone).date()
    facts = await label_facts(connection)
    if not fallen_reminders(facts, framework.calendar, today, _since(facts, applied)):
        return 0
    await quality.lock_chain(connection)
    facts = await label_facts(connection)
    if facts.unreadable:
        # What fell already may be among them: it would be told at every look.
        log.warning("reminders_wait", unreadable=facts.unreadable)
        return 0
    found = fallen_reminders(facts, framework.calendar, today, _since(facts, applied))
    author = Author(applied.site.identity.id, REGISTER, now)
    for due, days in found:
        told = [ReminderTo.QUALITY_OFFICER]
        if is_last(days):
            told.append(ReminderTo.GENERAL_SECRETARY)
        subject = ids.quality_id(author.site, "reminder", due.key)
        await quality.state(
            connection, author, subject, ReminderFell,
            what=due.step.id, occurrence=due.number, documents=due.documents, due=due.due,
            days=days, tell=tuple(told),
        )  # fmt: skip
    return len(found)


def _since(facts: LabelFacts, applied: AppliedSite) -> date | None:
    """The local day since which the label's date and the rules make this calendar."""
    if facts.stated_at is None:
        return None
    since = max(facts.stated_at, applied.effective_from)
    return since.astimezone(applied.site.zone).date()


def reminds(parts: JobContext) -> Job:
    """Makes the background job that looks for reminders of the quality label."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is not None:
                await remind(connection, applied, sure(parts.clock))

    return every(EACH_SECONDS, look, parts.stopping)
