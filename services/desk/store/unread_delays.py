"""Whether a figure rests on a delay that nobody has read in the text of the framework.

With a framework (quality.yaml) its engagements decide, by who noted which page (`FrameworkRead`);
without one, whether somebody checked the source of the commitment (commitments.yaml).
"""

from collections.abc import Collection, Sequence
from typing import Final

from services.desk.domain.codes import CLOCKS, COUNTING_THE_SAME
from shared.facts.envelope import Digest
from shared.platform.database import Connection
from shared.site.tables.bundle import Site
from shared.site.tables.quality import EngagementRow, EvidenceKind, Framework
from shared.values import NOBODY, Certainty

UNVERIFIED: Final = "délai non vérifié sur le référentiel"
"""Printed with whatever rests on such a delay: on pages, sheets and files."""


async def rows_read(connection: Connection, framework: Framework) -> Collection[Digest]:
    """Returns the engagements that somebody checked in this framework's own text: their digests."""
    found = await connection.fetch(
        """
        SELECT DISTINCT payload::jsonb ->> 'row' AS row FROM desk.quality_facts f
        WHERE type = 'FrameworkRead' AND payload::jsonb ->> 'framework' = $1
          AND NOT EXISTS (
            SELECT FROM desk.quality_facts w
            WHERE w.type = 'QualityFactWithdrawn'
              AND (w.payload::jsonb ->> 'mistake')::bigint = f.seq)
        """,
        framework.name,
    )
    return frozenset(Digest(fact["row"]) for fact in found)


async def has_unverified(connection: Connection, site: Site, codes: Collection[str]) -> bool:
    """Whether a figure judges items by a delay that nobody has checked in the framework's text."""
    framework = site.quality.current
    rows = [] if framework is None else resting_on(framework, codes)
    if framework is not None and rows:
        read = await rows_read(connection, framework)
        return any(row.likely and row.promise not in read for row in rows)
    return any(
        commitment.source.certainty is Certainty.LIKELY and commitment.source.checked_by == NOBODY
        for commitment in site.commitments.commitments
        if CLOCKS[commitment.clock.value] in codes
    )


def resting_on(framework: Framework, codes: Collection[str]) -> Sequence[EngagementRow]:
    """Returns the framework's engagements that promise a delay by which these figures are judged.

    The figure of all replies is judged by the delays of letters, of e-mails and of complaints.
    """
    judging = frozenset[str]().union(
        *(COUNTING_THE_SAME.get(code, frozenset({code})) for code in codes)
    )
    return [
        row
        for row in framework.engagements
        if any(
            piece.kind is EvidenceKind.FIGURE and piece.code in judging for piece in row.evidence
        )
    ]
