"""Answered mails and a campaign that invites: one database, the register's role and notify's."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import uuid5

from services.desk.decider import Decider
from services.desk.domain.decisions.replies import SendReply
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.invitation_job import draw, take_refusals
from services.desk.quality.invitation_service import InvitationDesk
from services.desk.quality.store import survey
from services.desk.quality.survey_service import SurveyDesk
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.facts import ids
from shared.facts.envelope import ItemId
from shared.facts.quality import QUALITY
from shared.facts.vocabulary import Channel, SenderKind
from shared.platform.database import Connection, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from shared.site.tables.survey import SurveyMail
from tests.contract.smtp.sink import Taken
from tests.desk_builders import an_arrival, certain, digest
from tests.integration.notify.conftest import GO_LIVE, SECRET
from tests.integration.notify.mass import SECRETARY, Flood
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, NAMES

PORTAL = "https://ecrire.prefecture.example"
SUBJECT = "Votre avis sur notre réponse"


async def wanted(flood: Flood, postgres_url: str, mail: SurveyMail | None) -> None:
    """The site invites by mail, or not."""
    site = flood.house.rules.applied.site
    table = site.survey.model_copy(update={"mail": mail})
    site = site.model_copy(update={"survey": table})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, flood.house.rules.applied.days, "tests", "tests", GO_LIVE)
    flood.house.rules = await applied_rules(flood.house.pool)


async def answered(flood: Flood, items: Sequence[ItemId] | None = None) -> None:
    """The secretary answers items by mail, and the server takes each reply."""
    house, chosen = flood.house, items if items is not None else flood.items
    people = await people_at(flood)
    person = people.person(SECRETARY)
    assert person is not None
    for item_id in chosen:
        nobody = Correspondent()
        pli = Pli(kind="composed", sender=nobody, answer_to=nobody, subject="Réponse", text="Oui.")
        key = await plis.write(house.blobs, 2026, item_id, pli)
        async with transaction(flood.desk) as connection:
            by = Decider(
                connection, person, uuid5(NAMES, f"reply {item_id}"), house.clock.now(),
                house.rules.applied, people, sees=lambda _: True, blobs=house.blobs,
            )  # fmt: skip
            await by.about(item_id, SendReply(key))
    await flood.told()
    await all_left(flood)


async def people_at(flood: Flood) -> Directory:
    async with transaction(flood.desk) as connection:
        return await people_store.people_at(connection, flood.house.clock.now())


async def all_left(flood: Flood) -> None:
    """Everything that is due leaves or is decided, and the register hears it."""
    house = flood.house
    waits = """
        SELECT count(*) FROM notify.ledger
        WHERE state IN ('planned', 'unknown', 'attempting') AND due_at <= $1
    """
    async with house.sending(), asyncio.timeout(300):
        while await house.pool.fetchval(waits, house.clock.now()):  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.05)
    for _ in range(2):  # what the register makes of it is heard by notify, too
        await flood.told()


async def campaign(flood: Flood) -> SurveyCampaign:
    async with transaction(flood.desk) as connection:
        return (await survey.campaigns(connection))[0]


async def desks(flood: Flood, connection: Connection) -> tuple[SurveyDesk, InvitationDesk]:
    applied, today = flood.house.rules.applied, flood.house.clock.now().date()
    author, people = flood.author("q.officer"), await people_at(flood)
    return (
        SurveyDesk(connection, author, applied.site, people, today),
        InvitationDesk(connection, author, applied.site.survey, today, reached=True),
    )


async def inviting(flood: Flood, starts: date, share: int = 100) -> None:
    """A campaign is opened, and invites."""
    async with transaction(flood.desk) as connection:
        sheets, mails = await desks(flood, connection)
        number = await sheets.open("usagers-1")
        await mails.open(number, share, starts)


async def stopped(flood: Flood) -> None:
    async with transaction(flood.desk) as connection:
        _, mails = await desks(flood, connection)
        await mails.stop(1)


async def drawn(flood: Flood) -> int:
    """One look of the register's job; what it states is heard by notify, twice."""
    house = flood.house
    n = await draw(flood.desk, house.rules.applied, PORTAL, house.clock.now())
    for _ in range(2):
        await heard(flood)
    return n


async def heard(flood: Flood) -> None:
    rows = await flood.desk.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    await flood.house.hear(*[QUALITY.validate_json(row["payload"]) for row in rows])


async def refusals(flood: Flood, spool: Path) -> int:
    """What the spool has of the public page is taken in, and heard."""
    applied, now = flood.house.rules.applied, flood.house.clock.now()
    n = await take_refusals(flood.desk, spool, applied, SECRET, now)
    await heard(flood)
    return n


def invitations(flood: Flood) -> list[Taken]:
    return [mail for mail in flood.house.sink.taken if mail.message["Subject"] == SUBJECT]


def at(day: int, hour: int = 8) -> datetime:
    """A moment of May 2026: the 11th is a Monday, the 14th is Ascension; 8 is 10:00 in Paris."""
    return MONDAY.replace(day=day, hour=hour)


async def writes(flood: Flood, name: str, address: str, **fields: object) -> ItemId:
    """A mail of somebody; `correspondent` is who the register takes them for."""
    now = flood.house.clock.now()
    writer = Correspondent(name="Odette Vannier", address=address)
    pli = Pli(kind="mail", sender=writer, answer_to=writer, subject="Question", text="Quand ?")
    said = {"correspondent": digest(name), "subject": digest(f"subject {name}")} | fields
    arrival = an_arrival(
        name,
        at=now,
        channel=Channel.EMAIL,
        routing=certain(sender_kind=SenderKind.CITIZEN),
        **said,
    )
    key = await plis.write(flood.house.blobs, 2026, arrival.arrival_id, pli)
    async with transaction(flood.desk) as connection:
        hear = hears_arrivals(AppliedRules())
        await hear(connection, [arrival.model_copy(update={"pli": key})], now)
    item = ids.item_id("indre", arrival.arrival_id)
    flood.items.append(item)
    return item
