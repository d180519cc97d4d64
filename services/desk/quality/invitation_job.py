"""What the register does of the survey's mails by itself: a draw a day, refusals taken in.

A day's replies are drawn once, in opening hours, some jours ouvrés after they left. Whom the draw
names is a fact; the mail is notify's, from its ledger (docs/decisions/0100).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality.domain import invitations as rules
from services.desk.quality.domain.invitations import InvitationContext
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.store import events, survey_doors
from services.desk.quality.store import invitations as store
from services.desk.quality.store import survey as campaigns
from services.desk.store import fact_history, quality
from services.desk.store.quality import Author
from shared.calendar.local_days import begin_of, end_of
from shared.calendar.working_days import add_months
from shared.content import survey_stops, tokens
from shared.content.site_keys import SiteKeys
from shared.facts import ids
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.survey import InvitationRefused, InvitationsDrawn
from shared.facts.vocabulary import NoticeKind
from shared.platform.clock import sure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.survey import SurveyMail

EACH_SECONDS: Final = 60.0
READ_AT_ONCE: Final = 200
"""Items whose facts one question reads."""
SENDER: Final = "sender"
"""The recipient in an invitation's id."""

log = Log("invitations")


async def draw(pool: Pool, applied: AppliedSite, portal: str | None, now: datetime) -> int:
    """Draws whom each survey campaign invites today; returns how many.

    `portal`: the address of the public's pages; `None`: nobody is invited.
    """
    mail, local = applied.site.survey.mail, now.astimezone(applied.site.zone)
    if mail is None or portal is None or applied.go_live is None:
        return 0
    if local.time() < applied.site.identity.opening.opens:
        return 0
    async with transaction(pool, readonly=True) as connection:
        known = await campaigns.campaigns(connection)
    today, after = local.date(), mail.after_days
    if not any(rules.days_due(campaign, today, applied.days, after) for campaign in known):
        return 0  # nobody waits at a lock for a look that finds nothing
    async with transaction(pool) as connection:
        await campaigns.ends(connection)
        await quality.lock_chain(connection)
        done = 0
        for campaign in await campaigns.campaigns(connection):
            due = rules.days_due(campaign, today, applied.days, after)
            door = due and await survey_doors.mail(connection, campaign.number)
            if due and door:
                page = f"{portal.rstrip('/')}/enquete/{door.code}"
                done += await _draw(connection, applied, mail, campaign, due, page, now)
        return done


async def _draw(
    connection: Connection,
    applied: AppliedSite,
    mail: SurveyMail,
    campaign: SurveyCampaign,
    due: tuple[date, date],
    page: str,
    now: datetime,
) -> int:
    first, last = due
    assert campaign.invitations is not None  # noqa: S101  (`days_due`)
    found = await store.answered_items(
        connection, begin_of(first, applied.site.zone), end_of(last, applied.site.zone)
    )
    known = await _read(connection, found)
    today = now.astimezone(applied.site.zone).date()
    about = await _context(connection, mail, known, today, now)
    opened = campaign.invitations
    result = rules.draw(known, about, opened.seed, opened.share)
    site = applied.site.identity.id
    notices = {
        ids.notice_id(
            site, ids.invitation_occasion(campaign.subject, item_id), NoticeKind.SURVEY, SENDER
        ): item_id
        for item_id in result.items
    }
    await store.keep(connection, campaign.number, notices, today)
    await quality.state(
        connection,
        Author(site, REGISTER, now),
        campaign.subject,
        InvitationsDrawn,
        first=first,
        last=last,
        page=page,
        items=tuple(result.items),
        left_out={why.value: n for why, n in sorted(result.left_out.items())},
    )
    log.info("survey_drawn", campaign=campaign.number, invited=len(result.items))
    return len(result.items)


async def _read(connection: Connection, found: Sequence[ItemId]) -> Mapping[ItemId, Item | None]:
    """The items; `None`: a fact of it can't be read, and it costs nobody else the draw."""
    known = dict[ItemId, Item | None]()
    for start in range(0, len(found), READ_AT_ONCE):
        stated, unreadable = await fact_history.readable(
            connection, found[start : start + READ_AT_ONCE]
        )
        known |= {item_id: fold(told) for item_id, told in stated.items()}
        known |= dict.fromkeys(unreadable)
    return known


async def _context(
    connection: Connection,
    mail: SurveyMail,
    known: Mapping[ItemId, Item | None],
    today: date,
    now: datetime,
) -> InvitationContext:
    persons = set(_persons(known))
    told = await events.every(connection)
    return InvitationContext(
        never=mail.never,
        event_open=any(event.open_at(now) and not event.exercise for event in told),
        in_events={item for event in told if not event.exercise for item in event.items},
        in_exercises={item for event in told if event.exercise for item in event.items},
        massed=await store.mass_answered(connection, known),
        complaining=await store.complaining_persons(connection, persons),
        invited=await store.invited_persons(connection, persons, add_months(today, -mail.months)),
    )


def _persons(known: Mapping[ItemId, Item | None]) -> Iterator[Digest]:
    for item in known.values():
        if item is not None and item.correspondent is not None:
            yield item.correspondent


async def take_refusals(
    pool: Pool, spool: Path, applied: AppliedSite, secret: SiteKeys, now: datetime
) -> int:
    """Takes refusals of further survey emails from the spool and records them; returns how many.

    What bears no signature of ours, or names no invitation, is removed and recorded nowhere. Raises
    TemporaryFailure: the disk is away.
    """
    found = await asyncio.to_thread(survey_stops.read, spool)
    if not found:
        return 0
    async with transaction(pool) as connection:
        await campaigns.ends(connection)
        await quality.lock_chain(connection)
        known = {campaign.number: campaign for campaign in await campaigns.campaigns(connection)}
        said = await quality.of_kinds(connection, [InvitationRefused])
        told = {fact.stop for fact in said if isinstance(fact, InvitationRefused)}
        for token in found:
            stop, notice = tokens.stop_digest(token), tokens.notice_in_stop_token(secret, token)
            if notice is None or stop in told:
                continue
            campaign = known.get(await store.campaign_of(connection, notice) or 0)
            if campaign is None:
                continue
            told.add(stop)
            author = Author(applied.site.identity.id, REGISTER, now)
            await quality.state(connection, author, campaign.subject, InvitationRefused, stop=stop)
    await asyncio.to_thread(survey_stops.remove, spool, found)
    return len(found)


def invites(parts: JobContext) -> Job:
    """Makes the background job of survey invitations: draws them, takes refusals in."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
        if applied is None:
            return
        now, settings = sure(parts.clock), parts.settings
        today, most = now.astimezone(applied.site.zone).date(), survey_stops.MOST
        secret = settings.site_keys.on(today)
        while await take_refusals(parts.pool, settings.spool, applied, secret, now) == most:
            pass
        await draw(parts.pool, applied, settings.portal_url, now)

    return every(EACH_SECONDS, look, parts.stopping, parts.clock)
