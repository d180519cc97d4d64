"""The chapters of the help, which pages lead to each, and the steps of the guided visit, by role.

The text of a chapter stands in templates/help/CHAPTER.html; a test holds that every page of the
menu has one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.pages.visit import Visit
from services.desk.roles import Roles
from services.desk.store import first_visits
from shared.facts.envelope import PersonId

HELP: Final = "/aide"
STEP: Final = "visite"
"""In the address of a page: the step of the guided visit that it is."""


def _everybody(_: Roles) -> bool:
    return True


def _office(roles: Roles) -> bool:
    return roles.mail_office


def _works(roles: Roles) -> bool:
    return bool(roles.services) or roles.secretary


def _leads(roles: Roles) -> bool:
    return bool(roles.leads) or roles.secretary


def _quality(roles: Roles) -> bool:
    return roles.quality or roles.secretary or bool(roles.directs)


def _governs(roles: Roles) -> bool:
    return roles.administrator


@dataclass(frozen=True, slots=True)
class HelpChapter:
    """A chapter of the help page: anchor, title, for which roles, addresses that lead to it."""

    anchor: str
    title: str
    concerns: Callable[[Roles], bool]
    pages: Sequence[str] = ()
    """Beginnings of addresses; the longest that fits a page decides."""


CHAPTERS: Final[Sequence[HelpChapter]] = (
    HelpChapter("premier-jour", "Votre premier jour", _everybody),
    HelpChapter("courriers", "Suivre ses courriers", _works, ("/", "/courriers", "/retenus")),
    HelpChapter("un-courrier", "La page d’un courrier", _works, ("/courrier/",)),
    HelpChapter("ensemble", "Notes, appels et avis", _works, ("/notes", "/avis", "/courrier/note")),
    HelpChapter(
        "repondre", "Répondre", _works, ("/courriers-types", "/delegations", "/signatures")
    ),
    HelpChapter("service", "Tenir son service", _leads, ("/service/",)),
    HelpChapter(
        "bureau", "Au bureau du courrier", _office, ("/bureau", "/imports", "/reprise", "/exports")
    ),
    HelpChapter("personnes", "Absences et suppléances", _everybody, ("/personne", "/moi")),
    HelpChapter("recherche", "Chercher", _everybody, ("/recherche",)),
    HelpChapter(
        "qualite",
        "Chiffres et label",
        _quality,
        (
            *("/qualite", "/chiffres", "/mois", "/audit", "/evenement", "/elimination", "/preuve"),
            *("/versement", "/donnees-personnelles"),
        ),
    ),
    HelpChapter(
        "administration",
        "Administrer",
        _governs,
        ("/administration", "/regles", "/sessions", "/cles-api", "/abonnements", "/journal"),
    ),
)
"""In the order in which the page shows them."""


@dataclass(frozen=True, slots=True)
class VisitStep:
    """A step of the guided visit: a page of the register, and what is to be seen on it."""

    url: str
    words: str
    concerns: Callable[[Roles], bool]


STEPS: Final[Sequence[VisitStep]] = (
    VisitStep(
        "/bureau",
        "Votre accueil : ce qui attend le bureau du courrier, le plus ancien d’abord. Chaque case"
        " mène à sa liste.",
        _office,
    ),
    VisitStep(
        "/bureau/file",
        "La file : les courriers à qualifier. Ouvert, chacun montre le papier à gauche et ce que"
        " la règle propose à droite ; une touche confirme, « z » annule.",
        _office,
    ),
    VisitStep(
        "/bureau/guichet",
        "Le guichet : un pli remis en main propre s’y enregistre, et son récépissé s’imprime.",
        _office,
    ),
    VisitStep(
        "/courriers",
        "Vos courriers, le plus urgent d’abord. Cliquez un numéro pour tout savoir d’un courrier"
        " et y répondre ; le menu compte ce que vous tenez.",
        _works,
    ),
    VisitStep(
        "/avis",
        "Ce qu’un autre service vous demande, et ce que vous attendez de lui. L’expéditeur n’en"
        " voit jamais rien.",
        _works,
    ),
    VisitStep(
        "/recherche",
        "La recherche pardonne les fautes de frappe : un numéro, un nom, un mot de la lettre.",
        _works,
    ),
    VisitStep(
        "/personnes",
        "Qui fait quoi. Votre nom, en haut de chaque page, mène à vos absences et à votre"
        " suppléant : notez-les avant de partir.",
        _everybody,
    ),
    VisitStep(
        "/administration",
        "L’état de l’installation : boîtes lues, règles en vigueur, ce qui est mis de côté.",
        _governs,
    ),
)


def chapter_of(path: str) -> HelpChapter:
    """Returns the help chapter for a page's address; by default that on the first day."""
    if path.startswith("/courrier/") and path.endswith(("/note", "/appel-visite", "/avis")):
        path = "/courrier/note"
    found = [
        (len(start), chapter)
        for chapter in CHAPTERS
        for start in chapter.pages
        if path == start or (start != "/" and path.startswith(start))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else CHAPTERS[0]


def steps_of(roles: Roles, has_page: Callable[[str], bool]) -> Sequence[VisitStep]:
    """Returns the steps of the guided visit for these roles, without pages that are not offered."""
    return [step for step in STEPS if step.concerns(roles) and has_page(step.url)]


async def first_step(visit: Visit) -> str:
    """Returns the address where the person's guided visit begins; empty once it is over."""
    if await first_visits.is_over(visit.connection, PersonId(visit.person.id)):
        return ""
    steps = steps_of(visit.roles, lambda _: True)
    return f"{steps[0].url}?{STEP}=1" if steps else ""
