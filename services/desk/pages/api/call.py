"""One request of a program, by its key, in one transaction, or several around what is slow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request

from services.desk import rights
from services.desk.accounts.store import sessions
from services.desk.api.domain.keys import ApiKey
from services.desk.api.store import keys
from services.desk.api.store.keys import StoredKey
from services.desk.domain.decisions.confidentiality import Asks
from services.desk.domain.decisions.context import DecidingProgram, by_session
from services.desk.domain.item import Item
from services.desk.french.names import Names, UnnamedColleagues
from services.desk.rights import Sight
from services.desk.roles import Roles
from services.desk.service import RegisterService
from services.desk.store import access_journal, item_numbers, items, other_items
from services.desk.store.access_journal import JournalLine, What
from services.desk.store.items import StoredItemRow
from services.desk.store.sheets import ItemSheet, sheet
from services.desk.store.visibility import Visibility
from shared.content import chronos
from shared.content.blobs import Blobs
from shared.errors import Refused
from shared.facts.envelope import ItemId, PersonId, Via
from shared.facts.origin import Origin
from shared.platform.database import Connection
from shared.site.staff.directory_cache import KeptDirectory
from shared.site.tables.bundle import AppliedSite
from shared.web.application_tokens import NO_DIGEST, PresentedToken, matches
from shared.web.problem_details import Problem
from shared.web.program_requests import KeyLimits
from shared.web.transactions import Transactions


@dataclass
class ApiCall:
    """The context of one API request: its key, what that may see, rules, moment, transaction.

    What a handler writes (such as the access journal) is committed when its answer leaves.
    """

    request: Request
    path: str
    """As the table of addresses has it."""
    transactions: Transactions
    key: ApiKey
    roles: Roles
    applied: AppliedSite
    now: datetime
    blobs: Blobs
    directories: KeptDirectory

    @property
    def connection(self) -> Connection:
        """The database connection of the open transaction.

        Raises TemporaryFailure between two transactions.
        """
        return self.transactions.connection

    @property
    def today(self) -> date:
        """The local day of the request in the site's time zone."""
        return self.now.astimezone(self.applied.site.zone).date()

    @property
    def services(self) -> list[str]:
        """The services that the key may ask about."""
        return sorted(self.roles.works_in)

    @property
    def seen(self) -> Visibility:
        """The filter of lists by what the key may read: réservé items only if its scope says so."""
        return self.roles.seen._replace(secrets=self.roles.reads_all)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """A context manager that commits, and gives the connection back during work within it."""
        async with self.transactions.apart():
            yield

    async def names(self) -> Names:
        """Returns the French names of services and codes; colleagues are named by their service."""
        directory = await self.directories(self.connection, self.now)
        return UnnamedColleagues(self.applied.site, directory)

    async def item(self) -> ItemSheet:
        """Loads the item whose chrono is in the request's address. Raises Problem, like `sheet`."""
        return await self.sheet(self.request.path_params["chrono"])

    async def row(self, chrono: str) -> StoredItemRow:
        """Reads an item and its facts by its chrono, without notices or deadlines.

        Raises Problem if there is none, or the key may not know of it.
        """
        item_id = await self._id_of(chrono)
        found = (await items.peek(self.connection, [item_id])).get(item_id)
        if found is None or not self._knows(found.item):
            raise Problem("no-such-item")
        return found

    async def _id_of(self, chrono: str) -> ItemId:
        """The id of the item that has a number. Raises Problem."""
        department = self.applied.site.identity.department
        try:
            wanted = chronos.read(chrono, department, self.today.year)
        except Refused:
            raise Problem("no-such-item") from None
        item_id = await item_numbers.by_chrono(self.connection, wanted)
        if item_id is None:
            raise Problem("no-such-item")
        return item_id

    async def sheet(self, chrono: str) -> ItemSheet:
        """Loads an item with all its data by its chrono; reading a réservé one is noted.

        So is reading one that was réservé at some time. Raises Problem, the same whether there is
        no such item or the key may not know of it.
        """
        found = await sheet(self.connection, await self._id_of(chrono))
        if not self._knows(found.item):
            raise Problem("no-such-item")
        hidden = await other_items.hidden_numbers(self.connection, found.facts, self._knows)
        found = replace(found, hidden=hidden)
        if found.item.was_reserved:
            await sessions.note_reading(
                self.connection, found.item.item_id, PersonId(self.key.author), self.now
            )
        return found

    def sight(self, item: Item) -> Sight:
        """Returns how much of an item the key may see: whole, or nothing."""
        return rights.sight(self.roles, item, item.classification.confidentiality)

    def _knows(self, item: Item) -> bool:
        return self.sight(item) is Sight.WHOLE

    def may_decide(self, item: Item) -> None:
        """Raises Problem if the key may not decide about an item, such as one only in copy."""
        if not rights.may_decide(self.roles, item, item.classification.confidentiality):
            raise Problem("not-yours")

    async def decider(self, decision: UUID) -> RegisterService:
        """Returns the service object by which the program takes decisions, in its key's name.

        `decision`: the id of the decision, a random one for each.
        """
        return RegisterService(
            self.connection,
            DecidingProgram(self.key.author, self.roles.works_in),
            decision,
            self.now,
            self.applied,
            await self.directories(self.connection, self.now),
            origin=Origin(Via.APPLICATION),
            sees=self._knows,
            may=_may_a_program,  # about which items, `may_decide` said before
            blobs=self.blobs,
        )

    async def note(self, what: What, about: str = "") -> None:
        """Writes into the access journal that this request read something, or was refused it.

        `about`: the chrono of the item, if it is about one.
        """
        await access_journal.note(self.connection, self.line(what, about))

    def line(self, what: What, about: str = "") -> JournalLine:
        """Makes the access-journal line of this request: which application, from where, what."""
        return line_of(self.request, self.path, self.now, what, self.key.author, about)


def _may_a_program(_: Item, asks: Asks) -> bool:
    """Whether a program may state this. Raises Refused for what proves, withdraws or destroys."""
    if asks is not Asks.DECIDE:
        raise by_session("Two persons decide this, or one who proves: on a page, signed in.")
    return True


def line_of(
    request: Request, path: str, now: datetime, what: What, who: str | None, about: str = ""
) -> JournalLine:
    """Makes the access-journal line of an application's request.

    `who`: the key, as facts write an author; `None`: no key was recognised.
    """
    address = None if request.client is None else request.client.host
    return JournalLine(now, what, who, address, path, about)


async def verify_key(
    limits: KeyLimits,
    connection: Connection,
    request: Request,
    token: PresentedToken,
    now: datetime,
) -> StoredKey:
    """Verifies a request's API key and counts the use. Raises Problem for an unusable one."""
    stored = await keys.read_key(connection, token.key)
    same = matches(token, NO_DIGEST if stored is None else stored.digest)
    waits = stored is not None and stored.key.waits(now)
    if stored is None or not same or not (waits or stored.key.holds(now)):
        limits.refuse(request, now, token)
    limits.count_verified(token, stored.key.author, stored.key.per_minute, now)
    if waits:
        raise Problem("unconfirmed")
    return stored
