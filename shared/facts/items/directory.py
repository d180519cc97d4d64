"""Facts about the people of the préfecture: who changed what of somebody, and never the content.

Each person has a chain of their own, whose item id is `ids.person_id`; no reader takes it for an
item. What they are stands in schema `site`.
"""

from enum import StrEnum
from typing import ClassVar, Literal

from shared.facts.envelope import PersonId, Weight
from shared.facts.items.base import ItemFact


class PersonChange(StrEnum):
    """The kinds of changes to what is stored of a colleague: a person of the préfecture."""

    ARRIVED = "arrived"
    LEFT = "left"
    SERVICES = "services"
    DEPUTY = "deputy"
    ABSENCE = "absence"
    """One was noted."""
    ABSENCE_CANCELLED = "absence_cancelled"
    RECORD = "record"
    """Name, capacity or phone."""
    MAILBOX = "mailbox"
    """The address by which they are reached and may sign in."""
    DELEGATION = "delegation"
    """What they may sign « par délégation »: given or ended (topic `quality` says what)."""


class Stage(StrEnum):
    """The stage of a change to a colleague's data: done, asked of a second person, or refused."""

    DONE = "done"
    ASKED = "asked"
    """It waits for a second person; nothing has changed."""
    REFUSED = "refused"


class PersonChanged(ItemFact):
    """Fact: a colleague's data was changed, or a change was asked of a second person or refused."""

    weight: ClassVar[Weight] = Weight.EVENT

    type: Literal["PersonChanged"] = "PersonChanged"
    person: PersonId
    change: PersonChange
    stage: Stage = Stage.DONE
