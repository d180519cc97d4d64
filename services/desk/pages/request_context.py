"""How a visit begins: who asks, under which rules, at which moment, and after which refusal."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from starlette.requests import Request

from services.desk.accounts.oidc import Provider
from services.desk.accounts.store import auditors, sessions
from services.desk.domain import oidc_roles
from services.desk.french.names import Names
from services.desk.pages.refusals import NotAsShown, french
from services.desk.pages.renderer import Renderer
from services.desk.pages.signin import cookies
from services.desk.pages.visit import Visit
from services.desk.roles import NOBODY, Roles, roles_of
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.site import events
from shared.site.applied_rules import AppliedRules
from shared.site.staff.directory import Directory
from shared.site.staff.directory_cache import KeptDirectory
from shared.site.tables.bundle import AppliedSite
from shared.web.forms import Form, Mistyped, Refusal
from shared.web.transactions import Transactions

_NO_PEOPLE: Final = Directory({}, (), {})


@dataclass(frozen=True)
class RequestContext:
    """An HTTP request with its parsed form; `refused`: why its form was refused."""

    request: Request
    sent: Form | None = None
    refused: Refused | None = None


@dataclass(frozen=True)
class RequestOpener:
    """The maker of a Visit for each HTTP request: who asks, by which rules, when, which roles."""

    rules: AppliedRules
    blobs: Blobs
    settings: DeskSettings
    drawing: Renderer
    provider: Provider | None
    directories: KeptDirectory = field(default_factory=KeptDirectory)

    async def __call__(
        self, transactions: Transactions, now: datetime, asked: RequestContext
    ) -> Visit:
        """A visit in these transactions. Raises TemporaryFailure: no rules were applied yet."""
        connection = transactions.connection
        applied = await self.rules.in_transaction(connection)
        directory = await self.directories(connection, now)
        token = cookies.read(asked.request, self.settings, cookies.SESSION)
        session = None if token is None else await sessions.find(connection, token)
        today = now.astimezone(applied.site.zone).date()
        if session is not None and session.auditor is not None:
            # Whatever the cookie says, their days may be over, or somebody ended them.
            still = await auditors.is_open(connection, session.auditor, today)
            session = session if still else None
        who = None if session is None else session.person
        person = None if who is None else directory.person(who)
        roles = NOBODY
        if session is not None and person is not None:
            roles = roles_of(
                PersonId(person.id),
                applied.site,
                directory,
                today,
                administrator=session.administrator,
                granted=[oidc_roles.grant(role) for role in session.granted],
            )
        elif session is not None:
            roles = Roles(frozenset(), administrator=session.administrator, auditor=session.auditor)
        visit = self._visit(transactions, now, asked, applied, directory)
        exercises: tuple[str, ...] = ()
        if session is not None:
            known = await events.open_at(connection, now)
            exercises = tuple(event.code for event in known if event.exercise)
        decides_as = None if person is None else PersonId(person.id)
        if roles.auditor is not None:
            decides_as = PersonId(f"auditeur:{roles.auditor}")
        return replace(
            visit,
            signed_in=session,
            somebody=person,
            roles=roles,
            decides_as=decides_as,
            exercises=exercises,
        )

    def _visit(
        self,
        transactions: Transactions,
        now: datetime,
        asked: RequestContext,
        applied: AppliedSite,
        directory: Directory,
    ) -> Visit:
        return Visit(
            request=asked.request,
            transactions=transactions,
            signed_in=None,
            somebody=None,
            roles=NOBODY,
            applied=applied,
            directory=directory,
            now=now,
            settings=self.settings,
            blobs=self.blobs,
            render=self.drawing,
            provider=self.provider,
            sent=None if asked.refused else asked.sent,
            refusal=_refusal(asked, Names(applied.site, directory)),
        )


def _refusal(asked: RequestContext, names: Names) -> Refusal | None:
    if asked.refused is None:
        return None
    at = asked.refused.field if isinstance(asked.refused, Mistyped) else ""
    typed = {} if asked.sent is None or isinstance(asked.refused, NotAsShown) else asked.sent.typed
    return Refusal(french(asked.refused, names), at, typed)
