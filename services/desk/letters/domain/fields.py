"""The closed list of fields that a standard letter may name, and what is wrong with a text.

A field is written `{référence}`. There is nothing else: no condition, no loop, no format.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from typing import Final

from services.desk.domain.paper_letters import COMPOSED
from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind

MOST_SUBJECT: Final = 150
MOST_BODY: Final = 20_000
"""Characters; four pages."""
MOST_TITLE: Final = 120


class FieldOrigin(Enum):
    """The origin of the value of a letter's field: the item, the register, or the agent."""

    ITEM = auto()
    """The item and what the sender wrote: the agent may put it otherwise."""
    HOUSE = auto()
    """The register, the agent's own file, the site's rules: not to be typed."""
    ASKED = auto()
    """The agent says it each time."""


class Shape(Enum):
    """The form in which an agent enters a letter's field: line, text, day, pieces, office."""

    LINE = auto()
    TEXT = auto()
    DAY = auto()
    PIECES = auto()
    """List, one entry a line: a code of labels.yaml, or words."""
    OFFICE = auto()
    """A code of labels.yaml."""


@dataclass(frozen=True, slots=True)
class LetterField:
    """A field `{name}` that a standard letter may contain; `what` explains it to its author."""

    name: str
    what: str
    origin: FieldOrigin
    shape: Shape = Shape.LINE


THIRD_MAIL: Final = "courriel_tiers"
THIRD_POSTAL: Final = "adresse_tiers"
"""Where a letter to a third party goes: said beside its text."""

_ALL = (
    LetterField("civilité", "« Madame », « Monsieur » ou « Madame, Monsieur »", FieldOrigin.ITEM),
    LetterField("nom", "nom de la personne qui a écrit", FieldOrigin.ITEM),
    LetterField("objet", "objet de son message, tel qu’elle l’a écrit", FieldOrigin.ITEM),
    LetterField(
        "démarche",
        "objet du courrier au registre, par exemple « titre de séjour »",
        FieldOrigin.ITEM,
    ),
    LetterField("référence", "numéro du courrier au registre", FieldOrigin.HOUSE),
    LetterField("votre_courrier", "« votre courrier » ou « votre message »", FieldOrigin.HOUSE),
    LetterField("date_réception", "jour de réception", FieldOrigin.HOUSE),
    LetterField("date", "jour de la réponse", FieldOrigin.HOUSE),
    LetterField("agent_prénom", "prénom de l’agent", FieldOrigin.HOUSE),
    LetterField("agent_nom", "nom de l’agent", FieldOrigin.HOUSE),
    LetterField("agent_qualité", "qualité de l’agent", FieldOrigin.HOUSE),
    LetterField("agent_téléphone", "téléphone de l’agent", FieldOrigin.HOUSE),
    LetterField("préfecture", "nom de la préfecture", FieldOrigin.HOUSE),
    LetterField("service", "le service, en mots courants puis par son nom", FieldOrigin.HOUSE),
    LetterField("adresse", "adresse postale du service", FieldOrigin.HOUSE),
    LetterField("téléphone", "téléphone du service", FieldOrigin.HOUSE),
    LetterField("courriel", "adresse électronique du service", FieldOrigin.HOUSE),
    LetterField("horaires", "horaires d’accueil du service", FieldOrigin.HOUSE),
    LetterField(
        "pour_répondre",
        "« répondez à ce message » ; sur papier, « écrivez-nous à l’adresse indiquée au bas de"
        " cette lettre »",
        FieldOrigin.HOUSE,
    ),
    LetterField("site_internet", "site internet de la préfecture", FieldOrigin.HOUSE),
    LetterField(
        "rendez_vous",
        "« Prenez rendez-vous sur … » ; rien si le service n’a pas de page de rendez-vous",
        FieldOrigin.HOUSE,
        Shape.TEXT,
    ),
    LetterField("pièces", "liste des pièces demandées", FieldOrigin.ASKED, Shape.PIECES),
    LetterField(
        "date_limite", "dernier jour pour recevoir les pièces", FieldOrigin.ASKED, Shape.DAY
    ),
    LetterField(
        "nouvelle_date", "jour promis par une réponse d’attente", FieldOrigin.ASKED, Shape.DAY
    ),
    LetterField(
        "administration",
        "administration à laquelle on transmet, ou tiers à qui l’on écrit",
        FieldOrigin.ASKED,
        Shape.OFFICE,
    ),
    LetterField(
        "date_réponse",
        "jour pour lequel le tiers est prié de répondre",
        FieldOrigin.ASKED,
        Shape.DAY,
    ),
    LetterField(
        "tiers_depuis", "jour depuis lequel la réponse du tiers est attendue", FieldOrigin.HOUSE
    ),
    LetterField(THIRD_MAIL, "adresse électronique du tiers, pour un courriel", FieldOrigin.ASKED),
    LetterField(
        THIRD_POSTAL, "adresse postale du tiers, pour une lettre", FieldOrigin.ASKED, Shape.TEXT
    ),
    LetterField("motif", "motif, en quelques mots", FieldOrigin.ASKED),
    LetterField("précisions", "ce qui est propre à cette demande", FieldOrigin.ASKED, Shape.TEXT),
)
FIELDS: Final[Mapping[str, LetterField]] = {field.name: field for field in _ALL}

