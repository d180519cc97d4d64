"""Internal notes, telephone calls and visits in French: what they are called, whom they name."""

from collections.abc import Mapping
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from shared.facts.items.routing import NoteWritten
from shared.facts.vocabulary import NoteKind

KINDS: Final[Mapping[NoteKind, str]] = {
    NoteKind.NOTE: "Note interne",
    NoteKind.CALL: "Appel téléphonique",
    NoteKind.VISIT: "Visite",
}


def sentence(fact: NoteWritten, names: Names) -> str:
    """Formats a note as a line of an item's story in French: its kind, its day, whom it names."""
    day = "" if fact.on is None else f" du {labels_fr.short_day(fact.on)}"
    named = ", ".join(names.person(person) for person in fact.named)
    kind = KINDS[fact.kind] if fact.answers is None else "Avis rendu"
    return f"{kind}{day}" + (f", pour {named}" if named else "")
