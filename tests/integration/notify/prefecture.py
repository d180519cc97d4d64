"""Desk, notify and sla on one database, handed each other's facts by a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from prometheus_client import CollectorRegistry

from services.desk.decider import Decider
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.notices import hears_notices
from services.desk.letters.composer import ComposedLetter, compose, matter
from services.desk.letters.dispatch import send
from services.desk.letters.domain import letter_file
from services.desk.letters.letter_document import take
from services.desk.letters.library import LetterLibrary, in_use
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from shared.content.files_first import FilesFirst
from shared.facts import ids
from shared.facts.clocks import CLOCKS, ClockStopped
from shared.facts.envelope import ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.origin import SESSION
from shared.facts.vocabulary import ClockName, Way
from shared.platform.database import Connection, Pool, transaction
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from tests.code_keys import KEYS
from tests.desk_builders import SPACE, an_arrival
from tests.integration.notify.conftest import INDRE, House

ITEM = ids.item_id("indre", an_arrival().arrival_id)


@dataclass
class Prefecture:
    """The three services that a reply passes, handed each other's facts by the test."""

    house: House
    desk: Pool
    sla: Pool
    item: ItemId = ITEM

    async def arrive(self, fact: Any) -> None:
        """A mail or a paper comes in, and everybody has heard of it."""
        async with transaction(self.desk) as connection:
            await hears_arrivals(AppliedRules())(connection, [fact], self.house.clock.now())
        await self.told()

    async def told(self) -> None:
        """Everything that was ever told is heard by whom it concerns, and heard again."""
        for _ in range(2):
            facts = await self.facts()
            await self.house.hear(*facts)
            async with transaction(self.sla) as connection:
                counts = SlaCounters(CollectorRegistry())
                await hears_items(Editions(), counts)(connection, facts, self.house.clock.now())
            async with transaction(self.desk) as connection:
                notices = await self.house.told()
                await hears_notices(AppliedRules())(connection, notices, self.house.clock.now())

    async def facts(self) -> list[Items]:
        rows = await self.desk.fetch("SELECT payload FROM desk.facts ORDER BY item_id, seq")
        return [ITEMS.validate_json(row["payload"]) for row in rows]

    async def stopped(self) -> list[ClockStopped]:
        rows = await self.sla.fetch("SELECT payload FROM sla.outbox ORDER BY id")
        told = [CLOCKS.validate_json(row["payload"]) for row in rows]
        return [
            fact
            for fact in told
            if isinstance(fact, ClockStopped) and fact.clock is ClockName.REPLY
        ]

    async def approved(self, name: str, author: str, head: str) -> None:
        file = letter_file.read((INDRE / "letters" / f"{name}.md").read_text())
        for who, step in ((author, "write"), (head, "approve")):
            async with transaction(self.desk) as connection:
                people = await people_store.people_at(connection, self.house.clock.now())
                person = people.person(who)
                assert person is not None
                applied = self.house.rules.applied
                by = LetterLibrary(
                    connection, person, self.house.clock.now(), applied, people, SESSION
                )
                if step == "write":
                    await by.write(file.letter, file.service, file.content)
                    await by.submit(file.letter)
                else:
                    await by.approve(file.letter)

    async def composed(
        self, name: str, said: dict[str, str], how: str = "mail", copies: Sequence[str] = ()
    ) -> bytes:
        """Karima Haddad composes, and confirms."""
        files = FilesFirst(self.house.blobs)

        async def work(connection: Connection) -> bytes:
            by = await self.decider(connection)
            about = await matter(by, self.item, files)
            way = Way.MAIL if how == "mail" else Way.PAPER
            letter = compose(
                await in_use(connection, name, about.item.service, by.applied.site),
                about,
                said,
                way,
                copies=copies,
            )
            return await self._confirmed(by, letter, how, files)

        return await files.transact(self.desk, work)

    async def _confirmed(
        self, by: Decider, letter: ComposedLetter, how: str, files: FilesFirst
    ) -> bytes:
        if how == "mail":
            await send(by, letter, files)
            return b""
        return await take(by, letter, "odt" if how == "odt" else "pdf", KEYS)

    async def decider(self, connection: Any) -> Decider:
        now = self.house.clock.now()
        people = await people_store.people_at(connection, now)
        person = people.person("k.haddad")
        assert person is not None
        n = await connection.fetchval("SELECT count(*) FROM desk.letter_uses")
        return Decider(
            connection, person, uuid5(SPACE, f"decision {n}"), now, self.house.rules.applied, people
        )
