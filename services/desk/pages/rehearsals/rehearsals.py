"""Rehearsals as pages: the list, and one with its sums and what differs of each item."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.rehearsals import KeptRehearsal
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.rehearsals import words
from services.desk.store import rehearsals as store
from shared.facts.vocabulary import ClockName
from shared.web.forms import Form

LISTED: Final = 100
SHOWN: Final = 100
DIGITS: Final = 6
"""Of the place in a rehearsal behind which a page begins."""
FILTERS: Final = ("objet", "service", "cause")


async def every(visit: Visit) -> Response:
    """Shows the stored rehearsals (replays of items under other rules), the newest first."""
    zone = visit.applied.site.zone
    applied = await store.rested_on(visit.connection)
    return await visit.html(
        "rehearsals/list.html",
        rows=[
            {
                "url": f"/regles/repetition/{kept.number}",
                "number": kept.number,
                "title": words.title(kept.what),
                "at": labels_fr.moment(kept.recorded_at, zone),
                "author": kept.what.author,
                "why": kept.what.why,
                "items": kept.what.summary.items,
                "differing": kept.what.summary.differing,
                "version": applied.get(kept.number),
            }
            for kept in await store.newest(visit.connection, LISTED)
        ],
    )


async def show_rehearsal(visit: Visit) -> Response:
    """Shows a rehearsal: its sums, and what other rules change for each item, page by page."""
    number = visit.request.path_params["number"]
    kept = await store.read_rehearsal(visit.connection, number)
    if kept is None:
        raise HTTPException(404)
    form = Form(FormData(visit.request.query_params))
    asked = {name: form.text(name) for name in FILTERS}
    behind = form.text("apres")
    names = Names(visit.applied.site, visit.directory)
    found = await store.changes(
        visit.connection,
        number,
        {"thing": asked["objet"], "service": asked["service"], "cause": asked["cause"]},
        int(behind) if behind.isdecimal() and len(behind) <= DIGITS else 0,
        SHOWN + 1,
    )
    shown, rest = found[:SHOWN], found[SHOWN:]
    counts = {
        name: await store.count_changes(visit.connection, number, name) for name in store.COUNTED
    }
    applied = await store.rested_on(visit.connection)
    return await visit.html(
        "rehearsals/one.html",
        path=f"/regles/repetition/{number}",
        number=number,
        title=words.title(kept.what),
        kept=kept,
        at=labels_fr.moment(kept.recorded_at, visit.applied.site.zone),
        summary=kept.what.summary,
        clocks=_clocks(kept),
        sentences=words.sentences(kept.what.summary),
        hearers=words.hearers(kept.what.summary),
        ahead=_counts(kept.what.summary.ahead),
        past=_counts(kept.what.summary.past),
        asked=asked,
        things=[(code, f"{words.THINGS[code]} ({n})") for code, n in counts["thing"]],
        services=[(code, f"{names.service(code)} ({n})") for code, n in counts["service"]],
        causes=[(code, f"{words.CAUSES.get(code, code)} ({n})") for code, n in counts["cause"]],
        lines=[
            words.line(change, names, opens=visit.roles.everything, secrets=visit.roles.reads_all)
            for _, change in shown
        ],
        next=shown[-1][0] if rest else None,
        most=store.MOST_CHANGES,
        version=applied.get(number),
    )


def _clocks(kept: KeptRehearsal) -> list[tuple[str, str, str]]:
    """By clock, the rate under both rules in words."""
    summary = kept.what.summary
    found = {*summary.before, *summary.after}
    return [
        (
            labels_fr.CLOCKS[clock],
            words.rate(summary.before.get(clock.value)),
            words.rate(summary.after.get(clock.value)),
        )
        for clock in ClockName
        if clock.value in found
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{said} {counts[name]}" for name, said in words.THINGS.items() if name in counts
    )
