"""Words of the public's pages."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.desk.pages.public.entered import Wish
from shared.facts.vocabulary import Theme
from shared.site.bundle import Site

WISHES: Final[Mapping[Wish, tuple[str, str]]] = {
    Wish.COMPLAINT: ("Une réclamation", "quelque chose ne s’est pas bien passé"),
    Wish.SUGGESTION: ("Une suggestion", "vous proposez une amélioration"),
    Wish.REQUEST: ("Une demande", "vous avez une question ou besoin d’une réponse"),
}

THEMES: Final[Mapping[Theme, str]] = {
    Theme.APPOINTMENTS: "Les rendez-vous",
    Theme.WEBSITE: "Le site internet",
    Theme.RECEPTION: "L’accueil sur place",
    Theme.DELAY: "Un délai de réponse",
    Theme.TELEPHONE: "Le téléphone",
    Theme.AGENT: "Un agent",
    Theme.OTHER: "Autre chose",
}


def services(site: Site) -> Sequence[tuple[str, str]]:
    """The services that answer the public, by name."""
    answering = {row.service for row in site.routing.categories if row.perimeter}
    rows = (one for one in site.services.services if one.id in answering)
    return sorted(((one.id, one.name) for one in rows), key=lambda row: row[1])
