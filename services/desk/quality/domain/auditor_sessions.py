"""Auditors' sessions on site as their facts leave them, with what was drawn in each. Pure."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.errors import Refused
from shared.facts.quality import DrawMade, Quality
from shared.facts.quality.auditors import (
    AuditorArrived,
    AuditorConfirmed,
    AuditorEnded,
    AuditorInvited,
)

LONGEST: Final = 5
"""Local days of a session, the first and the last included."""
AHEAD: Final = 60
"""Days before its first, at most, on which a session is prepared."""
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for another on paper."""
_GROUPS: Final = 3
_EACH: Final = 4


@dataclass(frozen=True, slots=True)
class AuditorSession:
    """An auditor's temporary access on site, with its facts and the draws done in it."""

    invited: AuditorInvited
    confirmed: AuditorConfirmed | None = None
    arrived: AuditorArrived | None = None
    ended: AuditorEnded | None = None
    draws: tuple[DrawMade, ...] = ()
    """Made in the auditor's presence: between the arrival and the end."""

    @property
    def number(self) -> int:
        """The number of the auditor's access among those of the site."""
        return self.invited.number

    def is_over(self, today: date) -> bool:
        """Whether the auditor's access was ended, or its last local day has passed."""
        return self.ended is not None or self.invited.last < today

    def draw(self, seq: int) -> DrawMade | None:
        """Returns the random draw with this number if the auditor was present, else `None`."""
        return next((draw for draw in self.draws if draw.seq == seq), None)


def sessions(facts: Iterable[Quality], zone: ZoneInfo) -> Mapping[int, AuditorSession]:
    """Returns the auditors' accesses by number, from their facts in the quality chain.

    `zone`: the site's time zone, since a session ends by itself with its last local day.
    """
    found = dict[int, AuditorSession]()
    for fact in facts:
        if isinstance(fact, AuditorInvited):
            found[fact.number] = AuditorSession(fact)
        elif isinstance(fact, DrawMade):
            day = fact.recorded_at.astimezone(zone).date()
            for number, session in found.items():
                if session.arrived is not None and not session.is_over(day):
                    found[number] = replace(session, draws=(*session.draws, fact))
        elif isinstance(fact, AuditorConfirmed | AuditorArrived | AuditorEnded):
            known = found.get(fact.number)
            if known is not None:
                found[fact.number] = _with(known, fact)
    return found


def _with(
    known: AuditorSession, fact: AuditorConfirmed | AuditorArrived | AuditorEnded
) -> AuditorSession:
    match fact:
        case AuditorConfirmed():
            return replace(known, confirmed=fact)
        case AuditorArrived():
            return replace(known, arrived=known.arrived or fact)
        case AuditorEnded():
            return replace(known, ended=fact)


def may_invite(first: date, last: date, today: date) -> None:
    """Raises Refused for an auditor's days: past, far ahead, in wrong order, more than five."""
    if first < today:
        raise Refused("An auditor is invited beforehand.", "auditor-past", day=first)
    if last < first:
        raise Refused("The period ends before it begins.", "no-such-period")
    if (last - first).days >= LONGEST:
        raise Refused("Five days at most.", "auditor-too-long", most=LONGEST)
    if first > today + timedelta(days=AHEAD):
        raise Refused("That is too far ahead.", "auditor-too-far", most=AHEAD)


def new_code() -> str:
    """Generates an auditor's random code to read aloud and print: `K7QM-2WXD-9RTA`, 59 bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _EACH)]
    return "-".join(
        "".join(letters[start : start + _EACH]) for start in range(0, len(letters), _EACH)
    )


def normalise_code(code: str) -> str:
    """Normalises a typed auditor's code to the form of `new_code`: any case, blanks, dashes."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return "-".join(plain[start : start + _EACH] for start in range(0, len(plain), _EACH))
