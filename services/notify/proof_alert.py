"""The same morning, two persons hear that the evidence does not hold: in their digest."""

from datetime import date

from services.notify.store import weekly_figures
from shared.facts.envelope import PersonId
from shared.platform.database import Connection
from shared.site.tables.bundle import Site
from shared.site.texts.pages import Verified


async def failed_verification(connection: Connection, today: date) -> Verified | None:
    """Returns last night's verification if it found differences; `None` otherwise."""
    last = await weekly_figures.last_verification(connection)
    return last if last is not None and last.differ and last.day == today else None


def told_of_differences(site: Site) -> set[PersonId]:
    """Returns who is told in the morning that the night's verification found differences.

    The quality officer and the general secretary: one person where they are the same.
    """
    identity = site.identity
    return {PersonId(identity.quality_officer), PersonId(identity.general_secretary)}
