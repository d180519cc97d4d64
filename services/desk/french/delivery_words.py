"""What became of what left, in French: of a registered letter by the post, of a copy by mail."""

from collections.abc import Mapping
from datetime import date
from typing import Final, assert_never

from services.desk.domain.postal_numbers import format_number
from services.desk.french import labels_fr
from shared.facts.items.replies import (
    DeliveryNoticed,
    RegisteredLetterSent,
    SecureMailRead,
    SecureMailSent,
)
from shared.facts.vocabulary import ReturnReason, Way

DELIVERY: Final[Mapping[ReturnReason | None, str]] = {
    None: "signé le {day}",
    ReturnReason.UNCLAIMED: "pli avisé le {day} et non réclamé",
    ReturnReason.UNKNOWN_AT_ADDRESS: "présenté le {day}, n’habite pas à l’adresse indiquée (NPAI)",
    ReturnReason.REFUSED: "refusé le {day}",
    ReturnReason.OTHER: "présenté le {day}, non remis pour un autre motif",
}
"""What a returned avis de réception says; `None`: somebody signed."""

SIGNED: Final = "signed"
ENDINGS: Final = (
    (SIGNED, "signé"),
    (ReturnReason.UNCLAIMED.value, "pli avisé et non réclamé"),
    (ReturnReason.UNKNOWN_AT_ADDRESS.value, "n’habite pas à l’adresse indiquée (NPAI)"),
    (ReturnReason.REFUSED.value, "refusé"),
)
"""What a form offers that an avis de réception says."""

COPY_STATES: Final[Mapping[str | None, str]] = {
    None: "partira une fois la lettre partie",
    "planned": "va partir",
    "held": "retenue, attend une décision",
    "sent": "partie le {moment}",
    "failed": "refusée par sa messagerie le {moment}",
    "bounced": "revenue le {moment}, non remise",
    "withdrawn": "abandonnée",
}
"""What became of a copy of a letter; `None`: nobody has said anything of it yet."""
COPY_OUTCOMES: Final[Mapping[Way | None, str]] = {
    Way.MAIL: "envoyée de nouveau",
    Way.PAPER: "remise sur papier",
    None: "rien de plus à faire",
}
"""What was done of a copy that was not delivered; `None`: nothing more."""


def delivery(on: date, reason: ReturnReason | None) -> str:
    """Formats what an avis de réception says in French: the local day, why nobody signed."""
    return DELIVERY[reason].format(day=labels_fr.short_day(on))


def number_words(number: str) -> str:
    """Formats the number of a registered letter in French, as on its label."""
    return f"n°\N{NO-BREAK SPACE}{format_number(number)}"


def sentence(
    fact: RegisteredLetterSent | DeliveryNoticed | SecureMailSent | SecureMailRead,
) -> str:
    """Formats a fact of how a letter was delivered as a French sentence of the item's story."""
    match fact:
        case RegisteredLetterSent():
            return f"Envoi recommandé : {labels_fr.NOTICES[fact.kind]}, {number_words(fact.number)}"
        case DeliveryNoticed():
            return f"Avis de réception revenu : {delivery(fact.on, fact.reason)}"
        case SecureMailSent():
            also = copies_words(fact.recipients - 1)
            what = f"{labels_fr.NOTICES[fact.kind]}{also} (dossier Pastell {fact.remote})"
            return f"Mail sécurisé envoyé\N{NO-BREAK SPACE}: {what}"
        case SecureMailRead():
            number = f"la copie n°\N{NO-BREAK SPACE}{fact.recipient}"
            who = number if fact.recipient else "la personne"
            what = labels_fr.NOTICES[fact.kind]
            return f"Mail sécurisé lu par {who}\N{NO-BREAK SPACE}: {what}"
        case _:
            assert_never(fact)


def copies_words(copies: int) -> str:
    """Formats, as the end of a French phrase, how many copies left with a letter; none: nothing."""
    return "" if not copies else f", avec {copies} copie{'s' if copies > 1 else ''}"


def letter_words(template: str | None, copies: int = 0) -> str:
    """Formats, as the end of a French sentence, the standard letter that was used and its copies.

    « , courrier type titre-de-sejour-suivi (version 3), avec 2 copies »; neither: nothing.
    """
    with_copies = copies_words(copies)
    if template is None:
        return with_copies
    letter, _, number = template.partition("@")
    used = f"courrier type {letter} (version {number})"
    if number == "0":
        used = "réponse libre" if letter == "_libre" else "texte de la préfecture"
    return f", {used}{with_copies}"


def copy_state(state: str | None, moment: str) -> str:
    """Formats in French what became of a copy of a letter; `None`: nobody said anything yet.

    `moment`: when something was said of it last, in French.
    """
    return COPY_STATES[state].format(moment=moment)


def undelivered_copy(address: str, state: str, moment: str) -> str:
    """Formats a French sentence: to whom a copy was not delivered, by whom and when.

    `address`: empty where it is not known; `state`: `failed`, refused by a mail server, or
    `bounced`, returned by one; `moment`: in French.
    """
    whom = f"La copie destinée à {address}" if address else "Une copie"
    how = "sa messagerie l’a refusée" if state == "failed" else "elle est revenue"
    return f"{whom} n’a pas été remise : {how} le {moment}."
