"""Colleagues whom a text names by `@`: `@k.benali`, `@benali`, `@Karima.Benali`. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.facts.envelope import PersonId
from shared.site.tables.people import Person

_NAMED: Final = re.compile(r"(?<![\w.@/+-])@(\w[\w.'’-]*)")
"""Not the `@` of an e-mail address, nor of one within a link."""


MOST: Final = 20
"""Words behind an `@` in one text; each more than once counts once."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """The persons whom a text names by `@`, and the words behind an `@` that name nobody."""

    persons: tuple[PersonId, ...] = ()
    unknown: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """What names several people: an id would tell them apart."""
    too_many: bool = False
    """More than `MOST` words stand behind an `@`: nobody is looked up."""


def read_mentions(text: str, people: Iterable[Person]) -> Mentions:
    """Returns whom a text names among these people: by id, name, or first name and name.

    An id first; then names, whatever their accents and capitals.
    """
    said = dict.fromkeys(word.rstrip(".'’-_") for word in _NAMED.findall(text))
    words = [word for word in said if word]
    if len(words) > MOST:
        return Mentions(too_many=True)
    if not words:
        return Mentions()
    by_id, by_name = _looked_up(people)
    persons, unknown, ambiguous = list[PersonId](), list[str](), list[str]()
    for word in words:
        found = by_id.get(word.casefold()) or by_name.get(_plain(word)) or set()
        if len(found) == 1:
            persons += found
        elif found:
            ambiguous.append(word)
        else:
            unknown.append(word)
    return Mentions(tuple(dict.fromkeys(persons)), tuple(unknown), tuple(ambiguous))


def _looked_up(
    people: Iterable[Person],
) -> tuple[dict[str, set[PersonId]], dict[str, set[PersonId]]]:
    """Who has an id, and who is called so, each person normalised once."""
    by_id, by_name = defaultdict[str, set[PersonId]](set), defaultdict[str, set[PersonId]](set)
    for person in people:
        by_id[person.id.casefold()].add(PersonId(person.id))
        for name in (person.name, f"{person.first_name}{person.name}"):
            by_name[_plain(name)].add(PersonId(person.id))
    return by_id, by_name


def _plain(said: str) -> str:
    letters = unicodedata.normalize("NFKD", said.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
