"""Whether a text names somebody of the préfecture, and its refusal. Pure.

A cause is an organisation, a tool or a rule, never a person: who writes « erreur de Mme X » is
refused and told what to write instead. Accents, ligatures, blanks, dashes and line ends are folded.
A family name counts where it is written as a name: with a capital, after « M. », « Mme »,
« agent », or in small letters where it is no word of the language (« petit », « marchand »); both
names, and a name of several words, in any case. « Petit » at the beginning of a sentence is
refused too, if a colleague is called so: another word is found quickly.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from shared.errors import Refused
from shared.site.tables.people import Person

_TITLES: Final = (
    r"(?:mm?\.?|mr|mmes?|mlles?|messieurs|mesdames|monsieur|madame|mademoiselle|dr|docteur|me"
    r"|maitre|agents?|agentes?|collegues?)"
)
_ALSO: Final = r"(?:\w+\W+){0,3}?(?:et|ou)\W+"
"""« MM. Aubry et Petit » names two."""
_SHORTEST: Final = 3
"""Letters of a family name that is looked for alone."""
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss"})
_COMMON: Final = """
    ange avril baron barre beau bel berger bernard blanc blanche bois bon bonnet bouche boucher
    boulanger bourgeois brun brune bureau carre chef chevalier clair clerc cocher comte coq
    cordier courant court cousin cuisinier deschamps dimanche doux duc fabre faucon faure fleur
    fontaine forestier forge fort fournier franc garde garnier gros grand grande guerin guide
    hardy heureux hiver huit jardin jeune joly jour juge laine lambert lance lemoine leroy
    libre long lourd loup maire maitre marchand marche marin martin masson mercier merle
    meunier michel midi mine moine moulin muller neuf noel noir oiseau page pain papillon
    parent paris pasteur perrier petit picard pierre pinson place plume poirier pont porte
    poste potier prevost prince prieur robin roche roi rose rouge rousseau roussel roux roy
    royer salle sauvage sergent serre simon soleil tailleur thomas tissot tonnelier vache valet
    vallee verger vert vidal vigne vincent vivier voisin
"""
_WORDS: Final = frozenset(_COMMON.split())
"""Family names that are words or first names too: in small letters they name nobody."""


def named_person(text: str, people: Iterable[Person]) -> Person | None:
    """Returns the first of these people of the préfecture whom a text names, or `None`."""
    plain = _plain(text)
    return next((person for person in people if _names(plain, person)), None)


def name_nobody(people: Iterable[Person], *texts: str) -> None:
    """Raises Refused if one of these texts names one of these people: at the first that does."""
    known = list(people)
    for text in texts:
        found = named_person(text, known)
        if found is not None:
            raise Refused(
                "A cause is an organisation, a tool or a rule, never a person: say what was"
                " lacking.",
                "text-names-agent",
                person=found.id,
            )


def _names(plain: str, person: Person) -> bool:
    name, first = _plain(person.name), _plain(person.first_name)
    folded = plain.casefold()
    family = re.escape(name.casefold())
    whole = re.escape(first.casefold())
    patterns = [
        rf"\b(?:{whole}\W+{family}|{family}\W+{whole})\b",
        rf"\b{_TITLES}\W+(?:{_ALSO})?{family}\b",
        rf"\b{re.escape(_plain(person.id).casefold())}\b",
    ]
    if len(name) >= _SHORTEST and (" " in name or name.casefold() not in _WORDS):
        patterns.append(rf"\b{family}\b")
    if any(re.search(pattern, folded) for pattern in patterns):
        return True
    written = (found.group() for found in re.finditer(rf"\b{family}\b", plain, re.IGNORECASE))
    return len(name) >= _SHORTEST and any(form[0].isupper() for form in written)


def _plain(text: str) -> str:
    """Without accents and ligatures; dashes, apostrophes, blanks and line ends as one blank."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        if not unicodedata.combining(letter)
    )
    spaced = (
        " " if letter in "'’`" or unicodedata.category(letter) == "Pd" else letter
        for letter in bare
        if unicodedata.category(letter) != "Cf"  # a soft hyphen, a mark of no width
    )
    return " ".join("".join(spaced).split())
