"""Facts of the label's perimeter: from which day a service is outside it, or inside again.

A service is inside unless a fact says otherwise. Two persons are needed: the first asks, another
one confirms, and only then anything moves. Why is a row of desk.quality_texts.
"""

from datetime import date
from typing import Literal

from shared.facts.envelope import Digest, EventId, ServiceId
from shared.facts.quality.base import QualityFact


class PerimeterAsked(QualityFact):
    """Fact: a person asked that a service leaves the label's perimeter, or comes back into it."""

    type: Literal["PerimeterAsked"] = "PerimeterAsked"
    service: ServiceId
    inside: bool
    since: date
    """The first local day of receipt that it concerns; a correction may name a day long past."""
    why: Digest
    """Of the text."""


class PerimeterChanged(QualityFact):
    """Fact: a second person confirmed that a service is outside the perimeter, or inside again."""

    type: Literal["PerimeterChanged"] = "PerimeterChanged"
    service: ServiceId
    inside: bool
    since: date
    """As in `PerimeterAsked`. Of several facts, the one with the latest day that has come counts;
    of one day the last."""
    why: Digest
    """As in `PerimeterAsked`."""
    asked: EventId
    """The request of the first person."""


class PerimeterDropped(QualityFact):
    """Fact: a request to change the label's perimeter was dropped before anybody confirmed it."""

    type: Literal["PerimeterDropped"] = "PerimeterDropped"
    service: ServiceId
    asked: EventId
    """The request."""


PerimeterFact = PerimeterAsked | PerimeterChanged | PerimeterDropped
"""What is stated of the label's perimeter."""
