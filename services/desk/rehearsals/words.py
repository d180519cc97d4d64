"""Rehearsals in French: what differs of an item, why, and the rates under both rules."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.domain.rehearsals import (
    KeptChange,
    NewRehearsal,
    PromisedDays,
    RehearsalKind,
    RehearsalSummary,
    RehearsedRate,
)
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.reminders import AUDIENCES
from shared.calendar.local_days import of_month
from shared.facts.vocabulary import Audience, ClockName, Nature, NoticeKind, Way
from shared.site.tables.commitments import Unit
from shared.site.texts import rates

THINGS: Final[Mapping[str, str]] = {
    "limit": "date limite",
    "result": "résultat",
    "rung": "rappel",
    "notice": "envoi",
    "sorting": "tri",
}
CAUSES: Final[Mapping[str, str]] = {
    "perimeter": "périmètre",
    "go_live": "mise en service",
    "routing": "règles de tri",
    "line": "ligne d’engagement",
    "days": "délai promis",
    "regime": "régime du silence",
    "calendar": "jours travaillés",
    "ladder": "échelle des rappels",
    "limit": "date limite",
    "people": "responsables",
    "morning": "heure des rappels",
    "notices": "table des envois",
    "template": "texte",
    "hours": "heures d’ouverture",
    "site": "préfecture",
    "program": "programme",
    "unknown": "cause non trouvée",
}
RESULTS: Final[Mapping[str, str]] = {
    "kept": "tenu",
    "late": "non tenu",
    "overdue": "dépassé, sans réponse",
    "open": "en cours",
    "observed": "réponse vue, à confirmer",
    "closed": "classé sans réponse",
    "excluded": "hors calcul",
}
FIELDS: Final[Mapping[str, str]] = {
    "category": "catégorie",
    "service": "service",
    "nature": "nature",
    "perimeter": "compté dans les taux",
    "reason": "motif hors périmètre",
    "hold": "retenue",
    "qualified": "trié d’office",
}
VERDICTS: Final[Mapping[str, str]] = {
    "send": "part",
    "later": "part plus tard",
    "hold": "retenu pour une personne",
    "never": "ne part pas",
}
NOTHING: Final = "rien"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class RehearsedLine:
    """A line of the table of a rehearsal in French: what is, what would be, and why."""

    number: str
    """The chrono; of a réservé item no number."""
    url: str
    """Empty where whoever looks may not open it, or there is no item."""
    service: str
    what: str
    was: str
    would: str
    ahead: bool
    cause: str
    detail: str


def line(change: KeptChange, names: Names, *, opens: bool, secrets: bool) -> RehearsedLine:
    """Formats a change of an item's outcome under other rules in French, as a line of a table.

    `opens`: the item's address is given, `secrets`: that of réservé items too.
    """
    hidden = change.reserved and not secrets
    number = "réservé" if hidden else change.chrono or "sans numéro"
    real = change.chrono is not None and not change.chrono.startswith("00-0000")
    return RehearsedLine(
        number=number if real or hidden else "avant la mise en service",
        url=f"/courrier/{change.chrono}" if opens and real and not hidden else "",
        service=names.service(change.service),
        what=_what(change),
        was=_value(change, change.was, names),
        would=_value(change, change.would, names),
        ahead=change.ahead,
        cause=CAUSES.get(change.cause, change.cause),
        detail=change.detail,
    )


def subject(thing: str, code: str) -> str:
    """Returns the French label of the deadline, notice or sorting field that has this code."""
    if thing == "sorting":
        return FIELDS.get(code, code)
    if thing == "notice":
        return labels_fr.NOTICES[NoticeKind(code)] if code in list(NoticeKind) else code
    return labels_fr.CLOCKS[ClockName(code)] if code in list(ClockName) else code


def title(what: NewRehearsal) -> str:
    """Formats in French what a rehearsal compared: other rules, a release, a month."""
    match what.kind:
        case RehearsalKind.RELEASE:
            said = f"Version {what.release} du programme"
        case RehearsalKind.MONTH:
            said = "Les règles d’aujourd’hui"
        case RehearsalKind.RULES:
            said = "Règles proposées"
    return said if what.month is None else f"{said}, courrier {of_month(what.month)}"


def rate(one: RehearsedRate | None) -> str:
    """Formats a rate in French: « 61 % (entre 58 et 64 %) » with counts; below ten only counts."""
    found = one or RehearsedRate(kept=0, due=0)
    return rates.whole(found.kept, found.due, found.interval)


def sentences(summary: RehearsalSummary) -> Sequence[str]:
    """Formats in French, for each changed number of days, the rate that would have been kept."""
    return [
        said
        for promised in summary.days
        if (said := _with_days(promised, summary.after.get(promised.clock.value)))
    ]


def hearers(summary: RehearsalSummary) -> Sequence[tuple[str, int, int]]:
    """Lists by role, in French, how many reminders would no longer be sent, and how many would be.

    Counted among the reminders that the rehearsed rules change; each row: role, dropped, added.
    """
    return [
        (
            AUDIENCES[Audience(name)] if name in list(Audience) else name,
            count.before,
            count.after,
        )
        for name, count in summary.hearers.items()
    ]


def _with_days(promised: PromisedDays, one: RehearsedRate | None) -> str:
    if one is None or one.rate is None or one.due < rates.FEW:
        return ""
    unit = "jours ouvrés" if promised.unit is Unit.JOURS_OUVRES else "jours"
    clock = labels_fr.CLOCKS[promised.clock]
    return (
        f"Avec {promised.after} {unit} au lieu de {promised.before}, {rates.percentage(one.rate)} "
        f"auraient été tenus ({clock.lower()}, ligne {promised.line})."
    )


def _what(change: KeptChange) -> str:
    about = subject(change.thing, change.subject)
    said = f"{THINGS.get(change.thing, change.thing)}\N{NO-BREAK SPACE}: {about}"
    return f"{said} ({change.name})" if change.name else said


def _value(change: KeptChange, value: str | None, names: Names) -> str:
    if value is None:
        return NOTHING
    match change.thing:
        case "result":
            return RESULTS.get(value, value)
        case "rung":
            day, _, told = value.partition(" ")
            people = (AUDIENCES[Audience(name)] for name in told.split(",") if name)
            return f"{_day(day)}\N{NO-BREAK SPACE}: {', '.join(people)}"
        case "notice":
            return _notice(value, names)
        case "sorting":
            return _sorted(change.subject, value, names)
        case _:
            return _day(value)


def _notice(value: str, names: Names) -> str:
    """« part par courriel le 12/05/2026 »; why it is held, and that its text is another one."""
    verdict, way, day, *rest = value.split(" ")
    said = f"{VERDICTS.get(verdict, verdict)} {labels_fr.WAYS[Way(way)]} le {_day(day)}"
    more = " ".join(rest)
    if (why := re.match(r"\(([^)]*)\)", more)) is not None:
        said += f" ({names.reason(why[1])})"
    if (text := re.search(r"\[(\w+)\]", more)) is not None:
        said += f", texte {text[1]}"
    return said


def _sorted(field: str, value: str, names: Names) -> str:
    match field:
        case "category":
            return names.category(value)
        case "service":
            return names.service(value)
        case "nature" if value in list(Nature):
            return labels_fr.NATURES[Nature(value)]
        case "reason" | "hold":
            return names.reason(value)
        case "perimeter" | "qualified":
            return "oui" if value == "True" else "non"
        case _:
            return value


def _day(value: str) -> str:
    if not _DAY.fullmatch(value):
        return value
    return labels_fr.short_day(date.fromisoformat(value))
