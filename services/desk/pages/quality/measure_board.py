"""`/qualite/mesures`: the board of measures, by column, and what the register proposes."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from services.desk import rights
from services.desk.french.names import Names
from services.desk.pages.quality import measure_words, new_measure
from services.desk.pages.quality.measures import SHOWN_CLOSED, URL, lines
from services.desk.pages.visit import Visit
from services.desk.quality import measure_proposals
from services.desk.quality.domain import measures as rules
from services.desk.quality.domain.measures import Measure, MeasureState
from services.desk.quality.domain.proposals import MeasureProposal
from services.desk.quality.store import measures as store
from services.desk.rights import Right
from services.desk.sheets import KINDS


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A corrective measure that the register proposes, in words, with the address that opens it."""

    what: str
    figure: str
    url: str


async def board(visit: Visit) -> Response:
    """Shows the board of corrective measures, by column, with what the register proposes."""
    asked = visit.request.query_params
    owner, engagement = asked.get("responsable", ""), asked.get("engagement", "")
    known = await store.every(visit.connection)
    chosen = [
        measure
        for measure in known
        if (not owner or measure.owner == owner)
        and (not engagement or measure.engagement == engagement)
    ]
    columns = rules.by_state(chosen)
    words = await store.words(visit.connection, chosen)
    names = Names(visit.applied.site, visit.directory)
    proposed = await measure_proposals.proposed_measures(
        visit.connection, known, visit.applied, visit.today
    )
    return await visit.html(
        "quality/measures.html",
        columns=[
            (
                measure_words.COLUMNS[state],
                lines(visit, column[:SHOWN_CLOSED], words)
                if state is MeasureState.CLOSED
                else lines(visit, column, words),
                len(column),
            )
            for state, column in columns.items()
        ],
        proposed=[_proposal(proposal, names) for proposal in proposed],
        improves=rights.may(visit.roles, Right.IMPROVE),
        owners=_owners(known, names),
        engagements=[
            (code, measure_words.engagement(code, names))
            for code in sorted({measure.engagement for measure in known if measure.engagement})
        ],
        owner=owner,
        engagement=engagement,
        files=[(kind, f"{URL}/registre{kind}") for kind in (*KINDS, ".odt")],
    )


def _owners(known: Sequence[Measure], names: Names) -> Sequence[tuple[str, str]]:
    found = {measure.owner: names.person(measure.owner) for measure in known}
    return sorted(found.items(), key=lambda pair: pair[1])


def _proposal(one: MeasureProposal, names: Names) -> ProposalLine:
    return ProposalLine(
        measure_words.source(one.source, names),
        new_measure.said_of(one.figure, one.target),
        new_measure.address(one.source),
    )
