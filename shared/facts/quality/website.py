"""Facts about the website: its pages checked by a person, changes asked and done, broken pages.

Pages are named by their code in the site's table website.yaml. What somebody wrote is a text beside
the chain, by its digest. A program never checks a page.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from shared.facts.envelope import Digest, ItemId, PersonId, ServiceId
from shared.facts.quality.base import QualityFact


class PageOutcome(StrEnum):
    """The outcome of the check of a page of the website."""

    OK = "ok"
    TO_CHANGE = "to_change"


class PageChecked(QualityFact):
    """Fact: a person reviewed a page of the website: it is right, or something is to change."""

    type: Literal["PageChecked"] = "PageChecked"
    page: str
    row: Digest
    """Of code and address, as the table has them: a page that moves must be read again."""
    outcome: PageOutcome


class PageBroken(QualityFact):
    """Fact: a page of the website was seen not to open: its last check counts no more."""

    type: Literal["PageBroken"] = "PageBroken"
    page: str
    sha256: Digest
    """Of what was seen."""


class ChangeAsked(QualityFact):
    """Fact: a change of the website was requested, by a person or by a complaint."""

    type: Literal["ChangeAsked"] = "ChangeAsked"
    number: int
    """From 1, without a gap."""
    page: str | None = None
    """`None`: nobody has said yet which page a complaint is about."""
    item_id: ItemId | None = None
    """The complaint."""
    due: date
    """Local day."""
    sha256: Digest | None = None
    """Of what is to change; `None`: nobody has said it yet."""


class ChangePlaced(QualityFact):
    """Fact: the page that a complaint about the website means was named, and what to change."""

    type: Literal["ChangePlaced"] = "ChangePlaced"
    page: str
    sha256: Digest


class ChangeDone(QualityFact):
    """Fact: a change of the website was made, or it was seen that nothing is to change."""

    type: Literal["ChangeDone"] = "ChangeDone"
    changed: bool
    """`False`: nothing was to change."""
    sha256: Digest
    """Of what was done, or why nothing is."""


class WebsiteAudience(StrEnum):
    """The function (role) of the people who are told of a reminder about the website."""

    CORRESPONDENT = "correspondent"
    QUALITY = "quality"


class WebsiteRung(QualityFact):
    """Fact: a reminder about the website was reached: pages to check, or a change to make."""

    type: Literal["WebsiteRung"] = "WebsiteRung"
    rung: str
    """`begun`, or jours ouvrés from the due day, such as `-10` or `+1`."""
    pages: tuple[str, ...] = ()
    """To check; empty for a change."""
    number: int | None = None
    """Of the change; `None` for pages to check."""
    person: PersonId | None
    """The correspondent, or who heads their service; `None`: no page was named yet."""
    service: ServiceId | None
    due: date
    opened: date
    """Local day: the quarter's first, or that on which the change was asked for."""
    tell: tuple[WebsiteAudience, ...]


WebsiteFact = PageChecked | PageBroken | ChangeAsked | ChangePlaced | ChangeDone | WebsiteRung
