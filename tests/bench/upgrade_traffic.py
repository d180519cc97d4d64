"""Who asks form and pages while a préfecture is upgraded, and what its migrations hold then."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from uuid import uuid4

import asyncpg
import httpx

BETWEEN: Final = 0.2
"""Seconds between two questions."""
SLOW: Final = 1.0
"""Seconds beyond what a page costs by itself from which on an answer counts as waited for."""
BETWEEN_FORMS: Final = 3.0
"""Seconds: the form takes two hundred messages in ten minutes (docs/guide/exploitation.md)."""
FORM: Final = {
    "page": "/formulaire", "nature": "demande", "nom": "Claire Petit",
    "courriel": "claire@exemple.fr", "objet": "Passage clouté",
    "message": "Bonjour, un passage clouté manque rue Grande.",
}  # fmt: skip
LOCKS: Final = """
    SELECT extract(epoch FROM clock_timestamp())::float8 AS at, l.mode,
           l.relation::regclass::text AS name
    FROM pg_locks l JOIN pg_locks a ON a.pid = l.pid AND a.locktype = 'advisory' AND a.objid = $1
    WHERE l.granted AND l.relation = ANY ($2::oid[]) AND l.mode = ANY ($3::text[])
"""
STOPPING: Final = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
"""The locks for which writers wait; for the last of them readers too."""
TABLES: Final = """
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = ANY ('{site,ingest,desk,sla,notify}')
"""


@dataclass
class Asked:
    """One address that is asked again and again: how often in vain, and how long it took."""

    answers: int = 0
    refused: list[str] = field(default_factory=list)
    """What came instead of the right answer."""
    away: float = 0.0
    """Seconds from a question that was answered wrongly, or by nobody, to the next right answer."""
    waited: float = 0.0
    """Seconds beyond `usual` of answers that took a second more, and all of those without one."""
    longest: float = 0.0
    usual: float = 0.0
    """Seconds of the longest answer before anything changed: what the page costs by itself."""
    _since: float | None = None

    def note(self, begun: float, wrong: str | None) -> None:
        """Notes a question that was asked then, and what was wrong with its answer."""
        now = time.monotonic()
        took = now - begun
        self.longest = max(self.longest, took)
        late = took if wrong is not None else took - self.usual
        self.waited += late if late > SLOW or wrong is not None else 0.0
        if wrong is not None:
            self.refused.append(wrong)
            self._since = begun if self._since is None else self._since
            return
        self.answers += 1
        if self._since is not None:
            self.away += now - self._since
            self._since = None


@dataclass
class Traffic:
    """The form and the desk's page, asked from `begin` to `end`; their addresses may change."""

    form_url: str
    desk_url: str
    page: str
    token: str
    patience: float
    """Seconds after which a browser's reader has gone."""
    form: Asked = field(default_factory=Asked)
    desk: Asked = field(default_factory=Asked)
    deposits: int = 0
    """Messages that the form took."""
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Asks from now on."""
        self._tasks = [asyncio.create_task(each) for each in (self._forms(), self._pages())]

    async def costs_before(self, answers: int) -> Sequence[str]:
        """Lets each address answer so often, for what it costs by itself; then counts anew.

        Returns what came instead of right answers: empty if all is well.
        """
        while min(self.form.answers, self.desk.answers) < answers:
            if wrong := (*self.form.refused, *self.desk.refused):
                return wrong
            await self._pause()
        self.form, self.desk = Asked(usual=self.form.longest), Asked(usual=self.desk.longest)
        return ()

    async def end(self) -> None:
        """Asks no more, once the last answers are there."""
        self._ended.set()
        await asyncio.gather(*self._tasks)

    async def _forms(self) -> None:
        sent = float("-inf")
        while not self._ended.is_set():
            begun = time.monotonic()
            if begun - sent > BETWEEN_FORMS:
                wrong = await self._asks(self.form_url, 303, **self._deposit())
                self.deposits += wrong is None
                sent = begun
            else:
                wrong = await self._asks(self.form_url, 200)
            self.form.note(begun, wrong)
            await self._pause()

    async def _pages(self) -> None:
        while not self._ended.is_set():
            begun = time.monotonic()
            headers = {"cookie": f"desk={self.token}"}
            wrong = await self._asks(self.desk_url, 200, path=self.page, headers=headers)
            self.desk.note(begun, wrong)
            await self._pause()

    def _deposit(self) -> Mapping[str, Any]:
        """A message, each from a network of its own: the form takes forty of one."""
        who = f"10.1.{self.deposits % 200}.{1 + self.deposits // 200}"
        headers = {"origin": self.form_url, "x-forwarded-for": who}
        return {"method": "POST", "data": {**FORM, "depot": str(uuid4())}, "headers": headers}

    async def _asks(
        self, url: str, right: int, method: str = "GET", path: str = "/formulaire", **said: Any
    ) -> str | None:
        """Asks once, on a line of its own; what was wrong with the answer."""
        try:
            async with httpx.AsyncClient(base_url=url, timeout=self.patience) as client:
                answer = await client.request(method, path, **said)
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if answer.status_code == right else f"{answer.status_code}"

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), BETWEEN)


@dataclass
class Held:
    """What the migrations held, looked at twenty times a second."""

    url: str
    lock: int
    """The advisory lock of whoever migrates."""
    seen: list[tuple[float, str, str]] = field(default_factory=list)
    """Moment (seconds since 1970), table and mode."""
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Looks from now on at the tables that there are now."""
        connection = await asyncpg.connect(self.url)
        tables = [row["oid"] for row in await connection.fetch(TABLES)]
        self._task = asyncio.create_task(self._looks(connection, tables))

    async def end(self) -> None:
        """Looks no more."""
        self._ended.set()
        if self._task is not None:
            await self._task

    async def _looks(self, connection: Any, tables: Sequence[int]) -> None:
        while not self._ended.is_set():
            for row in await connection.fetch(LOCKS, self.lock, tables, list(STOPPING)):
                self.seen.append((row["at"], row["name"], row["mode"]))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 0.05)
        await connection.close()

    def between(self, first: float, last: float) -> Mapping[tuple[str, str], float]:
        """Seconds for which each table was held in each mode, of those moments."""
        found = dict[tuple[str, str], float]()
        moments = sorted({moment for moment, *_ in self.seen if first <= moment <= last})
        steps = {at: min(after - at, 0.5) for at, after in pairwise([*moments, last])}
        for moment, name, mode in self.seen:
            if moment in steps:
                found[name, mode] = found.get((name, mode), 0.0) + steps[moment]
        return found
