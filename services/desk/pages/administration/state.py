"""`/administration`: sources read, rules in force, what lies aside, what is held, who is signed in.

Numbers and moments alone: an administrator opens no letter.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from services.desk.accounts.store import signins
from services.desk.french import labels_fr
from services.desk.pages.administration.rules_in_force import changes, version_row
from services.desk.pages.visit import Visit
from services.desk.store import platform_state
from shared.site import store
from shared.site.tables.mailboxes import Sources

URL: Final = "/administration"
LATE: Final = timedelta(minutes=30)
"""After which a source that was not read to its end is called late."""
SHOWN: Final = 12
"""Lines of the last difference; its page shows all of them."""
SERVICES: Final = {
    "ingest": "entrée des courriers",
    "desk": "registre",
    "sla": "délais",
    "notify": "envois",
}


async def show_state(visit: Visit) -> Response:
    """Shows an administrator the installation's state: sources, rules, dead letters, sessions."""
    known, zone = await store.versions(visit.connection), visit.applied.site.zone
    aside = await platform_state.dead_letters(visit.connection)
    changed = await changes(visit.connection, known[-1].version)
    live = visit.applied.go_live
    return await visit.html(
        "administration/state.html",
        live=None if live is None else labels_fr.moment(live, zone),
        running=live is not None and live <= visit.now,
        sources=_sources(visit, await platform_state.readings(visit.connection)),
        last=version_row(visit, known[-1]),
        changes=None if changed is None else changed[:SHOWN],
        more_changes=0 if changed is None else max(0, len(changed) - SHOWN),
        aside=[
            {
                "service": SERVICES[letters.schema],
                "command": letters.schema,
                "topic": letters.topic,
                "count": letters.count,
                "since": labels_fr.moment(letters.first_at, zone),
            }
            for letters in aside
        ],
        held=await platform_state.count_held(visit.connection),
        sessions=len(await signins.sessions_that_hold(visit.connection)),
    )


def _sources(visit: Visit, read: Mapping[str, datetime | None]) -> Sequence[Mapping[str, Any]]:
    """Every mailbox and folder of the rules, and what is read besides, with its last reading."""
    names = dict.fromkeys((*_named(visit.applied.site.sources), *sorted(read)))
    zone = visit.applied.site.zone
    rows = list[Mapping[str, Any]]()
    for name in names:
        at = read.get(name)
        rows.append(
            {
                "name": labels_fr.source(name),
                "at": "" if at is None else labels_fr.moment(at, zone),
                "late": at is None or visit.now - at > LATE,
            }
        )
    return rows


def _named(sources: Sources) -> Iterable[str]:
    yield from (f"mailbox:{mailbox.id}" for mailbox in sources.mailboxes)
    yield from (f"scans:{folder.id}" for folder in sources.scan_folders)
