"""The ladder of a measure: who hears of it, so many jours ouvrés before and after its day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.quality.domain.measures import Measure
from shared.calendar.working_days import WorkingCalendar
from shared.facts.quality.measures import RungAudience

POSTPONED: Final = "postponed"
"""The rung of a day that was put off twice or more."""
FAR: Final = "far"
"""The rung of a day that was put off once by very long, or after it had passed."""
FAR_DAYS: Final = 40
"""Jours ouvrés by which a day is put off once before the référent qualité hears of it."""


@dataclass(frozen=True, slots=True)
class LadderRung:
    """A reminder step of a corrective measure: jours ouvrés from its due day, and who reads it."""

    at: int
    tell: tuple[RungAudience, ...]

    @property
    def name(self) -> str:
        """The name of the reminder step in its fact, such as `-5` or `+1`."""
        return f"{self.at:+d}"


LADDER: Final[Sequence[LadderRung]] = (
    LadderRung(-5, (RungAudience.OWNER,)),
    LadderRung(1, (RungAudience.OWNER, RungAudience.HEAD)),
    LadderRung(3, (RungAudience.DIRECTOR,)),
    LadderRung(10, (RungAudience.QUALITY,)),
)


def reached_rungs(measure: Measure, today: date, days: WorkingCalendar) -> Sequence[LadderRung]:
    """Returns the highest reminder step that a measure has reached by a local day.

    With it the highest that is told to the owner, if that is another: the owner may be new. Lower
    steps are left out even if nobody was told. Empty if none is reached. Raises BeyondCalendar.
    """
    if not measure.awaits_action:
        return ()
    fallen = [rung for rung in LADDER if days.add(measure.due, rung.at) <= today]
    owners = [rung for rung in fallen if RungAudience.OWNER in rung.tell]
    return [rung for rung in fallen if rung in {fallen[-1], owners[-1]}]


def put_off_far(measure: Measure, days: WorkingCalendar, zone: ZoneInfo) -> bool:
    """Whether a measure's due day was postponed by very long at once, or after it had passed."""
    return any(
        at.astimezone(zone).date() > before or days.between(before, after) > FAR_DAYS
        for at, before, after in measure.put_off
    )
