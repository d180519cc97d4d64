"""`/qualite`: the way in to the quality system: each of its parts, with what waits there."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import numbers
from services.desk.pages.visit import Visit
from services.desk.rights import Right, may
from services.desk.store import label_perimeter

HOME: Final = "/qualite"

PARTS: Final[Sequence[tuple[str, str, str]]] = (
    ("Chiffres", "/chiffres", "Ce qui a été tenu, par mois, service et canal."),
    (
        "Semaine",
        "/qualite/semaine",
        "La page de la semaine : chiffres arrêtés, ce qui est à décider.",
    ),
    ("Label", "/qualite/label", "Engagements et leurs preuves, calendrier, référentiel."),
    ("Mesures", "/qualite/mesures", "Ce qui est corrigé, par qui, pour quand, avec quel effet."),
    (
        "Comité",
        "/qualite/comite",
        "Le comité des usagers : membres, réunions, remarques, réponses.",
    ),
    (
        "Accueil",
        "/qualite/accueil",
        "Horaires, fiches et affiches, incidents de la page de rendez-vous, passages.",
    ),
    (
        "Site internet",
        "/qualite/site-internet",
        "Les pages relues par leurs correspondants, les modifications demandées.",
    ),
    (
        "Enquêtes",
        "/qualite/enquetes",
        "L’enquête de satisfaction : campagnes, saisie, résultats, remarques libres.",
    ),
    (
        "Groupes",
        "/qualite/groupes",
        "Comité de pilotage et groupes de travail : réunions, décisions suivies comme mesures.",
    ),
    (
        "Événements",
        "/evenement",
        "Module 7 : ligne des accusés, réponse groupée, exercices et leur bilan.",
    ),
    ("Mois", "/mois", "Clore un mois, l’imprimer, lire ses corrections."),
    ("Audit", "/audit", "Arrêter une liste, tirer au sort, expliquer."),
    ("Auditeurs", "/qualite/auditeurs", "Préparer la session d’un auditeur, à deux."),
    (
        "Nombres",
        "/qualite/nombres",
        "Les nombres du label qu’on veut remplacer, confirmés par une seconde personne.",
    ),
    ("Textes", "/qualite/textes", "Ce qui a été écrit ou déposé, et l’effacer à deux."),
)
"""Name, address and purpose of each part, in the order in which it is shown."""
PROVEN: Final = frozenset({"/audit", "/qualite/nombres", "/qualite/textes", "/qualite/auditeurs"})
"""Parts that take the right to prove."""


async def home(visit: Visit) -> Response:
    """Shows the start page of the quality system, with links to its parts."""
    proves = may(visit.roles, Right.PROVE)
    parts = [part for part in PARTS if proves or part[1] not in PROVEN]
    known = await label_perimeter.perimeter(visit.connection)
    names = Names(visit.applied.site, visit.directory)
    return await visit.html(
        "quality/home.html",
        parts=parts,
        asked=[names.service(id_) for id_ in sorted(known.asked)],
        replaced=len(await numbers.service(visit).waiting()) if proves else 0,
    )
