"""`/` and `/service/ID`: how the register stands, what waits, and what must be answered by when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.desk.domain.disposition import Disposition
from services.desk.domain.item import ItemStatus
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.store import lists, work
from services.desk.store.lists import WaitLine
from services.desk.store.search_types import SearchReader
from services.desk.store.visibility import Visibility
from shared.facts.vocabulary import Nature, Priority, Waiting
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

MOST_ITEMS = 50
MOST_WAITS = 15


@dataclass(frozen=True, slots=True)
class TodayRow:
    """An item in the table of the front page, in French words."""

    chrono: str
    subject: str
    sender: str
    category: str
    nature: str
    channel: str
    received: str
    state: str
    who: str
    due: str
    left: str
    mark: str
    """`late`, `risk` or empty; the words say it too."""
    urgent: str


async def today(
    connection: Connection,
    applied: AppliedSite,
    directory: Directory,
    now: datetime,
    service: str | None,
    seen: Visibility,
) -> dict[str, Any]:
    """Returns the values for the template of a service's front page, or the register's."""
    zone = applied.site.zone
    day = now.astimezone(zone).date()
    names = Names(applied.site, directory)
    found = await work.rows(
        connection, SearchReader(seen), work.WorklistFilter(service), day, limit=MOST_ITEMS
    )
    counts = await lists.counts(connection, day, zone, service=service)
    waits = () if service else await lists.open_tasks(connection, seen=seen, limit=MOST_WAITS)
    return {
        "day": labels_fr.long_day(day),
        "hour": now.astimezone(zone).strftime("%H h %M"),
        "service": service,
        "service_name": None if service is None else names.service(service),
        "services": applied.site.services.services,
        "late": counts.late,
        "at_risk": counts.at_risk,
        "arrived": [
            (labels_fr.WORDS[word], counts.words_today.get(word, 0), counts.words[word])
            for word in Disposition
            if word in counts.words
        ]
        + (
            [("réponses à un exercice", counts.drilled_today, counts.drilled)]
            if counts.drilled
            else []
        ),
        "states": [
            (labels_fr.STATES[state], counts.states[state])
            for state in reversed(ItemStatus)
            if state in counts.states
        ],
        "waiting_counts": [
            (labels_fr.WAITINGS[waiting], counts.waits[waiting])
            for waiting in Waiting
            if waiting in counts.waits
        ],
        "held_word": labels_fr.WAITINGS[Waiting.HELD],
        "waits": [_wait(wait, applied) for wait in waits],
        "rows": [_row(row, applied, names, day=day) for row in found],
        "cut": len(found) == MOST_ITEMS,
    }


def _wait(one: WaitLine, applied: AppliedSite) -> dict[str, str | None]:
    reason = "" if one.reason is None else applied.site.labels.reason(one.reason)
    source = "" if one.source is None else labels_fr.source(one.source)
    why = " · ".join(word for word in (reason, source) if word)
    return {
        "chrono": one.chrono,
        "id": str(one.id),
        "what": labels_fr.WAITINGS[Waiting(one.waiting)],
        "since": labels_fr.moment(one.since, applied.site.zone),
        "why": why,
    }


def _row(row: work.WorkRow, applied: AppliedSite, names: Names, *, day: date) -> TodayRow:
    one = row.line
    late = one.late(day)
    left, mark = "", ""
    if one.due is not None:
        between = applied.days.between(day, one.due)
        left = f"en retard de {max(1, -between)} j" if late else f"reste {between} j"
        if not late and not between:
            left = "ce soir"
    if late:
        mark = "late"
    elif one.at_risk:
        mark, left = "risk", f"à risque, {left}"
    holder = one.signatory or one.agent
    nature = "" if one.nature is Nature.UNKNOWN else labels_fr.NATURES[one.nature]
    return TodayRow(
        chrono=one.chrono,
        subject=row.subject,
        sender=row.sender,
        category=names.category(one.category),
        nature=nature,
        channel=labels_fr.CHANNELS[one.channel],
        received=labels_fr.short_day(one.received_on),
        state=labels_fr.STATES[one.state],
        who=names.service(one.service) + (f", {names.person(holder)}" if holder else ""),
        due="—" if one.due is None else labels_fr.short_day(one.due),
        left=left,
        mark=mark,
        urgent="" if one.priority is Priority.NORMALE else labels_fr.PRIORITIES[one.priority],
    )
