"""Colleagues whom a text names by `@`: `@k.benali`, `@benali`, `@Karima.Benali`. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.facts.envelope import PersonId
from shared.site.tables.people import Person

_NAMED: Final = re.compile(r"(?<![\w.@/+-])@(\w[\w.'’-]*)")
"""Not the `@` of an e-mail address, nor of one within a link."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The persons whom a text names by `@`, and the words behind an `@` that name nobody."""

    persons: tuple[PersonId, ...] = ()
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """What names several people: an id would tell them apart."""


def read_mentions(text: str, people: Iterable[Person]) -> Mentions:
    """Returns whom a text names among these people: by id, name, or first name and name."""
    known = list(people)
    persons, unknown, ambiguous = list[PersonId](), list[str](), list[str]()
    for said in dict.fromkeys(_NAMED.findall(text)):
        word = said.rstrip(".'’-_")
        found = _meant(word, known)
        if len(found) == 1:
            persons.append(PersonId(found[0].id))
        elif found:
            ambiguous.append(word)
        else:
            unknown.append(word)
    return Mentions(tuple(dict.fromkeys(persons)), tuple(unknown), tuple(ambiguous))


def _meant(word: str, people: Sequence[Person]) -> Sequence[Person]:
    """Whoever has this id; else whoever is called so, whatever the accents and capitals."""
    exact = [person for person in people if person.id.casefold() == word.casefold()]
    if exact:
        return exact
    plain = _plain(word)
    return [
        person
        for person in people
        if plain in {_plain(person.name), _plain(f"{person.first_name}{person.name}")}
    ]


def _plain(said: str) -> str:
    letters = unicodedata.normalize("NFKD", said.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
