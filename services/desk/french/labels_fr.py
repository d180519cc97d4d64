"""The French words of closed lists, and of days."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.disposition import Disposition
from services.desk.domain.item import ItemStatus
from services.desk.domain.matching import LinkReason
from shared.calendar import local_days
from shared.calendar.working_days import WorkingCalendar
from shared.facts.clocks import Outcome
from shared.facts.vocabulary import (
    Channel,
    ClockName,
    Confidentiality,
    LateCause,
    Nature,
    NoticeKind,
    Priority,
    Proof,
    ReturnReason,
    SenderKind,
    Settled,
    TwoPersonAct,
    Waiting,
    Way,
)

DAYS: Final = local_days.WEEKDAYS
long_day: Final = local_days.long_day

STATES: Final[Mapping[ItemStatus, str]] = {
    ItemStatus.DESTROYED: "contenu détruit",
    ItemStatus.MERGED: "fusionné",
    ItemStatus.RETURNED: "pli revenu",
    ItemStatus.CLOSED: "classé",
    ItemStatus.ANSWERED: "répondu",
    ItemStatus.TRANSFERRED: "transmis",
    ItemStatus.TO_QUALIFY: "à qualifier",
    ItemStatus.OBSERVED: "réponse vue, à confirmer",
    ItemStatus.IN_SIGNATURE: "à la signature",
    ItemStatus.AWAITING_PIECES: "attend des pièces",
    ItemStatus.AWAITING_THIRD: "attend un tiers",
    ItemStatus.OPEN: "à traiter",
}

WORDS: Final[Mapping[Disposition, str]] = {
    Disposition.ITEM: "courriers enregistrés",
    Disposition.MESSAGE: "messages d’un courrier enregistré",
    Disposition.COPY: "copies d’un même envoi",
    Disposition.DEPARTURE: "départs numérisés",
    Disposition.BOUNCE: "avis de non-remise",
    Disposition.HISTORY: "antérieurs à la mise en service",
    Disposition.SET_ASIDE: "mis de côté",
    Disposition.QUARANTINE: "en quarantaine",
    Disposition.PROBE: "messages de contrôle",
}

APPEARANCES: Final[Mapping[Disposition, str]] = {
    Disposition.ITEM: "premier envoi",
    Disposition.MESSAGE: "message suivant",
    Disposition.COPY: "copie reçue ailleurs",
    Disposition.DEPARTURE: "départ numérisé",
    Disposition.BOUNCE: "avis de non-remise",
    Disposition.HISTORY: "antérieur",
    Disposition.SET_ASIDE: "mis de côté",
    Disposition.QUARANTINE: "en quarantaine",
    Disposition.PROBE: "message de contrôle",
}

WAITINGS: Final[Mapping[Waiting, str]] = {
    Waiting.TO_QUALIFY: "à qualifier",
    Waiting.QUARANTINE: "quarantaine",
    Waiting.RECEIPT_TO_CONFIRM: "date d’arrivée à confirmer",
    Waiting.TO_PRINT: "à imprimer",
    Waiting.TO_TRANSMIT: "à transmettre",
    Waiting.HELD: "envoi retenu",
}

CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.EMAIL: "courriel",
    Channel.FORM: "formulaire",
    Channel.LETTER: "lettre",
    Channel.REGISTERED_LETTER: "lettre recommandée",
    Channel.HAND_DELIVERED: "remis en main propre",
}

LATE_CAUSES: Final[Mapping[LateCause, str]] = {
    LateCause.ABSENCE: "absence", LateCause.PIECES: "pièces attendues",
    LateCause.THIRD: "avis d’un tiers", LateCause.ROUTING: "orientation",
    LateCause.SIGNATURE: "signature", LateCause.VOLUME: "volume",
    LateCause.COMPLEXITY: "complexité", LateCause.TOOL: "outil", LateCause.UNKNOWN: "inconnue",
}  # fmt: skip
"""Why a reply was late, in the order of their keys."""
NATURES: Final[Mapping[Nature, str]] = {
    Nature.UNKNOWN: "nature à préciser",
    Nature.INFORMATION: "demande d’information",
    Nature.REQUEST: "demande",
    Nature.COMPLAINT: "réclamation",
    Nature.SUGGESTION: "suggestion",
    Nature.APPEAL: "recours",
    Nature.PIECES: "envoi de pièces",
    Nature.CHASER: "relance",
    Nature.FOR_INFORMATION: "pour information",
}

PRIORITIES: Final[Mapping[Priority, str]] = {
    Priority.NORMALE: "normale",
    Priority.URGENTE: "urgente",
    Priority.SIGNALEE: "signalée",
}

CONFIDENTIALITIES: Final[Mapping[Confidentiality, str]] = {
    Confidentiality.NORMAL: "normale",
    Confidentiality.RESERVE: "réservée",
    Confidentiality.PERSONAL: "personnelle",
}

SENDERS: Final[Mapping[SenderKind, str]] = {
    SenderKind.UNKNOWN: "à préciser",
    SenderKind.CITIZEN: "particulier",
    SenderKind.ASSOCIATION: "association",
    SenderKind.COMPANY: "entreprise",
    SenderKind.LAWYER: "avocat",
    SenderKind.COURT: "juridiction",
    SenderKind.ELECTED: "élu",
    SenderKind.MINISTRY: "ministère",
    SenderKind.ADMINISTRATION: "administration",
    SenderKind.PRESS: "presse",
    SenderKind.DEFENSEUR: "Défenseur des droits",
    SenderKind.INTERNAL: "service de la préfecture",
}

CLOCKS: Final[Mapping[ClockName, str]] = {
    ClockName.REGISTRATION: "Enregistrement",
    ClockName.RECEIPT: "Accusé d’enregistrement",
    ClockName.SERVICES_PUBLICS: "Accusé Services Publics+",
    ClockName.ACKNOWLEDGEMENT: "Accusé de réception",
    ClockName.REPLY: "Réponse",
    ClockName.IMPLIED_DECISION: "Décision implicite",
    ClockName.HOLDING: "Nouvelle date annoncée",
    ClockName.PIECES: "Pièces demandées",
    ClockName.TRANSMISSION: "Transmission",
}

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.KEPT: "tenu",
    Outcome.LATE: "non tenu",
    Outcome.CLOSED: "classé sans réponse",
    Outcome.TRANSFERRED: "transmis",
    Outcome.MERGED: "fusionné",
    Outcome.MOOT: "sans objet",
    Outcome.BORN: "décision née du silence",
    Outcome.WITHDRAWN: "sans objet",
}

NOTICES: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.RECEIPT: "accusé d’enregistrement",
    NoticeKind.SIMPLE: "accusé de réception",
    NoticeKind.SVR: "accusé de réception (silence vaut rejet)",
    NoticeKind.SVA: "accusé de réception (silence vaut acceptation)",
    NoticeKind.HOLDING_REPLY: "réponse d’attente",
    NoticeKind.PIECES: "demande de pièces",
    NoticeKind.TRANSFER: "avis de transmission",
    NoticeKind.THIRD: "lettre à un tiers",
    NoticeKind.POINTER: "orientation vers un téléservice",
    NoticeKind.REPLY: "réponse",
    NoticeKind.DIGEST: "récapitulatif du jour",
    NoticeKind.WEEKLY: "page de la semaine",
    NoticeKind.RECTIFICATION: "rectification",
    NoticeKind.ALERT: "alerte",
    NoticeKind.COPY: "copie d’une lettre",
    NoticeKind.PERSON_CHANGED: "avis de changement de fiche",
    NoticeKind.EXERCISE: "message d’exercice",
    NoticeKind.SURVEY: "invitation à l’enquête",
    NoticeKind.MEETING: "invitation à une réunion",
    NoticeKind.ROOTS: "empreintes du registre",
}

NOTICE_STATES: Final[Mapping[str, str]] = {
    "planned": "prévu",
    "held": "retenu, attend une décision",
    "sent": "parti",
    "failed": "échec d’envoi",
    "bounced": "revenu, non remis",
    "withdrawn": "abandonné",
}

PROOFS: Final[Mapping[Proof, str]] = {
    Proof.DELIVERED: "envoi par nos soins",
    Proof.SEEN: "vue dans les messages envoyés",
    Proof.SCANNED: "départ numérisé",
    Proof.KEYED: "départ saisi",
    Proof.DECLARED: "déclarée",
}

RETURN_REASONS: Final[Mapping[ReturnReason, str]] = {
    ReturnReason.UNKNOWN_AT_ADDRESS: "n’habite pas à l’adresse indiquée (NPAI)",
    ReturnReason.REFUSED: "refusé par la personne",
    ReturnReason.UNCLAIMED: "recommandé non réclamé",
    ReturnReason.OTHER: "autre motif",
}

SETTLED: Final[Mapping[Settled, str]] = {
    Settled.SENT_AGAIN: "remis autrement",
    Settled.ADDRESS_CORRECTED: "adresse corrigée, à renvoyer par le service",
    Settled.NOTHING_MORE: "rien de plus à faire",
}

WAYS: Final[Mapping[Way, str]] = {Way.MAIL: "par courriel", Way.PAPER: "sur papier"}

LINKS: Final[Mapping[LinkReason, str]] = {
    LinkReason.ENDED_THREAD: "suite d’un échange déjà répondu ou classé",
    LinkReason.OTHER_SENDER: "même échange, autre expéditeur",
    LinkReason.LIKENESS: "même correspondant et même objet",
    LinkReason.OUR_CODE: "ce papier porte un code que nous avons imprimé pour lui",
    LinkReason.CITED_NUMBER: "ce papier cite son numéro",
    LinkReason.SAME_LABEL: "même étiquette qu’un papier déjà numérisé",
    LinkReason.CAME_FIRST: "relance arrivée avant le courrier qu’elle cite",
}


def kind_of_item(category: str, nature: Nature) -> str:
    """Says what kind of letter an item is: its category, and its nature where that is another."""
    return category if category == NATURES[nature] else f"{category}, {NATURES[nature]}"


def keys_revoked(keys: Collection[str]) -> str:
    """Formats in French how many API keys a departure revoked, to end a sentence; or nothing."""
    return f" Clés d’application révoquées\N{NO-BREAK SPACE}: {len(keys)}." if keys else ""


def short_day(day: date) -> str:
    """Formats a day in French: « 12/05/2026 »."""
    return f"{day:%d/%m/%Y}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Formats a local moment in French: « 12/05/2026 à 10 h 03 »."""
    local = at.astimezone(zone)
    return f"{local:%d/%m/%Y} à {local_days.plain_hour(local)}"


