"""commitments.yaml: what is promised, in how long, and who hears what before and after the limit.

Nothing numeric about Qual-e-Pref is a constant in code: each figure stands here with its source.
"""

from enum import StrEnum

from pydantic import Field

from shared.facts.vocabulary import Audience, Channel, ClockName, Nature, Priority
from shared.values import Code, Source, Table

CASE = ("services", "channels", "categories", "natures", "priorities")
"""The fields by which a commitment says to which items it applies."""


class Unit(StrEnum):
    """The unit of a number of days: jours ouvrés or calendar days."""

    JOURS_OUVRES = "jours_ouvres"
    """Monday to Friday without holidays; day 1 is the next one after day 0."""
    JOURS = "jours"
    """Calendar days."""


class Step(Table):
    """A step (rung) of a ladder: an offset from the limit in jours ouvrés, and who is told."""

    at: int = Field(ge=-60, le=60)
    tell: tuple[Audience, ...]


class Ladder(Table):
    """The reminder steps of a commitment before and after its limit, in order."""

    id: Code
    steps: tuple[Step, ...]


class Commitment(Table):
    """A commitment of commitments.yaml: which items it is promised to, how long, its reminders.

    An empty list means "all". Of several that apply the one that names most fields counts; no two
    may name as many for the same case (CLOCKS, rule 20).
    """

    id: Code
    clock: ClockName
    channels: tuple[Channel, ...] = ()
    natures: tuple[Nature, ...] = ()
    categories: tuple[Code, ...] = ()
    services: tuple[Code, ...] = ()
    priorities: tuple[Priority, ...] = ()
    days: int | None = Field(default=None, ge=0, le=366)
    """`None` for the clocks whose limit is a date somebody gave, or a regime's period."""
    unit: Unit = Unit.JOURS_OUVRES
    ladder: Code
    source: Source

    @property
    def named(self) -> int:
        """The number of fields (of five) by which the commitment narrows its items; most wins."""
        return sum(bool(getattr(self, field)) for field in CASE)


class Commitments(Table):
    """The table commitments.yaml: all commitments, their ladders of reminders, the target rate."""

    target: float = Field(gt=0, le=1)
    """The rate of items kept that the préfecture promises itself, such as 0.9."""
    ladders: tuple[Ladder, ...]
    commitments: tuple[Commitment, ...]
