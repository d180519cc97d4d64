"""What the register does of the survey by itself: sheets taken in, sealed, free texts erased.

Sheets come from the spool of the public's page in an order of chance. A batch is sealed of sheets
that stood at the look before as well, and of five at least: no fact tells when one sheet came. Of a
closed campaign the rest is sealed once nothing can be on its way any more.
"""

import asyncio
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from services.desk.domain.stamp import REGISTER
from services.desk.domain.survey_lines import SheetRow, digest
from services.desk.jobs import JobContext
from services.desk.quality.domain.survey import BATCH, SurveyCampaign, week_of
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_results
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.content import survey_spool
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.content.survey_spool import SurveySheet
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.quality.survey import AnswersSealed
from shared.facts.vocabulary import SurveyChannel
from shared.platform.clock import sure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS: Final = 60.0
"""Results are promised a quarter of an hour after a campaign ends: no look comes much later."""
GRACE: Final = timedelta(minutes=15)
"""So long after a campaign was closed its last sheets may still be on their way."""
MARKING: Final = timedelta(hours=1)
"""So long after a campaign was opened its mark is left in the spool, and never later: a disk that
is away then would be marked in its place."""
LOST: Final = timedelta(days=1)
"""So long a closed campaign waits for its last sheets while its mark is not in the spool."""
KEPT: Final = timedelta(days=365)
"""So long what was written freely is kept."""
WAITED: Final = timedelta(days=60)
AHEAD: Final = timedelta(days=7)
"""So old may a sheet of the spool be, and so far ahead the portal's clock."""
MOST: Final = 500
"""Sheets that one look takes in."""

log = Log("survey")


async def take(pool: Pool, spool: Path, today: date, keyring: Keyring = IN_CLEAR) -> int:
    """Stores the survey sheets from the spool and removes them there; returns how many.

    Those that came too late to count are set aside. Raises TemporaryFailure: the disk is away, or a
    sheet's key.
    """
    found = await asyncio.to_thread(survey_spool.read, spool, MOST, keyring)
    if found:
        async with transaction(pool) as connection:
            late = await _kept(connection, found, today)
            await store.keep_late(connection, [(sheet.sheet_id, sheet.campaign) for sheet in late])
        await asyncio.to_thread(survey_spool.set_aside, spool, late)
        await asyncio.to_thread(survey_spool.remove, spool, found)
        if late:
            log.warning("survey_sheets_set_aside", sheets=len(late))
    return len(found)


async def _kept(
    connection: Connection, sheets: Sequence[SurveySheet], today: date
) -> Sequence[SurveySheet]:
    """Keeps sheets; returns those that no public page sends, or of no campaign that takes any."""
    await store.answers(connection)
    late, forms = list[SurveySheet](), dict[int, int | None]()
    weeks, inviting = (week_of(today - WAITED), week_of(today + AHEAD)), set[int]()
    for campaign in await store.campaigns(connection):
        if campaign.invitations is not None:
            inviting.add(campaign.number)
        if not campaign.complete:
            forms[campaign.number] = await _questions(connection, campaign)
    known = await survey_results.known_sheets(connection, [sheet.sheet_id for sheet in sheets])
    for sheet in sheets:
        if sheet.sheet_id in known:
            continue  # taken in before whoever did was killed
        by_mail = sheet.channel is SurveyChannel.MAIL and sheet.campaign in inviting
        by_page = by_mail or sheet.channel is SurveyChannel.POSTER
        public = by_page and weeks[0] <= sheet.week <= weeks[1]
        if not public or forms.get(sheet.campaign, -1) not in {None, len(sheet.answers)}:
            late.append(sheet)
            continue
        row = SheetRow(sheet.sheet_id, sheet.channel.value, sheet.place, sheet.week, sheet.answers)
        if await store.keep_sheet(connection, sheet.campaign, row) and sheet.free_text:
            await store.keep_verbatim(connection, sheet.campaign, sheet.week, sheet.free_text)
    return late


