"""The fact of an internal note about an item: written by a colleague, read by colleagues alone."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import BlobKey, PersonId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import NoteKind


class NoteWritten(ItemFact):
    """Fact: a colleague noted something about the item; its sender never sees it.

    Nothing that is sent is made of it (docs/decisions/0130).
    """

    type: Literal["NoteWritten"] = "NoteWritten"
    weight: ClassVar[Weight] = Weight.STATEMENT
    kind: NoteKind
    on: date | None = None
    """The local day of the call or visit; `None` of a note."""
    named: tuple[PersonId, ...] = ()
    """Colleagues whom its text names by `@`: each could read the item when it was written."""
    pli: BlobKey | None = None
    """Its text; `None`: a call or visit of which nothing more was noted."""
