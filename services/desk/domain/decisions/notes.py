"""What colleagues note about an item, an answer to a question of theirs: writing, taking back."""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions import opinions
from services.desk.domain.decisions.confidentiality import Sees, whole
from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import BlobKey, EventId, PersonId
from shared.facts.items import Items
from shared.facts.items.routing import NoteWritten
from shared.facts.vocabulary import NoteKind


@dataclass(frozen=True, slots=True)
class WriteNote:
    """The command to note something about an item; its text is in the pli with this key."""

    kind: NoteKind
    on: date | None = None
    """The local day of a call or visit."""
    named: tuple[PersonId, ...] = ()
    """Colleagues whom the text names; whether each may read the item is asked before."""
    pli: BlobKey | None = None
    answers: EventId | None = None
    """The `OpinionAsked` that the note answers, for the service that was asked."""


def write_note(item: Item, command: WriteNote, ground: DecisionContext) -> list[Items]:
    """Decides to note something about an item: returns `NoteWritten`. Raises Refused.

    An item that is answered or closed takes notes too; one that was merged or destroyed does not.
    """
    still_there(item)
    if command.kind is NoteKind.NOTE and command.pli is None:
        raise Refused("A note has a text: write what your colleagues should know.", "empty-note")
    if command.answers is not None:
        opinions.refuse_other_service(item, command.answers, ground)
    day = None if command.kind is NoteKind.NOTE else command.on or ground.today
    happened = ground.now if day is None else ground.moment_of(day)
    named = tuple(PersonId(ground.anybody(person).id) for person in dict.fromkeys(command.named))
    return [
        NoteWritten(
            **ground.stamp(item)(1, happened),
            kind=command.kind,
            on=day,
            named=named,
            pli=command.pli,
            answers=command.answers,
        )
    ]


def refuse_others_note(item: Item, target: Items, ground: DecisionContext, sees: Sees) -> None:
    """Raises Refused if a fact to take back is a note that whoever decides may not take back.

    Its author may, and a person who reads all of the item; no program, which reads no note.
    """
    if isinstance(target, NoteWritten) and target.by != by_person(ground.person.id):
        whole([item], sees)
