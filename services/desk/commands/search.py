"""Commands that find: by number, words and filters; and that keep the search complete."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import click
import orjson

from services.desk import cli_json, cli_text
from services.desk.commands.decision_options import DAY
from services.desk.commands.readers import READER, reader
from services.desk.commands.session import PATIENCE, CommandSession, run
from services.desk.domain.item import ItemStatus
from services.desk.search import index_job
from services.desk.search.store import search as finds
from services.desk.settings import DeskSettings
from services.desk.store import search_index as store
from services.desk.store.search_index import Lag
from services.desk.store.search_types import (
    LATE,
    MARKS,
    OPEN,
    Filter,
    SearchHit,
    SearchPage,
    SearchQuery,
    UnregisteredHit,
)
from shared.errors import Refused
from shared.facts.vocabulary import Channel
from shared.platform.database import open_pool, transaction
from shared.platform.settings import load

F = TypeVar("F", bound=Callable[..., Any])

PAUSE_SECONDS = 0.5

STATES = [OPEN, LATE, *(state.value for state in ItemStatus if state is not ItemStatus.OPEN)]


def filters(command: F) -> F:
    """Adds the options that filter items to a command."""
    for option in reversed(
        (
            click.option("--service", help="Only this service's items."),
            click.option(
                "--state",
                type=click.Choice(STATES),
                help="open: all that wait for an answer; late: those past their limit.",
            ),
            click.option("--category", help="Only this category."),
            click.option("--channel", type=click.Choice([channel.value for channel in Channel])),
            click.option("--from", "received_from", type=DAY, help="Received on or after."),
            click.option("--until", "received_until", type=DAY, help="Received on or before."),
            READER,
        )
    ):
        command = option(command)
    return command


def question(
    session: CommandSession,
    who: str | None,
    text: str,
    asked: Mapping[str, Any],
    *,
    outlines: bool = False,
) -> SearchQuery:
    """Builds a search query from command-line options and the person's permissions.

    `outlines`: réservé items are found, without sender and subject. Raises Refused when the site
    has no such service, category or person.
    """
    site = session.applied.site
    for name, known in (("service", site.service), ("category", site.category)):
        if asked[name] is not None and asked[name] not in known:
            raise Refused(
                f"There is no {name} {asked[name]!r} in this site; there are"
                f" {', '.join(sorted(known))}."
            )
    department = site.identity.department
    meant = reader(session, who, outlines=outlines)
    return SearchQuery(meant, text, Filter(**asked), session.today, department)


class _Words(click.Group):
    """`desk search WORDS`; the one word `reindex` is a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Words are for `find`."""
        return super().parse_args(ctx, args if args[:1] == ["reindex"] else ["find", *args])


@click.group(cls=_Words)
def search() -> None:
    """Find items by number, sender, subject or content (`reindex`: read all content again)."""


@search.command("find", hidden=True)
@click.argument("words", nargs=-1)
@filters
@click.option("--limit", default=25, show_default=True, type=click.IntRange(1, 500))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def find(
    words: tuple[str, ...], who: str | None, limit: int, *, as_json: bool, **asked: Any
) -> None:
    """Find items by number, sender, subject or content; typing errors are forgiven.

    `desk search WORDS`. A number may be typed in any way (123, A-123, 36-2026-A-000123). "…" keeps
    words together, -word excludes. Without words: what passes the filters, the newest first.
    `desk search reindex` reads all content again.
    """
    text = " ".join(words).strip()

    async def work(session: CommandSession) -> tuple[CommandSession, SearchPage]:
        asked_for = question(session, who, text, asked)
        return session, await finds.find(session.connection, asked_for, limit=limit)

    session, found = run(work)
    if as_json:
        _print(
            {
                "forgiven": found.forgiven,
                "more": found.after is not None,
                "items": [_document(hit, session) for hit in found.hits],
                "elsewhere": [_aside(aside) for aside in found.asides],
            }
        )
        return
    for text_line in _lines(found, session):
        click.echo(text_line)


def _lines(found: SearchPage, session: CommandSession) -> Iterator[str]:
    if found.forgiven:
        yield "Nothing has these words; what follows has some that look like them."
    lines = list(
        cli_text.table([hit.line for hit in found.hits], session.today, session.applied.days)
    )
    yield lines[0]
    for hit, text in zip(found.hits, lines[1:], strict=False):
        yield text
        said = " — ".join(part for part in (hit.sender, hit.subject) if part)
        yield "    " + (_unmarked(said) if said else "(réservé)" if hit.sealed else "(no content)")
        if hit.extract:
            yield f"    {_unmarked(' '.join(hit.extract.split()))}"
    for aside in found.asides:
        about = _unmarked(f"{aside.sender} — {aside.subject}")
        yield f"{aside.kind}: {aside.number or aside.id}, {about}"
    if found.after is not None:
        yield "There are more: narrow the search, or raise --limit."


def _document(hit: SearchHit, session: CommandSession) -> dict[str, Any]:
    said = {name: _unmarked(getattr(hit, name)) for name in ("sender", "subject", "extract")}
    line = cli_json.line(hit.line, session.today, session.applied.days)
    return {**line, "sealed": hit.sealed, **said}


def _aside(aside: UnregisteredHit) -> dict[str, Any]:
    said = {name: _unmarked(getattr(aside, name)) for name in ("sender", "subject", "extract")}
    return {"id": aside.id, "kind": aside.kind, "number": aside.number, "at": aside.at, **said}


def _unmarked(text: str) -> str:
    return text.replace(MARKS[0], "").replace(MARKS[1], "")


@search.command()
@click.option("--lacking", is_flag=True, help="Only what could not be read the last time.")
def reindex(*, lacking: bool) -> None:
    """Rebuild the search index from the stored content, after a restore or an outage.

    It may be stopped and started again at any time, and runs alongside `desk keep`.
    """
    left = asyncio.run(_reindex(load(DeskSettings), lacking=lacking))
    click.echo(f"Done; {left.lacking} of them have content that can't be read.")


async def _reindex(settings: DeskSettings, *, lacking: bool) -> Lag:
    pool = await open_pool(settings.database_url, "desk command", size=2, wait=PATIENCE)
    try:
        async with transaction(pool) as connection:
            noted = await store.note_all(connection, lacking=lacking)
            click.echo(f"{noted} to read.")
        blobs = settings.originals
        while True:
            async with transaction(pool) as connection:
                lag = await store.lag(connection)
            if not lag.waiting:
                return lag
            if not await index_job.index(pool, blobs):
                await asyncio.sleep(PAUSE_SECONDS)  # `desk keep` reads meanwhile
    finally:
        await pool.close()


def _print(document: object) -> None:
    click.echo(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2).decode())
