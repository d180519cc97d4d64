"""The measures that are open about each engagement of the label: by it, its figure or findings."""

from collections.abc import Mapping, Sequence

from services.desk.pages.quality import measure_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain.label_facts import LabelFacts
from services.desk.quality.domain.measures import Measure, MeasureState
from services.desk.quality.store import measures
from shared.facts.quality.measures import SourceKind
from shared.site.tables.quality import EngagementRow, EvidenceKind, Framework

MeasureLinks = Sequence[tuple[int, str]]
"""Number and address of each measure."""


async def open_measures(
    visit: Visit, framework: Framework, facts: LabelFacts
) -> Mapping[str, MeasureLinks]:
    """Returns the open corrective measures about each engagement of the label, by engagement id."""
    known = [
        measure
        for measure in await measures.every(visit.connection)
        if measure.state is not MeasureState.CLOSED
    ]
    found = {
        row.id: [
            (measure.number, measure_words.address(measure.number))
            for measure in known
            if serves(measure, row, facts)
        ]
        for row in framework.engagements
    }
    return {row: shown for row, shown in found.items() if shown}


def serves(measure: Measure, row: EngagementRow, facts: LabelFacts) -> bool:
    """Whether a corrective measure is about an engagement of the label.

    It is if it serves the engagement or a commitment whose figure is evidence of it, or was born
    from an audit finding about it.
    """
    figures = {piece.code for piece in row.evidence if piece.kind is EvidenceKind.FIGURE}
    if measure.engagement in figures | {row.id}:
        return True
    if measure.source.kind is not SourceKind.FINDING or measure.source.number is None:
        return False
    finding = facts.findings.get(measure.source.number)
    return finding is not None and finding.engagement == row.id
