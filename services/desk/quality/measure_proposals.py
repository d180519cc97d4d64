"""What the register proposes to open a measure about: it counts and shows, a person opens."""

from collections.abc import Sequence
from datetime import date

from services.desk.quality.domain import proposals
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.domain.measures import Measure
from services.desk.quality.domain.places import run_without
from services.desk.quality.domain.proposals import MeasureProposal
from services.desk.quality.store import (
    committee,
    figures,
    label,
    places,
    survey_results,
    website,
)
from services.desk.quality.store import measures as store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import months
from shared.facts import ids
from shared.facts.quality.base import SubjectId
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite


async def proposed_measures(
    connection: Connection, known: Sequence[Measure], applied: AppliedSite, today: date
) -> Sequence[MeasureProposal]:
    """Returns the corrective measures that the register proposes to open on a local day.

    Figures from the last three closed months, themes from the complaints of ten jours ouvrés, pages
    of the website that nobody has read again for two quarters, points to watch of the last survey
    that was published, days in a row without an appointment to take, what two audits found of one
    engagement, remarks of the users' committee that still wait once its next meeting is called.
    """
    themes = await store.complaints(connection, recent(applied, today))
    found = [*proposals.from_complaints(themes)]
    closed = proposals.last_closed([head.month for head in await months.every(connection)])
    if closed:
        table = await figures.figures(
            connection, FigureQuestion(closed[0], closed[-1]), [REPLY], as_closed=True
        )
        rows = [table.of(REPLY, service) for service in (*table.services(REPLY), None)]
        found += proposals.below_target(rows, applied.site.commitments.target, closed)
    pages = (await website.website(connection, applied.site)).pages
    found += proposals.from_unchecked(pages, today)
    found += await _without_slot(connection, known, applied, today)
    found += proposals.found_again((await label.label_facts(connection)).findings.values())
    found += proposals.left_waiting(await committee.committee(connection))
    for campaign, results in await survey_results.last_published(connection):
        found += proposals.from_survey(results, campaign)
    return proposals.unanswered_proposals(found, known)


async def _without_slot(
    connection: Connection, known: Sequence[Measure], applied: AppliedSite, today: date
) -> Sequence[MeasureProposal]:
    """Places whose booking page gave nobody a slot three tried days in a row."""
    state = await places.places(connection, applied.site)
    site, days = applied.site.identity.id, applied.days
    return [
        proposal
        for place in applied.site.places.places
        if (run := run_without(state.days, place.id, today, days))
        for proposal in proposals.without_slot(
            [booking_run(site, place.id, day.on) for day in state.days if day.place == place.id],
            booking_run(site, place.id, run[0].on),
            known,
        )
    ]


def booking_run(site: str, place: str, first: date) -> SubjectId:
    """Returns the id of a run of days without a free appointment, by its first day."""
    return ids.quality_id(site, "booking run", f"{place} {first.isoformat()}")


def recent(applied: AppliedSite, today: date) -> date:
    """Returns the first local day of the complaints that are counted for measure proposals."""
    return applied.days.add(today, -proposals.WITHIN)
