"""Whether a text names somebody of the préfecture. Pure.

A cause is an organisation, a tool or a rule, never a person: who writes « erreur de Mme X » is
refused and told what to write instead. A name counts where it is written as a name: a family name
with a capital, or after « M. », « Mme », « agent »; both names in any case. « Petit » at the
beginning of a sentence is refused too, if a colleague is called so: another word is found quickly.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from shared.site.tables.people import Person

_TITLES: Final = r"(?:m\.?|mr|mme|mlle|monsieur|madame|mademoiselle|agent|agente|collegue)"
_SHORTEST: Final = 3
"""Letters of a family name that is looked for alone."""


def named(text: str, people: Iterable[Person]) -> Person | None:
    """The first of these people whom a text names; `None`: it names nobody."""
    return next((person for person in people if _names(text, person)), None)


def _names(text: str, person: Person) -> bool:
    plain, name, first = _plain(text), _plain(person.name), _plain(person.first_name)
    folded = plain.casefold()
    family = re.escape(name.casefold())
    whole = re.escape(first.casefold())
    if re.search(rf"\b(?:{whole}\W+{family}|{family}\W+{whole})\b", folded):
        return True
    if re.search(rf"\b{_TITLES}\W+{family}\b", folded):
        return True
    if re.search(rf"\b{re.escape(person.id.casefold())}\b", folded):
        return True
    written = {name, name.title(), name.upper()}
    return len(name) >= _SHORTEST and any(
        re.search(rf"\b{re.escape(form)}\b", plain) for form in written
    )


def _plain(text: str) -> str:
    """Without accents, hyphens as spaces."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )
    return re.sub(r"[-’']", " ", bare).strip()
