"""What a short command stands on: a connection, the moment, the rules, the people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

import click

from services.desk.domain.item import Item
from services.desk.settings import DeskSettings
from services.desk.store import former_chronos, item_numbers, items
from shared.content import chronos
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import DepartureCode, LabelCode, PaperCode
from shared.platform import command_loop
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, transaction
from shared.platform.postgres import command_journal, rows
from shared.platform.settings import load
from shared.site import store
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person

PATIENCE = timedelta(seconds=5)

Knows = Callable[[Item], bool]


class DeskQuestions(DeskSettings):
    """The settings of the short commands, which do not need Kafka."""

    kafka: str = ""


T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class CommandSession:
    """The context in which one command runs: database transaction, moment, rules, people."""

    connection: Connection
    now: datetime
    applied: AppliedSite
    directory: Directory
    settings: DeskSettings
    knows: Knows | None = None
    """Whether whoever decides may know of an item; `None`: nobody decides, all is found."""
    named: list[ItemId] = field(default_factory=list)
    """The items that were named so far: what the command is about."""

    @property
    def today(self) -> date:
        """The local day in the site's time zone."""
        return self.now.astimezone(self.applied.site.zone).date()

    @property
    def keys(self) -> CodeKeys:
        """The keys that sign and verify the codes printed on papers."""
        return self.settings.code_keys(self.applied)

    def code(self, text: str) -> PaperCode | None:
        """Parses a code scanned or typed from a paper; `None` if it is none. Raises NotProven."""
        return self.keys.prove(text, self.today)

    def chrono(self, text: str) -> Chrono:
        """Parses the chrono that a person typed, in any spelling. Raises Refused."""
        return chronos.read(text, self.applied.site.identity.department, self.today.year)

    def departure(self, text: str) -> Chrono | None:
        """Parses the chrono of a departure that a person typed; `None`: something else."""
        if self._label(text) is not None or isinstance(self.code(text), DepartureCode):
            return None
        found = self.chrono(text)
        return found if chronos.is_departure(found) else None

    async def item(self, text: str) -> ItemId:
        """Finds an item by chrono, `label:NUMBER` or a code from paper. Raises Refused."""
        label = self._label(text)
        if label is not None:
            found, name = await item_numbers.by_label(self.connection, label), f"sticker {label}"
        else:
            code = self.code(text)
            wanted = code.chrono if isinstance(code, DepartureCode) else self.chrono(text)
            found, name = await item_numbers.by_chrono(self.connection, wanted), wanted
        if found is None and self.knows is None and label is None:
            await self._refuse_former(wanted)
        if found is None or not await self._known(found):
            raise Refused(f"No item of the register bears {name}: check the number.")
        self.named.append(found)
        return found

    async def _refuse_former(self, chrono: Chrono) -> None:
        """Says what is known of a number of lost hours that leads to no item yet."""
        said = await former_chronos.said_of(self.connection, chrono)
        if said is not None:
            raise Refused(
                f"{chrono} was given in hours that a restore lost ({said}): once it is registered "
                f"again, say under which number by `vaguemestre desk formerly NEW {chrono}`."
            )

    async def _known(self, item_id: ItemId) -> bool:
        """What one may not know of answers like what is not there (ADR 0036)."""
        if self.knows is None:
            return True
        found = await items.read(self.connection, [item_id])
        return any(map(self.knows, found.values()))

    def person(self, who: str) -> Person:
        """Finds a person of the préfecture. Raises Refused."""
        return self.directory.somebody(who)

    def _label(self, text: str) -> str | None:
        """The number of a sticker, keyed or read by a hand scanner."""
        if text.startswith("label:"):
            return text.removeprefix("label:").zfill(6)
        code = self.code(text)
        return code.name if isinstance(code, LabelCode) else None


def run(work: Callable[[CommandSession], Awaitable[T]]) -> T:
    """Runs `work` in one transaction and returns its result. Raises VaguemestreError."""
    return command_loop.run(_saying(_run(load(DeskQuestions), work)))


async def _saying(work: Awaitable[T]) -> T:
    """Says beside the answer which rows are missing in it."""
    with rows.leaving_out() as left:
        done = await work
    for unreadable_row in left:
        click.echo(f"Left out: {unreadable_row}", err=True)
    return done


def run_with_pool(
    work: Callable[[CommandSession], Awaitable[T]],
    after: Callable[[Pool, DeskSettings, datetime], Awaitable[U]],
) -> tuple[T, U]:
    """Runs `work` in one transaction, then `after` outside it; returns both results."""
    return command_loop.run(_saying(_run_with_pool(load(DeskQuestions), work, after)))


def run_and_then(
    work: Callable[[CommandSession], Awaitable[T]],
    after: Callable[[T, Pool, DeskSettings, datetime], Awaitable[U]],
) -> U:
    """Runs `work` in one transaction; once it is committed returns `after` of its result."""
    found = list[T]()

    async def first(session: CommandSession) -> None:
        found.append(await work(session))

    async def then(pool: Pool, settings: DeskSettings, now: datetime) -> U:
        return await after(found[0], pool, settings, now)

    return run_with_pool(first, then)[1]


async def _run(settings: DeskSettings, work: Callable[[CommandSession], Awaitable[T]]) -> T:
    async def nothing(*_: object) -> None:
        return

    done, _ = await _run_with_pool(settings, work, nothing)
    return done


async def _run_with_pool(
    settings: DeskSettings,
    work: Callable[[CommandSession], Awaitable[T]],
    after: Callable[[Pool, DeskSettings, datetime], Awaitable[U]],
) -> tuple[T, U]:
    url = settings.database_url
    async with command_loop.command_pool(url, "desk command", size=2, wait=PATIENCE) as pool:
        clock = await open_clock(pool, settings.database_url)
        now = clock.now()
        async with transaction(pool) as connection:
            applied = await store.current(connection)
            directory = await people_store.people_at(connection, now)
            session = CommandSession(connection, now, applied, directory, settings)
            done = await work(session)
            chronos = [await item_numbers.chrono_of(connection, item) for item in session.named]
            await command_journal.note(connection, now, chronos)
        return done, await after(pool, settings, now)
