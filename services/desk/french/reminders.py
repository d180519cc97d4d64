"""Reminders and escalations in sentences: of which limit, how near or late it was, who was told."""

from collections.abc import Mapping
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.store.warnings import Warned
from shared.facts.clocks import RungReached
from shared.facts.vocabulary import Audience

AUDIENCES: Final[Mapping[Audience, str]] = {
    Audience.HOLDER: "l’agent ou le responsable du service",
    Audience.HEAD: "le responsable du service",
    Audience.DIRECTOR: "la direction",
    Audience.MAIL_OFFICE: "le bureau du courrier",
    Audience.MAIL_OFFICE_HEAD: "le responsable du bureau du courrier",
}
"""To whom a reminder goes, by function: the people are looked up when it leaves."""
OBSERVED: Final = "observed:"


def sentence(warned: Warned, names: Names) -> str:
    """Formats a deadline reminder in French: « Rappel (réponse) : reste 2 jours ouvrés. … »."""
    told = warned.told
    what = "Alerte" if told.days > 0 else "Rappel"
    clock = labels_fr.CLOCKS[told.clock]
    said = f"{what} ({clock[0].lower()}{clock[1:]}) : {_left(told)}. Prévenus : "
    said += ", ".join(dict.fromkeys(_readers(told, names)))
    return said if warned.withdrawn_at is None else f"{said} (rappel levé depuis)"


def _left(told: RungReached) -> str:
    if told.rung.startswith(OBSERVED):
        return "un message vu dans les envois attend d’être confirmé"
    if told.days > 0:
        return f"en retard de {labels_fr.jours_ouvres(told.days)}"
    return f"reste {labels_fr.jours_ouvres(-told.days)}" if told.days else "échéance ce jour-là"


def _readers(told: RungReached, names: Names) -> list[str]:
    holder = told.holder.person
    return [
        names.person(holder) if audience is Audience.HOLDER and holder else AUDIENCES[audience]
        for audience in told.tell
    ]
