"""Sheets of the satisfaction survey against the batches in which they were sealed.

A batch of which another digest comes out, one that no fact tells of, and a form or published tables
that are not those of their fact are differences. A sheet that is not sealed yet proves nothing.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

from services.desk.domain.survey_lines import SheetRow, digest
from services.desk.domain.writings import text_id
from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.store import writings
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store import quality
from shared.facts.quality.base import SubjectId
from shared.facts.quality.survey import AnswersSealed, CampaignOpened, ResultsPublished
from shared.platform.database import Connection, transaction

_FIXED = (CampaignOpened, ResultsPublished)
"""The facts whose text is never erased: the form, the published tables."""
_Batch = tuple[int, int]
"""Campaign and batch."""


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies the survey's sealed batches, forms and published tables; yields differences."""
    async with transaction(ground.pool, readonly=True) as connection:
        found = await quality.of_kinds(connection, (*_FIXED, AnswersSealed))
        opened = {
            fact.subject_id: fact.number for fact in found if isinstance(fact, CampaignOpened)
        }
        sealed = [fact for fact in found if isinstance(fact, AnswersSealed)]
        fixed = [fact for fact in found if isinstance(fact, _FIXED)]
        differences = [
            *_batches(opened, sealed, await _sheets(connection)),
            *await _texts(connection, fixed),
        ]
    for difference in differences:
        yield difference


async def _sheets(connection: Connection) -> Mapping[_Batch, Sequence[SheetRow]]:
    found = dict[_Batch, list[SheetRow]]()
    rows = connection.cursor(
        """
        SELECT campaign, batch, sheet_id, channel, place, week, answers FROM desk.survey_sheets
        WHERE batch IS NOT NULL
        """
    )
    async for row in rows:
        values = dict(row)
        key = values.pop("campaign"), values.pop("batch")
        found.setdefault(key, []).append(SheetRow(**values))
    return found


def _batches(
    opened: Mapping[SubjectId, int],
    sealed: Sequence[AnswersSealed],
    sheets: Mapping[_Batch, Sequence[SheetRow]],
) -> Sequence[Difference]:
    told, found = set[_Batch](), list[Difference]()
    for fact in sealed:
        key = opened.get(fact.subject_id, 0), fact.batch
        told.add(key)
        rows = sheets.get(key, ())
        if (len(rows), digest(rows)) != (fact.n, fact.sha256):
            what = "the sheets of this batch are not those that were sealed"
            found.append(Difference("survey", f"quality {fact.seq}", what))
    for campaign, batch in sorted(sheets.keys() - told):
        what = f"batch {batch} is sealed in the table, and no fact says so"
        found.append(Difference("survey", f"campaign {campaign}", what))
    return found


async def _texts(
    connection: Connection, facts: Sequence[CampaignOpened | ResultsPublished]
) -> Sequence[Difference]:
    wanted = {text_id(fact.subject_id, fact.sha256): fact for fact in facts}
    kept = await writings.stored_texts(connection, wanted)
    what = "its form or its tables are not those that were kept"
    return [
        Difference("survey", f"quality {fact.seq}", what)
        for name, fact in wanted.items()
        if name not in kept or kept[name].body != fact.sha256
    ]
