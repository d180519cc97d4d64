"""A browser for the desk's pages: it asks the ASGI application in one process, signed in or not."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx
from bs4 import BeautifulSoup

from services.desk import features
from services.desk.accounts.store import sessions
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from services.desk.settings import DeskSettings
from shared.calendar.local_days import NBSP
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from tests.code_keys import SECRET

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
"""Where the story of the desk's tests stands: 10:00 in Paris, on a Tuesday."""
HOME = "http://127.0.0.1:8000"
UNCALLED = re.compile(r"(?:&lt;|<)(?:built-in |bound )?(?:method|function) \w")
"""What a template prints of a mapping's method where it meant a value of the same name."""
_HOUR = re.compile(f"([0-9]){NBSP}h{NBSP}([0-9]{{2}})")
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')


def desk_settings(folder: Path, **more: object) -> DeskSettings:
    """Settings of pages whose blobs are in `folder`; no server is named that would answer."""
    return DeskSettings.model_validate(
        {
            "database_url": "postgres://nowhere",
            "kafka": "127.0.0.1:1",
            "blobs": folder,
            "spool": folder / "spool",
            "secret": SECRET,
            **more,
        }
    )


_ASKING: Final[dict[Pool, Pool]] = {}


@asynccontextmanager
async def pages_ask(pool: Pool, url: str) -> AsyncIterator[None]:
    """Lets pages that are made with this pool ask with the role of `url`, which nobody else does.

    Connections open with the first page.
    """
    like: Any = pool
    made = await asyncpg.create_pool(
        url,
        min_size=0,
        init=like._init,  # noqa: SLF001  (a connection as the pool's own)
        reset=like._reset,  # noqa: SLF001  (the same)
        server_settings=like._connect_kwargs["server_settings"],  # noqa: SLF001  (the same)
    )
    _ASKING[pool] = made
    try:
        yield
    finally:
        del _ASKING[pool]
        await made.close()


def pages(pool: Pool, clock: Clock, folder: Path, **more: object) -> PageServer:
    """The pages of a register, with what is read and written below `folder`."""
    settings = desk_settings(folder, **more)
    asking = _ASKING.get(pool, pool)
    return PageServer(
        *(asking, clock, AppliedRules(), settings.originals, settings),
        features.all_pages(),
        mounts=features.all_mounts(),
    )


def loose(text: str) -> str:
    """A text of ours whose hours a line may break, as expectations are written: « 10 h 00 »."""
    return _HOUR.sub(r"\1 h \2", text)


def offers(page: str, action: str) -> Sequence[str]:
    """What the lists of a form say that they offer, as its hidden fields carry it."""
    form = BeautifulSoup(page, "html.parser").find("form", action=action.partition("?")[0])
    return [] if form is None else [str(tag["value"]) for tag in form.select("[name=offre]")]


def drawn(page: str, action: str) -> dict[str, str]:
    """What a form holds as long as nobody touches it: of a list without a choice, its first."""
    form = BeautifulSoup(page, "html.parser").find("form", action=action)
    assert form is not None, action
    held = {}
    for tag in form.select("input:not([type=hidden]):not([type=checkbox])[name], textarea[name]"):
        held[str(tag["name"])] = str(tag.get("value", tag.text))
    for tag in form.select("select[name]"):
        chosen = tag.select("option[selected]") or tag.select("option")
        held[str(tag["name"])] = str(chosen[0]["value"]) if chosen else ""
    return held


@dataclass
class Browser:
    """Asks pages; `sign_in` makes it somebody. No redirect is followed but by `to`."""

    pages: PageServer
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=self.pages.app)
        self.client = httpx.AsyncClient(transport=transport, base_url=HOME)

    async def sign_in(self, person: str | None, *, administrator: bool = False) -> "Browser":
        """The same browser, as somebody of the site."""
        async with transaction(self.pages.pool) as connection:
            known = PersonId(person) if person else None
            token = await sessions.begin(connection, known, "local", administrator=administrator)
        self.client.cookies.set(cookies.SESSION, token)
        return self

    async def get(self, url: str, **headers: str) -> httpx.Response:
        """One page, whatever its status."""
        return await self.client.get(url, headers=headers)

    async def page(self, url: str) -> str:
        """The text of a page that must be there."""
        answer = await self.client.get(url)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        assert not UNCALLED.search(answer.text), url
        return answer.text

    async def send(
        self,
        page: str,
        action: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        **hidden: str,
    ) -> httpx.Response:
        """Opens `page`, then posts a form of it to `action`, as a browser would."""
        text = await self.page(page)
        found = dict(_HIDDEN.findall(text))
        data = {
            "jeton": found.get("jeton", ""),
            "page": unescape(found.get("page", page)),
            "decision": str(uuid4()),
            "offre": offers(text, action),
            **hidden,
            **(fields or {}),
        }
        home = str(self.client.base_url).rstrip("/")
        return await self.client.post(
            action, data=data, files=files or None, headers={"origin": home}
        )

    async def to(self, answer: httpx.Response) -> str:
        """The page to which a decision led."""
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return await self.page(answer.headers["location"])


def from_address(desk: PageServer, address: str) -> Browser:
    """A browser whose requests come from there."""
    browser = Browser(desk)
    transport = httpx.ASGITransport(app=desk.app, client=(address, 40_000))
    browser.client = httpx.AsyncClient(transport=transport, base_url=HOME)
    return browser
