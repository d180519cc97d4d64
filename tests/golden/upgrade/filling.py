"""A préfecture of May and June 2026, as the programs of this version leave it.

Items of each channel, clocks that run, rest and stopped, notices in each state, a month closed,
delegations, a frozen list and a draw, sealed evidence, what was told and what nobody has told yet.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid5

from services.desk.accounts.personnel import Personnel
from services.desk.domain.decisions.closure import Close
from services.desk.domain.decisions.counter import RegisterAtCounter
from services.desk.domain.decisions.regimes import ConfirmRegime
from services.desk.domain.decisions.replies import HoldOn
from services.desk.domain.decisions.waits import AskPieces, AwaitThird, ToSignature
from services.desk.evidence import draws, seals
from services.desk.evidence.domain.sampling import Wanted
from services.desk.indicators import month_closure
from services.desk.roles import roles_of
from services.desk.store.quality import Author
from services.notify.domain.ledger import Accepted, NoAnswer, RefusedForGood
from shared.calendar.working_days import working_calendar
from shared.facts.arrival_base import TokenThread
from shared.facts.arrivals import Quarantine, SetAside
from shared.facts.envelope import Chrono, EventId, NoticeId, PersonId, ServiceId
from shared.facts.observations import BounceSeen, SourceRead
from shared.facts.origin import SESSION
from shared.facts.quality import DrawMode
from shared.facts.vocabulary import Channel, ClockName, NoticeKind, RegimeStart
from shared.platform.database import transaction
from shared.site import store
from shared.site.load import load_proposal
from shared.site.staff import people_store
from shared.site.tables.bundle import Site
from shared.site.tables.delegations import Delegation
from tests.desk_builders import GO_LIVE, digest, proposed
from tests.golden.upgrade.programs import NAMES, Programs, opened
from tests.roles import one_transaction

INDRE: Final = Path(__file__).parents[3] / "deploy" / "site" / "indre"
TIMED: Final = {
    ClockName.REPLY, ClockName.RECEIPT, ClockName.IMPLIED_DECISION, ClockName.PIECES,
    ClockName.HOLDING,
}  # fmt: skip


def moment(month: int, day: int, hour: int = 8) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


MAY: Final = date(2026, 5, 1)
CLOSED: Final = moment(6, 15, 9)
LAST: Final = moment(6, 17, 2)
"""When the programs of this version end: 04:00 in Paris."""


def small(site: Site) -> Site:
    """Without what fills pages and is read by no clock, and most rungs."""
    few = tuple(row for row in site.commitments.commitments if row.clock in TIMED)
    ladders = tuple(
        ladder.model_copy(update={"steps": ladder.steps[-1:]})
        for ladder in site.commitments.ladders
    )
    without: dict[str, Any] = {
        "routing": {"rules": (), "senders": (), "danger": (), "newsletters": (), "forms": ()},
        "commitments": {"commitments": few, "ladders": ladders},
    }
    parts = {name: getattr(site, name).model_copy(update=new) for name, new in without.items()}
    return site.model_copy(update=parts | {"templates": {}})


async def fill(url: str, blobs: Path) -> None:
    """Plays the two months in a migrated, empty database."""
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    async with one_transaction(url) as owner:
        await store.keep(owner, small(proposal.site), days, "h.marchand", "golden", GO_LIVE)
        await store.go_live(owner, GO_LIVE, "h.marchand", "golden", GO_LIVE)
        await people_store.import_people(owner, proposal.people, "h.marchand", GO_LIVE)
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", LAST)
    async with opened(url, blobs) as filling:
        await _may(filling)
        await _june(filling)
        await filling.all_told()
        await _untold(filling)


async def _may(one: Programs) -> None:
    letter = await one.arrives("a", moment(5, 4), Channel.LETTER)
    registered = await one.arrives("b", moment(5, 5), Channel.REGISTERED_LETTER)
    async with one.decider("f.lemoine", moment(5, 6)) as by:
        signs = Delegation(
            person="t.renard", reference="arrêté n° 36-2026-05-06-00001 du 6 mai 2026",
            first=date(2026, 5, 6), last=date(2026, 12, 31), services=("bmi",),
        )  # fmt: skip
        site = (await one.rules.in_transaction(by.connection)).site
        await Personnel(by.connection, site, "person:f.lemoine", by.now, SESSION).may_sign(signs)
    mail = await one.arrives("c", moment(5, 11), Channel.EMAIL)
    form = await one.arrives("d", moment(5, 11, 9), Channel.FORM)
    gone = await one.arrives("e", moment(5, 11, 10), Channel.EMAIL)
    silent = await one.arrives("f", moment(5, 11, 11), Channel.EMAIL)
    refused = await one.arrives("g", moment(5, 11, 12), Channel.EMAIL)
    for item in (mail, form):
        await one.leaves(item, moment(5, 11, 13), Accepted())
    bounced = await one.leaves(gone, moment(5, 11, 13), Accepted())
    await one.leaves(silent, moment(5, 11, 13), NoAnswer())
    await one.leaves(refused, moment(5, 11, 13), RefusedForGood("5.7.1"))
    await one.tells("ingest", BounceSeen(
        event_id=EventId(uuid5(NAMES, "bounce")), arrival_id=uuid5(NAMES, "bounced"),
        happened_at=moment(5, 11, 14), recorded_at=moment(5, 11, 14), by="source:mailbox:bmi",
        source="mailbox:bmi", original=await one.blobs.put(2026, uuid5(NAMES, "bounced"), b"x"),
        notice_id=NoticeId(bounced), action="failed", status="5.1.1",
    ))  # fmt: skip
    afternoon = moment(5, 11, 14)
    unread, robot = Quarantine(reason="unreadable"), SetAside(reason="newsletter")
    await one.kept("h", afternoon, Channel.EMAIL, verdict=unread)
    await one.kept("i", afternoon, Channel.EMAIL, verdict=robot)
    await one.passes(afternoon)
    absorbed = await one.arrives("j", moment(5, 12), Channel.EMAIL, routing=proposed())
    async with one.decider("k.haddad", moment(5, 12, 9)) as by:
        await by.merge(absorbed, mail)
    chrono = await one.pools["desk"].fetchval(
        "SELECT chrono FROM desk.items WHERE item_id = $1", mail
    )
    await one.arrives(
        "k", moment(5, 12, 10), Channel.EMAIL, correspondent=digest("c"),
        threads=(TokenThread(chrono=Chrono(chrono)),),
    )  # fmt: skip
    async with one.decider("k.haddad", moment(5, 12, 11)) as by:
        seq = await by.connection.fetchval(
            "SELECT seq FROM desk.facts WHERE item_id = $1 AND type = 'SenderWroteAgain'"
            " ORDER BY seq DESC LIMIT 1",
            mail,
        )
        await by.split(mail, seq)
    async with one.decider("v.noel", moment(5, 12, 12)) as by:
        await by.register(
            lambda number: RegisterAtCounter(number, "titre-de-sejour", date(2026, 5, 12)),
            "E-000001",
        )
    async with one.decider("k.haddad", moment(5, 13)) as by:
        await by.about(form, ConfirmRegime("titre-de-sejour", RegimeStart.FIRST_OFFICE))
    async with one.decider("k.haddad", moment(5, 13, 9)) as by:
        await by.about(form, AskPieces(date(2026, 7, 31), ("passeport",), sent=True))
    async with one.decider("k.haddad", moment(5, 13, 10)) as by:
        await by.about(silent, AwaitThird("ofii"))
    async with one.decider("k.haddad", moment(5, 13, 11)) as by:
        await by.about(refused, HoldOn(date(2026, 6, 30), sent=True))
    async with one.decider("k.haddad", moment(5, 13, 12)) as by:
        await by.depart(mail, NoticeKind.REPLY, date(2026, 5, 13), None)
    async with one.decider("k.haddad", moment(5, 13, 13)) as by:
        await by.about(mail, Close("sans-suite"))
    await one.replies(letter, moment(5, 20))
    await one.replies(registered, moment(6, 3))


async def _june(one: Programs) -> None:
    await one.arrives("l", moment(6, 8), Channel.HAND_DELIVERED)
    fresh = await one.arrives("m", moment(6, 9), Channel.EMAIL)
    held = await one.arrives("n", moment(6, 9, 9), Channel.EMAIL, authentication="fail")
    await one.leaves(fresh, moment(6, 9, 10), None)
    async with one.decider("k.haddad", moment(6, 10)) as by:
        await by.about(held, ToSignature("c.aubry"))
    await one.passes(moment(6, 12))
    async with transaction(one.pools["desk"]) as connection:
        applied = await one.rules.in_transaction(connection)
    await seals.once(one.pools["desk"], applied, CLOSED - timedelta(hours=2))
    async with one.decider("h.marchand", CLOSED) as by:
        officer = by.person
        await month_closure.close(
            by.connection, MAY, officer, applied, CLOSED, SESSION, early=True, may=True
        )
        roles = roles_of(PersonId(by.person.id), applied.site, by.directory, CLOSED.date())
        author = Author(applied.site.identity.id, "person:h.marchand", CLOSED, SESSION)
        names = (uuid5(NAMES, f"list {n}") for n in range(2))
        with patch.object(draws, "uuid4", lambda: next(names)):
            listed = await draws.freeze_frame(
                by.connection, date(2026, 5, 1), date(2026, 5, 31), roles, author
            )
            wanted = Wanted("36", DrawMode.TOTAL, 3)
            await draws.draw(by.connection, listed.seq, wanted, roles, author)
    await seals.once(one.pools["desk"], applied, LAST - timedelta(hours=1))
    await one.passes(LAST - timedelta(hours=1))


async def _untold(one: Programs) -> None:
    """What is committed and was not told when the programs end."""
    await one.kept("o", LAST, Channel.EMAIL)
    reading = SourceRead(
        event_id=EventId(uuid5(NAMES, "read")), arrival_id=uuid5(NAMES, "mailbox"),
        happened_at=LAST, recorded_at=LAST, by="source:mailbox:bmi", source="mailbox:bmi",
        service=ServiceId("bmi"), until=LAST,
    )  # fmt: skip
    await one.tells("ingest", reading)
