"""Acts that are irrevocable or need two persons: taken by somebody who signed in (ADRs 0036, 0041).

A page does them, and a command of that name only says which page. What has no page yet is a command
that asks for the one-time code that the person's session shows.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Act(StrEnum):
    """What has no page yet: for what a one-time code is shown."""

    CLOSE_MONTH = "close_month"


ON_PAGES: Final[Mapping[str, str]] = {
    "withdraw ask": "/courrier/CHRONO/preuve",
    "withdraw confirm": "/courrier/CHRONO/preuve",
    "legal-hold lift": "/courrier/CHRONO/preuve",
    "leave-perimeter": "/courrier/CHRONO/preuve",
    "destroy propose": "/elimination",
    "destroy visa": "/elimination/SLIP",
    "destroy run": "/elimination/SLIP",
    "destroy drop": "/elimination/SLIP",
    "letters approve": "/courriers-types/LETTER",
    "letters withdraw": "/courriers-types/LETTER",
}
"""By command of `vaguemestre desk`, the page that alone does the act."""


def object_of(text: str) -> str:
    """What an act is about, written one way: several names in any order are the same."""
    return " ".join(sorted(text.split()))
