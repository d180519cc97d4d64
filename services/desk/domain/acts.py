"""Acts that are irrevocable or need two persons: taken on a page, by somebody who signed in.

A command for one of them needs the one-time code that the person's session shows (ADR 0036).
"""

from enum import StrEnum


class Act(StrEnum):
    """What a one-time code is for."""

    WITHDRAW = "withdraw"
    LIFT_HOLD = "lift_hold"
    LEAVE_PERIMETER = "leave_perimeter"
    DESTROY = "destroy"
    APPROVE_LETTER = "approve_letter"
    WITHDRAW_LETTER = "withdraw_letter"
    CLOSE_MONTH = "close_month"


def object_of(text: str) -> str:
    """What an act is about, written one way: several names in any order are the same."""
    return " ".join(sorted(text.split()))
