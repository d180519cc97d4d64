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
    """A person read a page of the website: it is right, or something is to change."""

    type: Literal["PageChecked"] = "PageChecked"
    page: str
    row: Digest
    """Of code and address, as the table has them: a page that moves must be read again."""
    outcome: PageOutcome


class PageBroken(QualityFact):
    """A person saw that a page of the website does not open: its last check counts no more."""

    type: Literal["PageBroken"] = "PageBroken"
    page: str
    sha256: Digest
    """Of what was seen."""


class ChangeAsked(QualityFact):
    """A change of the website was asked for: by a person, or by a complaint about the website."""

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
    """The page to which a complaint about the website leads was named, and what is to change."""

    type: Literal["ChangePlaced"] = "ChangePlaced"
    page: str
    sha256: Digest


class ChangeDone(QualityFact):
    """A change of the website was made, or it was seen that nothing is to change."""

    type: Literal["ChangeDone"] = "ChangeDone"
    changed: bool
    """`False`: nothing was to change."""
    sha256: Digest
    """Of what was done, or why nothing is."""


class WebsiteAudience(StrEnum):
    """The function that hears a reminder about the website."""

    CORRESPONDENT = "correspondent"
    QUALITY = "quality"


class WebsiteRung(QualityFact):
    """A reminder about the website fell: pages to check in the quarter, or a change to make."""

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