NEEDED: Final[Mapping[NoticeKind, Sequence[str]]] = {
    NoticeKind.REPLY: (),
    NoticeKind.HOLDING_REPLY: ("nouvelle_date",),
    NoticeKind.PIECES: ("pièces", "date_limite"),
    NoticeKind.TRANSFER: ("administration",),
    NoticeKind.THIRD: ("administration", "date_réponse"),
}
"""The kinds of standard letters, and what the law or the framework wants in each (DOMAIN §7):
a holding reply its new date, a request its pieces and time limit (L114-5), a transmission to whom
(L114-2), a letter to a third party whom, and by when."""

_BRACED = re.compile(r"\{([^{}\n]{1,60})\}")


def field_names(text: str) -> Sequence[str]:
    """Returns the names in braces in a letter's text, each once, whether fields exist or not."""
    return tuple(dict.fromkeys(_name(found) for found in _BRACED.findall(text)))


def fill_fields(text: str, values: Mapping[str, str]) -> str:
    """Returns a letter's text with each field `{name}` that has a value filled; others stay."""
    return _BRACED.sub(lambda found: values.get(_name(found[1]), found[0]), text)


def _name(written: str) -> str:
    return unicodedata.normalize("NFC", written.strip().lower())


def wrongs(kind: NoticeKind, title: str, subject: str, body: str) -> Sequence[Refused]:
    """Checks the text of a standard letter; returns its mistakes, each as a `Refused`."""
    return [*lengths(title, subject, body), *_fields(subject, body), *_needed(kind, subject, body)]


def lengths(title: str, subject: str, body: str) -> Iterator[Refused]:
    """Yields a refusal where a letter's title, subject or body is missing or too long."""
    for what, text, most in (
        ("title", title, MOST_TITLE),
        ("subject", subject, MOST_SUBJECT),
        ("body", body, MOST_BODY),
    ):
        if not text.strip():
            yield Refused(f"The {what} is empty.", f"letter-no-{what}")
        elif len(text) > most:
            yield Refused(
                f"The {what} has {len(text)} characters: at most {most}.",
                "letter-too-long",
                size=len(text),
                most=most,
            )
    if "\n" in subject.strip():
        yield Refused("The subject is one line.", "letter-subject-one-line")


def _fields(subject: str, body: str) -> Iterator[Refused]:
    for number, line in enumerate(f"{subject.strip()}\n{body}".split("\n")):
        where = f"On line {number}" if number else "In the subject"
        for name in field_names(line):
            if name not in FIELDS:
                yield _unknown(name, where, number)
        if set("{}") & set(_BRACED.sub("", line)):
            yield Refused(
                f"{where} a brace stands alone: a field is written {{référence}}.",
                "letter-lone-brace",
                line=number,
            )


def _unknown(name: str, where: str, number: int) -> Refused:
    close = get_close_matches(name, FIELDS, n=1, cutoff=0.5)
    if close:
        return Refused(
            f"{where} there is no field {{{name}}}: did you mean {{{close[0]}}}?",
            "letter-near-field",
            field=name,
            line=number,
            near=close[0],
        )
    return Refused(
        f"{where} there is no field {{{name}}}; there are {', '.join(FIELDS)}.",
        "letter-unknown-field",
        field=name,
        line=number,
        known=", ".join(FIELDS),
    )


def _needed(kind: NoticeKind, subject: str, body: str) -> Iterator[Refused]:
    if kind not in NEEDED:
        yield Refused(
            f"A standard letter is one of {', '.join(COMPOSED)}, not {kind}.", "letter-no-such-kind"
        )
        return
    named = field_names(f"{subject}\n{body}")
    for name in NEEDED[kind]:
        if name not in named:
            yield Refused(
                f"A letter of kind {kind} must hold {{{name}}}.",
                "letter-field-needed",
                field=name,
            )
