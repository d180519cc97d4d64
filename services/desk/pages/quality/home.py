"""`/qualite`: the way in to the quality system: each of its parts, with what waits there."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from services.desk.pages.visit import Visit

HOME: Final = "/qualite"

PARTS: Final[Sequence[tuple[str, str, str]]] = (
    ("Chiffres", "/chiffres", "Ce qui a été tenu, par mois, service et canal."),
    ("Label", "/qualite/label", "Engagements et leurs preuves, calendrier, référentiel."),
    ("Mesures", "/qualite/mesures", "Ce qui est corrigé, par qui, pour quand, avec quel effet."),
    (
        "Comité",
        "/qualite/comite",
        "Le comité des usagers : membres, réunions, remarques, réponses.",
    ),
    ("Mois", "/mois", "Clore un mois, l’imprimer, lire ses corrections."),
    ("Audit", "/audit", "Arrêter une liste, tirer au sort, expliquer."),
)
"""Name, address and purpose of each part, in the order in which it is shown."""


async def home(visit: Visit) -> Response:
    """Shows the start page of the quality system, with links to its parts."""
    return await visit.html("quality/home.html", parts=PARTS)
