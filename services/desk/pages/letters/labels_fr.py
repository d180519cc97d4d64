"""The French of standard letters: kinds, states, and each point of the check-list."""

from collections.abc import Mapping
from typing import Final

from services.desk.letters.domain.form import FormFinding, Point
from services.desk.letters.domain.library import LetterState
from services.desk.letters.domain.sheets import SheetKind
from shared.facts.vocabulary import NoticeKind

KINDS: Final[Mapping[NoticeKind | SheetKind, str]] = {
    NoticeKind.REPLY: "réponse",
    NoticeKind.HOLDING_REPLY: "réponse d’attente",
    NoticeKind.PIECES: "demande de pièces",
    NoticeKind.TRANSFER: "transmission",
    NoticeKind.THIRD: "lettre à un tiers",
    SheetKind.SLIP: "fiche à remettre",
    SheetKind.PANEL: "panneau de fermeture",
    SheetKind.POSTER: "affiche des horaires",
}

STATES: Final[Mapping[LetterState, tuple[str, str]]] = {
    LetterState.DRAFT: ("brouillon", "wait"),
    LetterState.SUBMITTED: ("à approuver", "risk"),
    LetterState.APPROVED: ("approuvée", "done"),
    LetterState.WITHDRAWN: ("retirée", ""),
}
"""What is said of a version, and the kind of its chip."""

EFFECTS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.REPLY: "Le délai de réponse s’arrêtera quand elle sera partie.",
    NoticeKind.HOLDING_REPLY: "Le délai de réponse continue ; la date annoncée sera suivie.",
    NoticeKind.PIECES: "Les pièces seront attendues jusqu’à la date indiquée.",
    NoticeKind.TRANSFER: "Le courrier sera noté comme transmis, et la personne prévenue.",
    NoticeKind.THIRD: "La réponse du tiers sera attendue ; aucun délai ne s’arrête.",
}
"""What sending one does to the item."""

WAYS: Final[Mapping[str, str]] = {"mail": "courriel", "pdf": "PDF", "odt": ".odt"}

_POINTS: Final[Mapping[Point, tuple[str, str]]] = {
    Point.FIRST_NAME: ("Prénom de l’agent", "Votre prénom manque : complétez votre fiche."),
    Point.NAME: ("Nom de l’agent", "Votre nom manque : complétez votre fiche."),
    Point.CAPACITY: ("Qualité de l’agent", "Votre qualité manque : complétez votre fiche."),
    Point.SERVICE: ("Service", "Le nom du service n’est pas dans la lettre."),
    Point.ADDRESS: ("Adresse du service", "L’adresse du service n’est pas dans la lettre."),
    Point.PHONE: ("Téléphone", "Le téléphone du service n’est pas dans la lettre."),
    Point.EMAIL: ("Courriel", "L’adresse électronique du service n’est pas dans la lettre."),
    Point.REFERENCE: ("Référence", "La référence du courrier n’est pas dans la lettre."),
    Point.SUBJECT: ("Objet", "L’objet est vide."),
    Point.DATE: ("Date", "La date n’est pas dans la lettre."),
    Point.PROMISED: (
        "Date annoncée",
        "La date que donne le texte n’est pas celle du champ : corrigez l’une ou l’autre.",
    ),
    Point.DELEGATION: (
        "Délégation de signature",
        "Vous n’avez pas de délégation de signature pour cette lettre : mettez-la à la signature.",
    ),
    Point.NO_REPLY_TO_PAPER: (
        "Texte d’une lettre",
        "Une lettre ne peut pas dire « répondez à ce message » : corrigez le texte.",
    ),
    Point.BODY: ("Texte", "Le texte est vide."),
    Point.UNFILLED: ("Champs remplis", "Il reste à remplir :"),
    Point.BY_HAND: (
        "À la main",
        "Sur papier, « □ » tient la place de ce qui ne s’imprime pas, à écrire à la main :",
    ),
    Point.SALUTATION: ("Formule d’appel", "Conseil : commencez par saluer la personne."),
    Point.CLOSING: ("Formule de politesse", "Conseil : terminez par une formule de politesse."),
}


_NAMED: Final = frozenset({Point.UNFILLED, Point.BY_HAND})
"""Points whose sentence ends with what it is about."""


def finding_sentence(finding: FormFinding) -> str:
    """Formats a finding of a letter's form check in French: what it shows, or what it lacks."""
    name, lacks = _POINTS[finding.point]
    if finding.holds:
        return f"{name} : {finding.shown}" if finding.shown else name
    return f"{lacks} {finding.shown}" if finding.point in _NAMED else lacks
