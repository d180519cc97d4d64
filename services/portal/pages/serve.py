"""The application that answers the public: one transaction a request, and a plain way to fail.

Before a form is read its gate says whether this visitor may send (form.py). A form that is refused
is shown again with what was typed. While PostgreSQL is away every page goes on with the rules that
were last known; a process that never knew any takes nothing in, and says so.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, TypeVar

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.portal.pages import (
    follow_add,
    follow_letter,
    follow_up,
    form,
    notices,
    survey,
    survey_stop,
)
from services.portal.pages.program_server import ProgramServer
from services.portal.pages.visit import PublicVisit
from services.portal.settings import PortalSettings
from shared.calendar.local_days import long_day
from shared.content.follow_codes import PATH as FOLLOW
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import Pool, answers
from shared.site.applied_rules import AppliedRules
from shared.site.tables.identity import Identity
from shared.web import environment, forms
from shared.web.answers import ErrorAnswers, within
from shared.web.assets import Assets
from shared.web.forms import Form, Mistyped, Refusal
from shared.web.guards import middleware
from shared.web.startup import startup
from shared.web.transactions import Transactions

Handler: TypeAlias = Callable[[PublicVisit], Awaitable[Response]]
T = TypeVar("T")

HERE: Final = Path(__file__).resolve().parents[1]
TEMPLATES: Final = HERE / "templates"
HOME: Final = "/formulaire"
PATIENCE = timedelta(seconds=8)
"""So long the public waits for PostgreSQL, before a page goes on without it."""
READ: Final[Mapping[str, Handler]] = {
    HOME: form.show,
    f"{HOME}/depot/{{deposit:uuid}}": follow_up.follow,
    f"{HOME}/donnees": notices.privacy,
    f"{HOME}/accessibilite": notices.accessibility,
    f"{HOME}/papier.pdf": notices.paper,
    f"{survey.HOME}/{{code}}": survey.show,
    f"{survey.HOME}/{{code}}/merci": survey.thank,
    FOLLOW: follow_letter.show,
    follow_letter.LETTER: follow_letter.follow,
    follow_add.ADDED: follow_add.confirm,
    survey_stop.PATH: survey_stop.show,
    survey_stop.DONE: survey_stop.show_stopped,
}
"""Pages by their address, as Starlette writes it."""


class SentPage(Protocol):
    """The interface of a module whose public page holds a form to submit."""

    def admits(
        self, request: Request, now: datetime, settings: PortalSettings, /
    ) -> AbstractAsyncContextManager[int | None]:
        """Lets a submitted form in, or gives the HTTP status by which it is refused."""
        ...

    async def otherwise(self, visit: PublicVisit, status: int) -> Response:
        """Shows why nothing of a submitted form was taken."""
        ...

    async def write(self, visit: PublicVisit, /) -> Response:
        """Stores what the public submitted by the page's form. Raises Mistyped."""
        ...

    async def show(self, visit: PublicVisit, /) -> Response:
        """Shows the public page's form, empty or as it was refused."""
        ...


@dataclass(frozen=True)
class Drawing:
    """The renderer of the portal's page templates, in the look of its site."""

    assets: Assets

    def __call__(self, template: str, visit: PublicVisit, shown: Mapping[str, Any]) -> str:
        """Renders a template of the portal for a visit; returns the HTML."""
        identity = visit.applied.site.identity
        ours = {"refusal": visit.refusal, "identity": identity, **self._look(identity)}
        return self.templates.get_template(template).render({**ours, **shown})

    def error(self, sentence: str, then: str = "", identity: Identity | None = None) -> str:
        """Renders an error page with a sentence; `then`: what the visitor can do."""
        said = {"sentence": sentence, "then": then, "refusal": None, "identity": identity}
        return self.templates.get_template("error.html").render(self._look(identity) | said)

    def _look(self, identity: Identity | None) -> dict[str, Any]:
        demo = identity is not None and identity.demo
        # No session and no offer: the macros of fields ask for their token.
        return {**environment.look(identity, self.assets), "demo": demo, "token": ""}

    @cached_property
    def templates(self) -> jinja2.Environment:
        """The portal's Jinja environment: its own templates before the shared ones."""
        made = environment.environment([TEMPLATES], self.assets)
        made.globals["long_day"] = long_day
        return made


