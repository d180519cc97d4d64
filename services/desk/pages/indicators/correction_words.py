"""What became of a promise after its month was closed, as a row of the month's page, in French.

The chain and the commands say it by codes (services/desk/domain/month_corrections.py); whoever
reads the page has neither the codes nor the ids of services in mind.
"""

from collections.abc import Mapping
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.month_corrections import CorrectedPromise
from shared.facts.quality import PromiseAs
from shared.facts.vocabulary import Channel, ClockName

RESULTS: Final[Mapping[str, str]] = {
    "kept": "tenu",
    "late": "en retard",
    "overdue": "limite passée",
    "closed": "classé sans réponse",
    "open": "en cours",
    "observed": "réponse vue",
    "excluded": "hors périmètre",
}
"""Of a promise, as desk.judged says it."""


def correction(moved: CorrectedPromise, names: Names) -> tuple[str, ...]:
    """Returns the cells of a row about a promise that changed after its month was closed.

    Number, promise, as closed, now, late then, by, on, why, its fact.
    """
    author, at, reason = moved.why
    return (
        moved.chrono,
        labels_fr.CLOCKS.get(ClockName(moved.clock), moved.clock),
        promise(moved.before, names),
        promise(moved.now, names),
        "oui" if moved.late_then(names.site.zone) else "non",
        "le temps, ou les règles" if author is None else names.author(author),
        "" if at is None else labels_fr.moment(at, names.site.zone),
        "" if reason is None else names.reason(reason),
        f"fait n° {moved.told.seq}" if moved.said and moved.told is not None else "cette nuit",
    )


def promise(as_told: PromiseAs | None, names: Names) -> str:
    """Formats a promise's result, jours ouvrés, service and channel: « en retard, 7 jours, … »."""
    if as_told is None:
        return "absent"
    days = as_told.days
    took = [] if days < 0 else [f"{days} jour{'s' if days > 1 else ''}"]
    result = RESULTS.get(as_told.result, as_told.result)
    channel = as_told.channel
    known = labels_fr.CHANNELS[Channel(channel)] if channel in set(Channel) else channel
    return ", ".join([result, *took, names.service(as_told.service), known])
