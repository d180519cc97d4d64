"""One request of one person, in one transaction, or several around what is slow."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.desk import rights
from services.desk.accounts.oidc import Provider
from services.desk.accounts.store import sessions
from services.desk.accounts.store.sessions import SignedIn
from services.desk.domain.item import Item
from services.desk.pages import offers
from services.desk.pages.offers import SignedOffer
from services.desk.rights import Sight
from services.desk.roles import Roles
from services.desk.service import RegisterService
from services.desk.settings import DeskSettings
from services.desk.store import former_chronos, item_numbers, other_items
from services.desk.store.menu_counts import NOTHING, MenuCounts, menu_counts
from services.desk.store.quality import Author
from services.desk.store.search_types import SearchReader
from services.desk.store.sheets import ItemSheet, sheet
from shared.calendar.local_days import month_named
from shared.content import chronos
from shared.content.blobs import Blobs
from shared.errors import Refused
from shared.facts.authors import by_auditor, by_person
from shared.facts.envelope import Chrono, PersonId
from shared.facts.origin import SESSION
from shared.paper.code_keys import CodeKeys
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person
from shared.web import answers, forms
from shared.web.answers import SEE_OTHER
from shared.web.forms import Form, Refusal
from shared.web.transactions import Transactions

_LOST = (
    "a été donné pendant des heures qu’une restauration a effacées : on n’a pas encore dit sous"
    " quel numéro le courrier a été enregistré de nouveau."
)


class Repeated(Exception):  # noqa: N818  (no error: the form was sent twice)
    """The error that a form was sent before; `url` is the page to which it led then."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Renders(Protocol):
    """The interface of what renders a template to HTML for a visit."""

    def __call__(self, template: str, visit: "Visit", shown: Mapping[str, Any]) -> str: ...  # noqa: D102  (a function)


