"""A flood on one database: an event with its items, a mass reply, the ledger of notify."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.notices import hears_notices
from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.event_service import EventDesk
from services.desk.quality.mass_job import step
from services.desk.quality.mass_service import MassDesk, MassGroup
from services.desk.quality.store import events as store
from services.desk.quality.store import mass as rows
from services.desk.quality.store.mass import MassCount
from services.desk.store.quality import Author
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.facts import ids
from shared.facts.arrivals import Arrived
from shared.facts.envelope import ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.replies import ReplySent
from shared.facts.observations import BounceSeen
from shared.facts.origin import SESSION
from shared.facts.quality.events import EventPart, JoinReason
from shared.facts.vocabulary import Channel, SenderKind
from shared.platform.database import Connection, Pool, transaction
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from tests.contract.smtp.sink import Taken
from tests.desk_builders import an_arrival, certain, digest
from tests.integration.notify.conftest import House
from tests.unit.notify.builders import MONDAY, NAMES

SECRETARY: Final = "f.lemoine"
CABINET: Final = "a.gauthier"
REPLY: Final = "Les routes sont coupées.\n\nLes guichets rouvrent lundi."
TURN: Final = timedelta(minutes=1)
"""Between two looks of the job: as many leave as the site lets leave in a minute."""


def returned(notice: UUID) -> BounceSeen:
    """A server says that the mail of a notice could not be delivered."""
    return BounceSeen.model_validate(
        {
            "event_id": uuid5(NAMES, f"bounce {notice}"), "happened_at": MONDAY,
            "recorded_at": MONDAY, "by": "source:mailbox:retour", "arrival_id": NAMES,
            "source": "mailbox:retour", "original": "2026/a/b", "notice_id": notice,
            "action": "failed", "status": "5.1.1",
        }
    )  # fmt: skip


@dataclass
class Flood:
    """The register and the voice of a préfecture in a flood."""

    house: House
    desk: Pool
    heard: int = 0
    """Facts of the register that notify has heard."""
    answered: int = 0
    """Facts of notify that the register has heard."""
    items: list[ItemId] = field(default_factory=list)

    async def arrive(self, count: int, **fields: object) -> None:
        """So many mails, each of a sender of its own."""
        now, arrivals = self.house.clock.now(), list[Arrived]()
        for n in range(len(self.items), len(self.items) + count):
            writer = Correspondent(name="Odette Vannier", address=f"usager-{n}@exemple.fr")
            pli = Pli(kind="mail", sender=writer, answer_to=writer, subject="Crue", text="Crue ?")
            arrival = an_arrival(
                f"flood {n}",
                at=now,
                channel=Channel.EMAIL,
                correspondent=digest(f"usager {n}"),
                subject=digest(f"crue {n}"),
                routing=certain(sender_kind=SenderKind.CITIZEN),
                **fields,
            )
            key = await plis.write(self.house.blobs, 2026, arrival.arrival_id, pli)
            arrivals.append(arrival.model_copy(update={"pli": key}))
            self.items.append(ids.item_id("indre", arrival.arrival_id))
        for start in range(0, count, 100):
            async with transaction(self.desk) as connection:
                hear = hears_arrivals(AppliedRules())
                await hear(connection, arrivals[start : start + 100], now)

    async def told(self) -> None:
        """What the register told is heard by notify, and the other way round."""
        found = await self.desk.fetch(
            "SELECT payload FROM desk.outbox WHERE topic = 'items' ORDER BY id OFFSET $1",
            self.heard,
        )
        self.heard += len(found)
        facts = [ITEMS.validate_json(row["payload"]) for row in found]
        for start in range(0, len(facts), 200):
            await self.house.hear(*facts[start : start + 200])
        notices = (await self.house.told())[self.answered :]
        self.answered += len(notices)
        for start in range(0, len(notices), 100):
            async with transaction(self.desk) as connection:
                hear = hears_notices(AppliedRules())
                await hear(connection, notices[start : start + 100], self.house.clock.now())

    def author(self, who: str) -> Author:
        return Author("indre", f"person:{who}", self.house.clock.now(), SESSION)

    async def opened(self) -> None:
        """An event, its reply approved, all mail confirmed."""
        end = self.house.clock.now() + timedelta(days=2)
        async with transaction(self.desk) as connection:
            cabinet = EventDesk(connection, self.author(CABINET))
            await cabinet.ask("crue-2026", end, exercise=False)
            secretary = EventDesk(connection, self.author(SECRETARY))
            await secretary.open(1)
            await cabinet.write_reply(1, REPLY)
            await secretary.approve(1, EventPart.REPLY, 1)
            for start in range(0, len(self.items), 500):
                await secretary.join(1, self.items[start : start + 500], (), JoinReason.PERSON)

    async def mass(self, connection: Connection, who: str) -> MassDesk:
        people = await people_store.people_at(connection, self.house.clock.now())
        return MassDesk(
            EventDesk(connection, self.author(who)),
            self.house.rules.applied,
            people,
            who,
            lambda _: True,
        )

    async def ordered(self) -> int:
        """The SG asks, the cabinet confirms; returns how many leave."""
        async with transaction(self.desk) as connection:
            asks = await self.mass(connection, SECRETARY)
            event = await asks.events.read(1)
            weighed = await asks.weigh(event, MassGroup())
            n = len(weighed.ids)
            mass = await asks.ask(1, 1, MassGroup(), weighed.sha256, n)
            await (await self.mass(connection, CABINET)).order(1, mass.number, n)
            return n

    async def turn(self) -> int:
        """One look of the job."""
        now = self.house.clock.now()
        return await step(self.desk, self.house.blobs, self.house.rules.applied, now, TURN)

    async def count(self, number: int = 1) -> MassCount:
        async with transaction(self.desk) as connection:
            event = await store.read_event(connection, 1)
            assert event is not None
            return await rows.count(connection, event.subject, number, self.house.clock.now())

    async def event(self) -> CrisisEvent:
        async with transaction(self.desk) as connection:
            found = await store.read_event(connection, 1)
        assert found is not None
        return found

    async def facts(self) -> list[Items]:
        found = await self.desk.fetch("SELECT payload FROM desk.facts ORDER BY item_id, seq")
        return [ITEMS.validate_json(row["payload"]) for row in found]

    async def replies(self) -> list[ReplySent]:
        return [fact for fact in await self.facts() if isinstance(fact, ReplySent)]

    def letters(self) -> Sequence[Taken]:
        """The mails of the mass reply that the server took."""
        return [
            taken
            for taken in self.house.sink.taken
            if str(taken.message["Subject"]).startswith("Réponse à votre message")
        ]

    def by_address(self) -> Counter[str]:
        return Counter(taken.recipient for taken in self.letters())