async def _questions(connection: Connection, campaign: SurveyCampaign) -> int | None:
    """How many questions a campaign asks; `None`: its form can't be read, and no sheet is lost."""
    try:
        return len((await store.form_of(connection, campaign)).questions)
    except PermanentFailure as failure:
        log.error("survey_form_unreadable", campaign=campaign.number, why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        return None


async def seal(
    connection: Connection,
    applied: AppliedSite,
    now: datetime,
    seen: Mapping[int, set[UUID]],
    marks: Container[int] | None = None,
) -> Mapping[int, set[UUID]]:
    """Seals the survey sheets that are due; returns the ids of those that wait, by campaign.

    `seen`: the sheets that waited at the look before. `marks`: the campaigns whose mark is in the
    spool; a closed one without it waits longer for its last sheets, which may lie on a disk that is
    away. `None`: the spool was not read, and none waits longer.
    """
    await store.ends(connection)
    await quality.lock_chain(connection)
    author = Author(applied.site.identity.id, REGISTER, now)
    waiting = dict[int, set[UUID]]()
    for campaign in await store.campaigns(connection):
        if campaign.complete:
            continue
        rows = (await store.by_batch(connection, campaign.number)).get(None, ())
        grace = GRACE if marks is None or campaign.number in marks else LOST
        last = campaign.closed_at is not None and now - campaign.closed_at >= grace
        stood = [row for row in rows if last or row.sheet_id in seen.get(campaign.number, ())]
        if last or len(stood) >= BATCH:
            await _seal(connection, author, campaign, stood, last=last)
            rows = [row for row in rows if row not in stood]
        waiting[campaign.number] = {row.sheet_id for row in rows}
    return waiting


async def mark_campaigns(pool: Pool, spool: Path, now: datetime) -> frozenset[int]:
    """Marks campaigns that opened lately in the survey's spool; returns all that have a mark there.

    A mark shows that the disk with a campaign's sheets is the one mounted. Raises TemporaryFailure:
    the disk is away.
    """
    async with transaction(pool, readonly=True) as connection:
        new = [
            campaign.number
            for campaign in await store.campaigns(connection)
            if campaign.open and now - campaign.opened_at < MARKING
        ]
    for number in new:
        await asyncio.to_thread(survey_spool.mark, spool, number)
    return await asyncio.to_thread(survey_spool.marked_campaigns, spool)


async def unmarked_campaigns(connection: Connection, marks: Container[int]) -> Sequence[int]:
    """Returns the closed campaigns that wait for their last sheets and have no mark in the spool.

    Those sheets may lie on a disk that is away.
    """
    return [
        campaign.number
        for campaign in await store.campaigns(connection)
        if campaign.closed_at is not None and not campaign.complete and campaign.number not in marks
    ]


async def _seal(
    connection: Connection,
    author: Author,
    campaign: SurveyCampaign,
    sheets: Sequence[SheetRow],
    *,
    last: bool,
) -> None:
    batch = len(campaign.batches) + 1
    await store.seal(connection, sheets, batch)
    await quality.state(
        connection,
        author,
        campaign.subject,
        AnswersSealed,
        batch=batch,
        n=len(sheets),
        sha256=digest(sheets),
        last=last,
    )


def surveys(parts: JobContext) -> Job:
    """Makes the background job of the survey: takes sheets in, seals them, erases remarks.

    Raises TemporaryFailure.
    """
    seen: Mapping[int, set[UUID]] = {}

    async def look() -> None:
        nonlocal seen
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
        if applied is None:
            return
        now = sure(parts.clock)
        today = now.astimezone(applied.site.zone).date()
        locked: KeyMissing | None = None
        try:
            while await take(parts.pool, parts.settings.spool, today, parts.settings.keys) == MOST:
                pass
        except KeyMissing as failure:
            locked = failure  # the sheet waits for its key, and nothing else for the sheet
        marks = await mark_campaigns(parts.pool, parts.settings.spool, now)
        async with transaction(parts.pool) as connection:
            seen = await seal(connection, applied, now, seen, marks)
            await store.erase_verbatims(connection, week_of(today - KEPT))
            away = await unmarked_campaigns(connection, marks)
        if away:
            raise TemporaryFailure(
                f"Survey: the spool has no mark of campaigns {away}, which are closed and wait for"
                " their last sheets. Is its disk mounted?"
            )
        if locked is not None:
            raise locked

    return every(EACH_SECONDS, look, parts.stopping)
