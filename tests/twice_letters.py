"""Made letters that came twice, and letters that only look so, each with what is true of the pair.

A pair is a first letter and a second one: the same on paper (as OCR reads it, with its addresses),
the same with a changed sentence, the same model sent by somebody else, by a platform for two
persons, or by an association and then by a supporter who names it, or another letter of the same
person on the same matter. Everything follows from a number.
"""

import random
import string
from dataclasses import dataclass
from typing import Final, Literal

from services.desk.domain.likeness import names_of
from shared.content.plis import Correspondent, Pli

Kind = Literal["paper", "changed", "model", "platform", "author", "other"]
KINDS: Final[tuple[Kind, ...]] = ("paper", "changed", "model", "platform", "author", "other")
SAME: Final[frozenset[Kind]] = frozenset({"paper", "changed"})
"""The kinds that are one letter."""
_FIRST: Final = ("Camille", "Renaud", "Solange", "Yacine", "Odile", "Fatou", "Marius", "Inès")
_LAST: Final = (
    "Exemple",
    "Tilleul",
    "Bruyère",
    "Belmadi",
    "Charpentreau",
    "Sarr",
    "Auroy",
    "Vernoux",
)
_MATTERS: Final = (
    ("mon titre de séjour", "ma demande de renouvellement", "le récépissé", "le rendez-vous"),
    ("mon permis de conduire", "l’échange de mon permis", "l’attestation", "la visite médicale"),
    ("la course cycliste de notre club", "l’autorisation demandée", "le parcours", "l’assurance"),
    ("le bruit de la carrière voisine", "ma plainte du printemps", "le contrôle", "les mesures"),
    ("la carte grise de ma voiture", "le changement de titulaire", "le dossier", "le certificat"),
)
_SAID: Final = (
    "Je vous écris au sujet de {0}, que j’ai déjà évoqué à votre guichet le {d}.",
    "J’ai déposé {1} le {d} et je n’ai reçu aucune réponse depuis cette date.",
    "Votre service m’a indiqué par téléphone que {2} me parviendrait sous trois semaines.",
    "Malgré deux courriels envoyés à votre secrétariat, {3} n’est toujours pas fixé ni confirmé.",
    "Mon employeur me réclame ce document avant le {d} et menace de suspendre mon contrat.",
    "Je joins à cette lettre la copie des pièces que vous m’avez demandées en dernier lieu.",
    "Je vous serais reconnaissant de bien vouloir me dire où en est {1} à ce jour.",
    "Ma famille et moi vivons dans l’incertitude depuis que {2} est arrivé à son terme.",
    "Le maire de ma commune, que j’ai consulté, m’a conseillé de m’adresser à vous directement.",
    "Je conteste l’explication donnée par votre agent, car {3} ne dépend pas de ma volonté.",
    "Je reste à votre disposition pour apporter toute précision utile sur {0}.",
    "Faute de réponse dans un délai raisonnable, je saisirai le Défenseur des droits.",
    "Je travaille de nuit à l’hôpital et ne peux me présenter que le matin avant onze heures.",
    "Mes deux enfants sont scolarisés à Issoudun et l’aînée prépare son baccalauréat cette année.",
    "La dépense que cela m’impose, soit {n} euros, dépasse ce que je peux avancer.",
    "Un voisin dans la même situation a obtenu satisfaction en moins de deux semaines.",
)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter as the register knows it: what names its sender, and its text."""

    names: tuple[str, ...]
    text: str


def a_pair(number: int, kind: Kind) -> tuple[SentLetter, SentLetter]:
    """Makes a first and a second letter, of a kind that says what they have in common."""
    dice = random.Random(f"{number} {kind}")  # noqa: S311  (made letters, no secret)
    name, matter = _name(dice), dice.choice(_MATTERS)
    said = _sentences(dice, matter)
    first = SentLetter((name, _address(name)), _mail(said, name))
    match kind:
        case "paper":
            second = SentLetter((), _read(dice, _paper(dice, said, name, matter)))
        case "changed":
            changed = list(said)
            changed[dice.randrange(len(said))] = (
                f"Depuis ma dernière lettre, rien n’a changé et il reste {dice.randrange(9)} jours."
            )
            second = SentLetter(first.names, _mail(changed, name))
        case "model":
            other = _name(dice, name)
            second = SentLetter((other, _address(other)), _mail(said, other))
        case "platform":
            other = _name(dice, name)
            first = SentLetter(_by_platform(name), _mail(said, name))
            second = SentLetter(_by_platform(other), _mail(said, other))
        case "author":
            club = "Les Amis du Bourg"
            written = [*said, f"C’est ce que l’association {club} vous a écrit et que je reprends."]
            first = SentLetter((club, "amis@bourg.example"), _mail(written, club))
            second = SentLetter((name, _address(name)), _mail(written, name))
        case "other":
            again = dice.sample(said, max(1, len(said) // 3))
            fresh = [new for new in _sentences(dice, matter) if new not in said]
            second = SentLetter(first.names, _mail([*again, *fresh], name))
    return first, second


def _by_platform(name: str) -> tuple[str, ...]:
    """What names the sender of a petition's letter, which comes from the platform's address."""
    platform = Correspondent(name="Pétitions", address="ne-pas-repondre@petitions.example")
    answer_to = Correspondent(name=name, address=_address(name))
    return names_of(Pli(kind="mail", sender=platform, answer_to=answer_to))


def _name(dice: random.Random, unlike: str = "") -> str:
    while (name := f"{dice.choice(_FIRST)} {dice.choice(_LAST)}") == unlike:
        pass
    return name


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@orange.example"


def _sentences(dice: random.Random, matter: tuple[str, ...]) -> list[str]:
    chosen = dice.sample(_SAID, dice.randrange(5, 10))
    return [
        sentence.format(*matter, d=f"{dice.randrange(1, 28)} mars", n=dice.randrange(40, 900))
        for sentence in chosen
    ]


def _mail(said: list[str], name: str) -> str:
    return "\n\n".join(("Madame, Monsieur,", *said, f"Cordialement,\n{name}"))


def _paper(dice: random.Random, said: list[str], name: str, matter: tuple[str, ...]) -> str:
    head = (
        f"{name}\n{dice.randrange(1, 90)} rue des Tanneurs\n36100 Issoudun",
        "Monsieur le Préfet de l’Indre\nPlace de la Victoire\n36000 Châteauroux",
        f"Issoudun, le {dice.randrange(1, 28)} mars 2026\n\nObjet : {matter[0]}",
        "Monsieur le Préfet,",
    )
    body = "\n".join(_folded(" ".join(said)))
    leave = "Je vous prie d’agréer, Monsieur le Préfet, l’expression de ma considération."
    return "\n\n".join((*head, body, leave, name))


def _folded(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > 80:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _read(dice: random.Random, text: str) -> str:
    """As OCR reads it: one letter in a hundred is another one, or gone."""
    letters = list[str]()
    for letter in text:
        if letter.isalpha() and dice.random() < 0.01:
            letters.append(dice.choice(("", dice.choice(string.ascii_lowercase))))
        else:
            letters.append(letter)
    return "".join(letters)
