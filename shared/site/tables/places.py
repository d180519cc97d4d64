"""places.yaml: where the public is received, when, how, and by which kinds of help.

Hours by weekday stand here; what differs on a day (a closing, other hours) is stated by a person on
a page and never written into the file. A site without the file has no places.
"""

from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from shared.site.tables.identity import Postal
from shared.site.tables.website import WebAddress
from shared.values import Code, Table

PlaceWords = Annotated[str, StringConstraints(min_length=2, max_length=160)]


class PlaceKind(StrEnum):
    """The kinds of places that receive the public."""

    LODGE = "lodge"
    """The loge, or pre-reception: whoever comes in begins there."""
    DIGITAL = "digital"
    """The digital help desk (PAN, PAN-Émeraude)."""
    COUNTER = "counter"
    """A guichet."""
    FRANCE_SERVICES = "france_services"
    """A maison France services: an office of others, to which people are shown the way."""


class AppointmentRule(StrEnum):
    """Whether a place receives without an appointment."""

    WITHOUT = "without"
    BOTH = "both"
    """With one, and without."""
    ONLY = "only"
    """Only with one."""


class OpenSlot(Table):
    """A span of local time in which a reception place is open on a day."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens < closes")
        return self


Slots = tuple[OpenSlot, ...]


def in_order(slots: Sequence[OpenSlot]) -> bool:
    """Whether a day's spans of opening hours follow each other without touching."""
    return all(a.closes < b.opens for a, b in pairwise(slots))


class WeekHours(Table):
    """The hours of a reception place by weekday; a day that is not written is closed."""

    monday: Slots = ()
    tuesday: Slots = ()
    wednesday: Slots = ()
    thursday: Slots = ()
    friday: Slots = ()
    saturday: Slots = ()
    sunday: Slots = ()

    @property
    def days(self) -> Sequence[Slots]:
        """The opening spans of each weekday, from Monday."""
        return (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday,
            self.sunday,
        )  # fmt: skip

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not all(in_order(slots) for slots in self.days):
            raise ValueError("spans of a day in order, none touching the next")
        return self


class ReceptionPlace(Table):
    """A place where the public is received (reception place)."""

    id: Code
    kind: PlaceKind
    name: PlaceWords
    """« Point d’appui numérique »."""
    service: Code
    """Whose people keep it: they print, tally and note incidents."""
    where: PlaceWords | None = None
    """« rez-de-chaussée, à droite »."""
    postal: Postal | None = None
    """`None`: that of the service, else the préfecture's."""
    phone: str | None = None
    """`None`: that of the service."""
    week: WeekHours
    appointment: AppointmentRule = AppointmentRule.WITHOUT
    booking: WebAddress | None = None
    """The page on which an appointment is taken."""
    languages: tuple[PlaceWords, ...] = ("français",)
    help: tuple[Code, ...] = ()
    """Kinds of help given there, codes of `help` of the table."""
    office: Code | None = None
    """Of a maison France services, its code among the offices of labels.yaml."""


class TallyKind(Table):
    """A kind of visit that is counted at a reception place."""

    id: Code
    text: PlaceWords


class Places(Table):
    """The table places.yaml: reception places, kinds of help, what is counted at the loge."""

    places: tuple[ReceptionPlace, ...] = ()
    help: Mapping[Code, PlaceWords] = Field(default_factory=dict)
    """Kinds of help of the médiateur numérique: code and words."""
    tallies: tuple[TallyKind, ...] = Field(default=(), max_length=9)
    """What is counted by half-day, each with a key from 1: never who came, nor from where."""

    @cached_property
    def tally(self) -> Mapping[str, TallyKind]:
        """The kinds of counted visits by their code."""
        return {kind.id: kind for kind in self.tallies}

    @cached_property
    def place(self) -> Mapping[str, ReceptionPlace]:
        """The reception places by their code."""
        return {place.id: place for place in self.places}


NO_PLACES: Final = Places()