def jours_ouvres(count: int) -> str:
    """Formats a number of jours ouvrés: « 1 jour ouvré », « 5 jours ouvrés »."""
    return f"{count} jour{'s' if abs(count) > 1 else ''} ouvré{'s' if abs(count) > 1 else ''}"


def amount(count: int, words: str) -> str:
    """Formats a number and what it counts, each word in its number: « 1 délai », « 2 délais ».

    `words` is in the singular; a word that ends in s, x or z stays as it is.
    """
    if abs(count) > 1:
        words = " ".join(word if word[-1] in "sxz" else f"{word}s" for word in words.split(" "))
    return f"{count} {words}"


def ordinal(count: int) -> str:
    """Formats an ordinal in French: « 1er », « 15e »."""
    return "1er" if count == 1 else f"{count}e"


_SOURCES: Final = (
    *(("mailbox:", "boîte"), ("sent:", "messages envoyés de"), ("scans:", "numérisation")),
    *(("spool", "dépôt ou formulaire"), ("provider", "fournisseur d’identité")),
)


def source(name: str) -> str:
    """Formats the source of an arrival in French: « boîte bmi » for `mailbox:bmi`."""
    for start, said in _SOURCES:
        if name.startswith(start):
            return f"{said} {name[len(start) :].lstrip(':')}".strip()
    return name


def days_left(today: date, limit: date, days: WorkingCalendar) -> str:
    """Formats the jours ouvrés left until a limit in French: « reste 3 jours ouvrés »."""
    between = days.between(today, limit)
    if limit < today:
        return f"en retard de {jours_ouvres(max(1, -between))}"
    return f"reste {jours_ouvres(between)}" if between else "échéance ce soir"


BY_TWO: Final[Mapping[TwoPersonAct, str]] = {
    TwoPersonAct.LIFT_HOLD: "lever la conservation",
    TwoPersonAct.LEAVE_PERIMETER: "mettre hors périmètre après l’échéance",
}


def by_command(account: str, why: str = "") -> str:
    """Returns the French words for a fact recorded by a command: « par commande (compte root) »."""
    said = " : ".join(part for part in (f"compte {account}" if account else "", why) if part)
    return f"par commande ({said})" if said else "par commande"
