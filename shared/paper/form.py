"""The public's form on paper: what is printed on it, and what a person wrote between the lines.

The same page is handed out at the counter, printed from our pages, and read by the scanner. Its
code separates, so that no sheet is needed before it; its printed words must not be taken for the
words of whoever fills it in.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.paper import qr
from shared.paper.codes import FormCode, write
from shared.paper.typst_pdf import typeset
from shared.site.tables.identity import Identity

LAYOUT: Final = Path(__file__).with_name("paper_form.typ")

TITLE: Final = "Une réclamation, une suggestion, une demande"
LEAD: Final = (
    "Écrivez en lettres capitales si vous le pouvez. Remettez cette feuille au guichet, ou"
    " envoyez-la à l’adresse ci-dessus. Elle recevra un numéro et une réponse."
)
WISHES: Final = (
    "Une réclamation : quelque chose ne s’est pas bien passé",
    "Une suggestion : je propose une amélioration",
    "Une demande : j’ai une question ou besoin d’une réponse",
)
THEMES: Final = (
    "Les rendez-vous",
    "Le site internet",
    "L’accueil sur place",
    "Un délai de réponse",
    "Le téléphone",
    "Un agent",
    "Autre chose",
)
AGENT: Final = "Mon message parle d’un agent en particulier"
FIELDS: Final = ("Votre message", "Date", "Nom et prénom", "Adresse postale", "Courriel, téléphone")
ASKED: Final = (
    "Je vous adresse",
    "Cela concerne",
    "Pour me répondre (facultatif : sans adresse, nous ne pourrons pas vous répondre)",
)
BEHIND: Final = "Suite au dos, ou sur papier libre."

_LIKE = 0.7
"""How much of a line must stand in what is printed (0 to 1): OCR misreads a letter in ten."""
_RUN = 5
"""Letters in a row that count: pairs of letters stand in any long enough sentence."""


def printed_sentences(identity: Identity) -> Sequence[str]:
    """Returns every sentence printed on the public's paper form."""
    return (
        *(identity.authority, _postal(identity), TITLE, LEAD, *ASKED, *WISHES, *THEMES, AGENT),
        *(*FIELDS, BEHIND, identity.data_protection),
    )


def pdf(identity: Identity) -> bytes:
    """Makes the PDF of the public's paper form: one A4 page."""
    data = {
        "authority": identity.authority,
        "postal": _postal(identity),
        "title": TITLE,
        "lead": LEAD,
        "asked": ASKED,
        "wishes": WISHES,
        "themes": THEMES,
        "agent": AGENT,
        "fields": FIELDS,
        "behind": BEHIND,
        "notice": identity.data_protection,
        "code": write(FormCode(identity.id)),
        "qr": qr.svg(write(FormCode(identity.id))),
    }
    return typeset(LAYOUT, {"data": data})


def handwritten_text(pages: Sequence[str], identity: Identity) -> str:
    """Returns the OCR text of a filled paper form without the lines printed on it."""
    said = "\n".join(map(_plain, [*printed_sentences(identity), write(FormCode(identity.id))]))
    return "\n".join(
        line for page in pages for line in page.splitlines() if not _is_printed(line, said)
    )


def _is_printed(line: str, said: str) -> bool:
    """Whether most of a line stands in what is printed: OCR joins what stands side by side."""
    plain = _plain(line)
    if len(plain) < _RUN:
        return not plain
    known = {
        at + offset
        for at in range(len(plain) - _RUN + 1)
        if plain[at : at + _RUN] in said
        for offset in range(_RUN)
    }
    return len(known) >= _LIKE * len(plain)


def _plain(text: str) -> str:
    """Lower case, no accents, only letters, digits and single spaces."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def _postal(identity: Identity) -> str:
    postal = identity.postal
    return f"{postal.street}, {postal.postcode} {postal.town}"
