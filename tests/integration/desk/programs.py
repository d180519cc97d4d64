"""Programs that ask the API of a register with three items, each with a key of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import orjson

from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.webhooks import digest_of_webhooks
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.pages.serve import PageServer
from services.desk.store.access_journal import JournalLine, What
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts import ids
from shared.facts.authors import by_person
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Confidentiality
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.web.application_tokens import KeyId
from tests.desk_browser import HOME, TODAY, pages
from tests.desk_builders import (
    a_site,
    an_applied_site,
    an_arrival,
    certain,
    digest,
)
from tests.integration.desk.clocked import ARRIVALS, NOW, starts

FIRST, RESERVED, ELSEWHERE, NOWHERE = (f"36-2026-A-00000{n}" for n in (1, 2, 3, 9))
"""Of bmi; of bmi and réservé; of another service; nobody's."""
OCTETS: Final = b"From: Zo\xc3\xa9 Quidam <zoe@example.org>\r\n\r\nBonjour\r\n"


@dataclass
class Program:
    """Asks the API as a program does, with its key."""

    desk: PageServer
    token: str

    async def get(self, path: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.desk.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            known = {"authorization": f"Bearer {self.token}"} if self.token else {}
            return await client.get(f"/api/v1{path}", headers={**known, **headers})

    @property
    def key(self) -> KeyId:
        """The shown half of the key."""
        return KeyId(self.token.split("_")[1])

    async def post(self, path: str, said: object, **headers: str) -> httpx.Response:
        """Sends a JSON document, or octets as they are."""
        transport = httpx.ASGITransport(app=self.desk.app)
        octets = said if isinstance(said, bytes) else orjson.dumps(said)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            known = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
            return await client.post(f"/api/v1{path}", content=octets, headers=known | headers)

    async def decide(
        self, chrono: str, name: str, *, once: str = "", tag: str = "", **said: object
    ) -> httpx.Response:
        """Takes a decision about an item as it is now, or as `tag` says."""
        tag = tag or (await self.get(f"/items/{chrono}")).headers.get("etag", "*")
        headers = {"if-match": tag, "idempotency-key": once or uuid4().hex}
        return await self.post(f"/items/{chrono}/decisions/{name}", said, **headers)


async def a_register(pool: Pool, clock: Clock, folder: Path) -> PageServer:
    """The pages of a register with three items, of which one is réservé and one elsewhere."""
    blobs = LocalBlobs(folder)
    who = Correspondent(name="Zoé Quidam", address="zoe@example.org")
    batch = []
    for name, routing in (
        ("a", certain()),
        ("b", certain()),
        ("c", certain("association", "dre")),
    ):
        arrival = an_arrival(name, routing=routing, correspondent=digest(name))
        pli = Pli(kind="mail", sender=who, answer_to=who, subject="Ma demande", text="Bonjour")
        key = await plis.write(blobs, 2026, arrival.arrival_id, pli)
        original = await blobs.put(2026, arrival.arrival_id, OCTETS)
        batch.append(arrival.model_copy(update={"pli": key, "original": original}))
    async with transaction(pool) as connection:
        await ARRIVALS(connection, batch, NOW)
        directory = await people_store.people_at(connection, TODAY)
        head = directory.people[PersonId("b.head")]
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
        hidden = ids.item_id("indre", batch[1].arrival_id)
        await by.about(hidden, Reclassify(confidentiality=Confidentiality.RESERVE))
    await starts(pool, ids.item_id("indre", batch[0].arrival_id))
    return pages(pool, clock, folder)


async def given(
    desk: PageServer,
    *scopes: KeyScope,
    services: Sequence[str] | None = ("bmi",),
    pace: int = 600,
    confirmed: bool = True,
    by: str = "account:local",
) -> Program:
    """A program with a key of these scopes, which the SG confirmed where two persons are needed."""
    async with transaction(desk.pool) as connection:
        line = JournalLine(TODAY, What.KEY_GIVEN, None, None, "tests")
        wish = KeyWish(
            label="Un logiciel",
            scopes=frozenset(scopes),
            services=None if services is None else frozenset(services),
            per_minute=pace,
            expires_at=TODAY + timedelta(days=30),
        )
        service = KeyService(connection, by, line)
        key, token = await service.give(wish, a_site(), TODAY, uuid4())
        if confirmed and key.waits(TODAY):
            secretary = KeyService(connection, by_person("s.general"), line)
            directory = await people_store.people_at(connection, TODAY)
            who = PersonId("s.general")
            await secretary.confirm(
                key.key, who, a_site(), directory, TODAY, digest_of_webhooks(())
            )
    return Program(desk, token)