def drawing(settings: PortalSettings) -> Drawing:
    """Makes the renderer of the portal's pages, one for the process."""
    return Drawing(Assets(settings.vendor, HERE / "static"))


def waiting_app(settings: PortalSettings) -> Starlette:
    """Makes the web application that shows a page while `portal serve` waits for its database."""
    drawn = drawing(settings)
    return startup(drawn.assets, drawn.error, settings.portal_url)


@dataclass(frozen=True)
class PublicPages:
    """The web application of the portal: the public's pages, and where programs deposit."""

    pool: Pool
    clock: Clock
    rules: AppliedRules
    settings: PortalSettings
    programs: ProgramServer = field(default_factory=ProgramServer)

    def prepare(self) -> None:
        """Compiles the page templates before the first visitors come."""
        environment.prepare(self._drawing.templates)

    @cached_property
    def app(self) -> Starlette:
        """The ASGI web application of the portal."""
        return Starlette(
            routes=[
                Route("/", _home),
                *self._routes(),
                self.programs.route(self.clock, self.settings, self._visit),
                Route("/static/{name:path}", self._drawing.assets.answer),
            ],
            middleware=middleware(self.settings.portal_url),
            exception_handlers=self._errors.handlers,
        )

    @cached_property
    def _drawing(self) -> Drawing:
        return drawing(self.settings)

    @cached_property
    def _errors(self) -> ErrorAnswers:
        return ErrorAnswers(self.rules, self._drawing.error, "Ce service")

    def _routes(self) -> Sequence[Route]:
        return [
            Route(HOME, self._send, methods=["POST"]),
            Route(f"{survey.HOME}/{{code}}", self._answer, methods=["POST"]),
            Route(survey_stop.PATH, self._stop, methods=["POST"]),
            Route(FOLLOW, self._find, methods=["POST"]),
            Route(follow_letter.LETTER, self._add, methods=["POST"]),
            *(Route(path, partial(self._read, handler)) for path, handler in READ.items()),
        ]

    async def _read(self, handler: Handler, request: Request) -> Response:
        return await within(self._visit(handler, request))

    async def _send(self, request: Request) -> Response:
        return await self._sent(form, form.MOST, request)

    async def _answer(self, request: Request) -> Response:
        return await self._sent(survey, survey.MOST, request)

    async def _stop(self, request: Request) -> Response:
        return await self._sent(survey_stop, survey_stop.MOST, request)

    async def _find(self, request: Request) -> Response:
        return await self._sent(follow_letter, follow_letter.MOST, request)

    async def _add(self, request: Request) -> Response:
        return await self._sent(follow_add, follow_add.MOST, request)

    async def _sent(self, page: SentPage, most: int, request: Request) -> Response:
        """Lets a form in and writes it; one that is wrong is shown again."""
        async with page.admits(request, self.clock.now(), self.settings) as status:
            if status is not None:
                refused = partial(page.otherwise, status=status)
                return await within(self._visit(refused, request))
            sent = await forms.read(request, most)
            try:
                return await within(self._visit(page.write, request, sent))
            except Mistyped as wrong:
                refusal = Refusal(str(wrong), wrong.field, sent.typed)
                return await within(self._visit(page.show, request, refusal=refusal))
            finally:
                await sent.data.close()

    async def _visit(
        self,
        handler: Callable[[PublicVisit], Awaitable[T]],
        request: Request,
        sent: Form | None = None,
        refusal: Refusal | None = None,
    ) -> T:
        visit = partial(
            PublicVisit,
            request=request,
            now=self.clock.now(),
            settings=self.settings,
            render=self._drawing,
            sent=sent,
            refusal=refusal,
        )
        if await answers(self.pool, PATIENCE):
            with suppress(TemporaryFailure):
                async with Transactions(self.pool) as transactions:
                    applied = await self.rules.in_transaction(transactions.connection)
                    return await handler(visit(transactions=transactions, applied=applied))
        if self.rules.last is None:
            raise TemporaryFailure("PostgreSQL is away, and no rules are known here yet.")
        return await handler(visit(transactions=None, applied=self.rules.last))


async def _home(_: Request) -> Response:
    return RedirectResponse(HOME)