@dataclass
class Visit:
    """The context of one HTTP request: person, roles, rules, moment, database transaction.

    What a handler writes through `connection` is committed when its answer leaves, and rolled back
    when it raises.
    """

    request: Request
    transactions: Transactions
    signed_in: SignedIn | None
    somebody: Person | None
    """Who asks; `None` on pages that are open to the public."""
    roles: Roles
    applied: AppliedSite
    directory: Directory
    now: datetime
    settings: DeskSettings
    blobs: Blobs
    render: Renders
    provider: Provider | None = None
    """Who knows passwords, when it is not us."""
    exercises: tuple[str, ...] = ()
    """Codes of the exercises that are open: every page says so."""
    sent: Form | None = None
    refusal: Refusal | None = None
    """Set when the page is shown again because its form was refused."""
    offers: Mapping[str, SignedOffer] = field(default_factory=dict)
    """What the page of the form offered, once the form was read."""
    decides_as: PersonId | None = None
    """Under which forms and the journal know who asks: of an auditor on site `auditeur:3`."""
    menu_counts: MenuCounts | None = None
    """What waits for whoever asks, once it was asked."""
    told: SignedIn | None = None
    """The session whose message an answer shows, and which has it no more."""
    noted: bool = False
    """Whether the journal has the reading already that its answer will be."""
    _decision: UUID | None = None

    @property
    def connection(self) -> Connection:
        """The database connection of the open transaction.

        Raises TemporaryFailure between two transactions.
        """
        return self.transactions.connection

    @asynccontextmanager
    async def apart(self, *, decided: bool = False) -> AsyncIterator[None]:
        """A context manager that gives the database connection back during slow work.

        Such as reading files or waiting. What was written so far is committed: within a decision it
        raises AssertionError, unless the caller says by `decided` that the decision is complete.
        """
        if self._decision is not None and not decided:
            raise AssertionError("A decision and what it writes are one transaction.")
        async with self.transactions.apart():
            yield

    @property
    def person(self) -> Person:
        """The signed-in person who made the request. Raises HTTPException 403 if nobody is."""
        if self.somebody is None:
            raise HTTPException(403, "Identifiez-vous d’abord.")
        return self.somebody

    @property
    def today(self) -> date:
        """The local day of the request in the site's time zone."""
        return self.now.astimezone(self.applied.site.zone).date()

    @property
    def midnight(self) -> datetime:
        """The moment when the local day of the request began, in the site's time zone."""
        return datetime.combine(self.today, time(), self.applied.site.zone)

    @property
    def month(self) -> date:
        """Parses the month in the page's address: its first day. Raises HTTPException 404."""
        try:
            return month_named(self.request.path_params["month"])
        except ValueError:
            raise HTTPException(404, "Ce n’est pas un mois.") from None

    @property
    def keys(self) -> CodeKeys:
        """The keys that sign and verify the codes printed on papers."""
        return self.settings.code_keys(self.applied)

    @property
    def token(self) -> str:
        """The CSRF token to put into forms of this session; empty for whoever is not signed in."""
        return "" if self.signed_in is None else forms.token(self.signed_in.token)

    def sign_offer(self, name: str, shown: object, values: Iterable[object]) -> str:
        """Returns the signed value that says which choices a list offered; empty if signed out.

        See `offers.sign_offer`.
        """
        if self.signed_in is None:
            return ""
        return offers.sign_offer(self.signed_in.token, name, shown, values)

    def address(self, path: str) -> str:
        """Returns the full URL of a page of the register."""
        home = self.settings.desk_url or f"http://{self.request.headers.get('host', '')}"
        return f"{home.rstrip('/')}{path}"

    async def html(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """Renders a template as the HTML response; the status is 422 after a refused form."""
        await self._ask_frame()
        return answers.html(self.render(template, self, shown), self.refusal, status)

    async def end(self) -> None:
        """Commits, once all that the answer asks of the register was asked.

        What follows reads files and draws the page. Within a decision it raises AssertionError.
        """
        if self._decision is not None:
            raise AssertionError("A decision ends with its answer.")
        await self._ask_frame()
        await self.transactions.end()

    async def _ask_frame(self) -> None:
        """Asks once what stands around every page: counts of the menu, what was just done."""
        if self.menu_counts is not None:
            return
        self.menu_counts = await self._menu_counts()
        # A part that a page behind asks for anew shows no sentence: it must not take it away.
        part = "HX-Request" in self.request.headers
        if not part and self.signed_in is not None and self.signed_in.said is not None:
            await sessions.say(self.connection, self.signed_in.token, None)
            self.told = self.signed_in

    async def _menu_counts(self) -> MenuCounts:
        """What waits; nothing is asked for whoever works in no service."""
        roles = self.roles
        if self.somebody is None or not (roles.services or roles.mail_office):
            return NOTHING
        return await menu_counts(
            self.connection,
            SearchReader(roles.seen, roles.reads_all),
            sorted(roles.persons),
            sorted(roles.heads),
            sorts=roles.mail_office,
        )

    def read(self) -> Form:
        """Returns the submitted form after the CSRF check, without starting a decision.

        For what must be read, judged or put on a disk before: `form` follows. Raises HTTPException
        403 for a foreign page.
        """
        if self.sent is None:
            raise HTTPException(405)
        secret = None if self.signed_in is None else self.signed_in.token
        forms.check(self.request, self.sent, secret)
        return self.sent

    async def not_again(self) -> None:
        """Raises Repeated if the request's form was sent before; does not begin a decision.

        For handlers that check something before they call `form`: once the decision is taken, the
        check would refuse it, where a second click should lead to the page that the first did.
        """
        sent, person = self.read(), self.decides_as
        if person is not None and sent.text(forms.DECISION):
            url = await sessions.led_to(self.connection, sent.decision, person)
            if url is not None:
                raise Repeated(url)

    async def form(self) -> Form:
        """Returns the submitted form after the CSRF check, once (its idempotency key is stored).

        Raises HTTPException 403 for a foreign page, Repeated for a second sending, Mistyped for a
        choice that the page did not offer.
        """
        sent = self.read()
        person = self.decides_as
        if person is not None and sent.text(forms.DECISION) and not self._decision:
            decision = sent.decision
            if not await sessions.first_time(self.connection, decision, person):
                raise Repeated(await sessions.answer(self.connection, decision, person))
            self._decision = decision
        if self.signed_in is not None:
            self.offers = offers.read(self.signed_in.token, sent)
        return sent

    async def to(self, url: str, said: str = "", *, refused: bool = False) -> Response:
        """Redirects after a form was handled; `said` is shown once, on the next page.

        `refused`: the message says that nothing was done.
        """
        if said and self.signed_in is not None:
            await sessions.say(self.connection, self.signed_in.token, said, refused=refused)
        if self._decision is not None:
            await sessions.keep_answer(self.connection, self._decision, url)
        return RedirectResponse(url, SEE_OTHER)

    @property
    def author(self) -> Author:
        """The person of the request, or an auditor on site, as author of facts without an item."""
        site = self.applied.site.identity.id
        if self.roles.auditor is not None:
            return Author(site, by_auditor(self.roles.auditor), self.now, SESSION)
        return Author(site, by_person(self.person.id), self.now, SESSION)

    def decider(self, decision: UUID) -> RegisterService:
        """Returns the service object by which the person decides about items.

        `decision`: the form's idempotency key.
        """
        return RegisterService(
            self.connection,
            self.person,
            decision,
            self.now,
            self.applied,
            self.acting,
            leads=bool(self.roles.leads) or self.roles.secretary,
            origin=SESSION,
            sees=lambda item: self.sight(item) is Sight.WHOLE,
            blobs=self.blobs,
        )

    @property
    def acting(self) -> Directory:
        """The staff directory in which the visitor also works in the services of their groups.

        The groups are those of the identity provider. For decisions alone: changes of people's
        records start from `directory`.
        """
        who = self.person
        services = tuple(sorted({*who.services, *self.roles.by_group}))
        if len(services) == len(set(who.services)):
            return self.directory
        here = who.model_copy(update={"services": services})
        return replace(self.directory, people={**self.directory.people, PersonId(who.id): here})

    async def item(self, chrono: str, *, decides: bool = False) -> ItemSheet:
        """Loads an item by its chrono or this year's number, and checks permissions.

        Its reading is noted when it is réservé, or ever was. Raises HTTPException: 404 when there
        is none or the person may not know of it, 403 when `decides` and they may only read it.
        """
        identity = self.applied.site.identity
        try:
            wanted = chronos.read(chrono, identity.department, self.today.year)
        except Refused:
            raise HTTPException(404, "Ce n’est pas un numéro de courrier.") from None
        item_id = await item_numbers.by_chrono(self.connection, wanted)
        found = None if item_id is None else await sheet(self.connection, item_id)
        if found is None and await former_chronos.said_of(self.connection, wanted) is not None:
            raise HTTPException(404, f"Le numéro {wanted} {_LOST}")
        if found is None or self.sight(found.item) is Sight.NOTHING:
            raise HTTPException(404, f"Aucun courrier ne porte le numéro {wanted}.")
        if decides and not self.may_decide(found.item):
            raise HTTPException(403, "Ce courrier est suivi par un autre service.")
        if found.linked is not None and not await self.knows_of(found.linked.chrono):
            found = replace(found, linked=None)
        known = {n: had for n, had in found.namesakes.items() if await self.knows_of(had)}
        hidden = await other_items.hidden_numbers(self.connection, found.facts, self._knows)
        found = replace(found, namesakes=known, hidden=hidden)
        if found.item.was_reserved and self.sight(found.item) is Sight.WHOLE:
            await sessions.note_reading(
                self.connection, found.item.item_id, PersonId(self.person.id), self.now
            )
        return found

    def sight(self, item: Item) -> Sight:
        """Returns how much of an item the person may see (permission)."""
        return rights.sight(self.roles, item, item.classification.confidentiality)

    async def knows_of(self, chrono: Chrono) -> bool:
        """Returns whether the person may know that an item with this chrono exists."""
        item_id = await item_numbers.by_chrono(self.connection, chrono)
        if item_id is None:
            return False
        return await other_items.is_known(self.connection, item_id, self._knows)

    def _knows(self, item: Item) -> bool:
        return self.sight(item) is not Sight.NOTHING

    def may_decide(self, item: Item) -> bool:
        """Returns whether the person may decide about an item (permission)."""
        return rights.may_decide(self.roles, item, item.classification.confidentiality)
