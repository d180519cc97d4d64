"""Events in French: how one stands, its parts, and who said what when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.quality.domain import event_texts
from services.desk.quality.domain.events import CrisisEvent, EventDraft
from services.desk.quality.domain.mass import LeftOut
from services.desk.quality.store.texts import TextsByDigest
from shared.facts.quality.events import EventPart
from shared.site.tables.bundle import Site

FORMS: Final = "spool"
PARTS: Final[Mapping[EventPart, str]] = {
    EventPart.LINE: "Ligne des accusés d’enregistrement",
    EventPart.REPLY: "Réponse groupée",
    EventPart.RULE: "Courriers concernés",
}
ERASED: Final = "(texte effacé)"
BY_OTHERS: Final = "à répondre par qui le suit, hors d’une réponse groupée"
"""One sentence for another service's mail and for what is réservé: of this nobody counts any."""
LEFT_OUT: Final[Mapping[str, str]] = {
    LeftOut.COMPLAINT: "réclamation",
    LeftOut.APPEAL: "recours",
    LeftOut.SENDER: "expéditeur à qui une personne répond (avocat, élu, administration, presse…)",
    LeftOut.RESERVED: BY_OTHERS,
    LeftOut.DANGER: "mots de danger, urgent ou signalé",
    LeftOut.ASKS_MORE: "pose aussi une autre question",
    LeftOut.WROTE_AGAIN: "la personne a écrit de nouveau depuis la confirmation",
    LeftOut.ANSWERED: "déjà répondu, clos, ou réponse en route",
    LeftOut.HELD: "retenu à l’arrivée, ou expéditeur non authentifié",
    LeftOut.ROBOT: "message automatique",
    LeftOut.PAPER: "papier, sans adresse électronique connue",
    LeftOut.UNREACHABLE: "adresse inutilisable",
    LeftOut.NOT_YOURS: BY_OTHERS,
    LeftOut.NO_DELEGATION: "sans délégation de signature pour ce service",
    LeftOut.NOT_CHOSEN: "hors du groupe choisi",
    LeftOut.SAME_SENDER: "même expéditeur, répondu une fois pour son dernier courrier",
    LeftOut.TOO_MANY: "au-delà de ce qu’une réponse groupée contient",
    LeftOut.OTHER: "autre raison, à voir sur le courrier",
    LeftOut.LEFT: "retiré de l’événement",
    LeftOut.STOPPED: "arrêté avant son tour",
    LeftOut.EVENT_OVER: "événement terminé avant son tour",
    LeftOut.UNREADABLE: "illisible en ce moment",
}


def title(event: CrisisEvent) -> str:
    """Returns the name of a crisis event or exercise, as headings show it."""
    kind = "Exercice" if event.exercise else "Événement"
    return f"{kind} n°\N{NO-BREAK SPACE}{event.number}, {event.code}"


def state(event: CrisisEvent, now: datetime) -> tuple[str, str]:
    """Returns the state of a crisis event in French, and the kind of its chip (colour)."""
    if event.dropped:
        return "abandonné", ""
    if event.waits:
        return "attend une deuxième personne", "wait"
    return ("ouvert", "late") if event.open_at(now) else ("terminé", "done")


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part of a crisis event (line, reply, rule) as shown: version approved, version waiting."""

    part: EventPart
    name: str
    approved: str
    """The approved text; empty: none."""
    approved_by: str
    waiting: str
    """The version that waits for its approval; empty: none."""
    written_by: str
    version: int
    mine: bool
    """Whether the reader wrote the version that waits, so that another one approves it."""


def part_shown(
    event: CrisisEvent, part: EventPart, words: TextsByDigest, names: Names, by: str
) -> PartShown:
    """Formats a part of a crisis event for a reader; `by`: that reader, as facts name authors."""
    zone = names.site.zone
    approved, last = event.last_approved(part), event.last(part)
    waiting = last if last is not None and last.approved_at is None else None
    return PartShown(
        part,
        PARTS[part],
        "" if approved is None else draft_text(event, approved, words, names.site),
        "" if approved is None else _approval(approved, names, zone),
        "" if waiting is None else draft_text(event, waiting, words, names.site),
        "" if waiting is None else stated_by(waiting.author, waiting.at, names),
        0 if waiting is None else waiting.version,
        waiting is not None and waiting.author == by,
    )


def draft_text(event: CrisisEvent, draft: EventDraft, words: TextsByDigest, site: Site) -> str:
    """Returns the text of an event part's version; for a rule, a sentence of words and sources."""
    text = words.get((event.subject, draft.sha256), ERASED)
    if draft.part is not EventPart.RULE:
        return text
    rule = event_texts.read(text)
    if rule is None:
        return text
    phrases = ", ".join(f"«\N{NO-BREAK SPACE}{phrase}\N{NO-BREAK SPACE}»" for phrase in rule.words)
    sources = ", ".join(labels_fr.source(named) for named in rule.sources) or "toutes les sources"
    since = labels_fr.moment(rule.since, site.zone)
    return f"{phrases} ; {sources} ; reçus depuis le {since}"


def _approval(draft: EventDraft, names: Names, zone: ZoneInfo) -> str:
    wrote = names.author(draft.author)
    approver = "" if draft.approver is None else names.author(draft.approver)
    at = labels_fr.moment(draft.approved_at or draft.at, zone)
    return f"version {draft.version}, écrite par {wrote}, approuvée par {approver} le {at}"


def stated_by(author: str, at: datetime, names: Names) -> str:
    """Formats who stated something and when, in French."""
    zone = names.site.zone
    return f"{names.author(author)}, le {labels_fr.moment(at, zone)}"


def opening(event: CrisisEvent, names: Names) -> str:
    """Formats in a sentence who asked for a crisis event, who opened it, and when it ends."""
    zone = names.site.zone
    asked = f"Demandé par {stated_by(event.asked_by, event.asked_at, names)}"
    if event.opened_at is not None and event.opened_by is not None:
        asked += f" ; ouvert par {stated_by(event.opened_by, event.opened_at, names)}"
    ended = event.closed_at
    if ended is not None and ended < event.ends_at:
        return f"{asked} ; clos le {labels_fr.moment(ended, zone)}."
    return f"{asked} ; fin le {labels_fr.moment(event.ends_at, zone)}."


def sources(site: Site) -> Sequence[tuple[str, str]]:
    """Returns the sources that an event's rule may name: mailboxes that are read, forms."""
    boxes = [(f"mailbox:{box.id}", f"boîte {box.address}") for box in site.sources.mailboxes]
    return [*boxes, (FORMS, "formulaires et dépôts")]
