"""`vaguemestre notify`: run the service, and look after what it holds or set aside."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.notify.addressing import Ink
from services.notify.app import create_app, ears
from services.notify.domain.ledger import State
from services.notify.held import drop as drop_notice
from services.notify.held import release as release_notice
from services.notify.previewing import preview as preview_text
from services.notify.settings import NotifySettings
from services.notify.store import SCHEMA
from services.notify.store import ledger as rows
from services.notify.store.ledger import Row
from shared.blobs import LocalBlobs
from shared.clock import open_clock
from shared.database import Connection, Pool, open_pool, transaction
from shared.dead_letter_commands import dead_letters_commands
from shared.errors import VaguemestreError
from shared.facts.envelope import NoticeId
from shared.facts.words import NoticeKind, Way
from shared.listening import Ear
from shared.process import run as run_service
from shared.settings import load
from shared.site import store as site_store
from shared.site.following import rules_in_force

PERSON = click.option("--as", "person", required=True, help="Your id: it stands in the fact.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def notify() -> None:
    """The voice: receipts, acknowledgements, digests, alerts."""


@notify.command()
def run() -> None:
    """Hear items, clocks and bounces; let notices leave until told to stop."""
    try:
        service = create_app(load(NotifySettings))
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    run_service(service)


@notify.group()
def held() -> None:
    """Notices that wait for a person's word."""


@held.command("list")
@JSON
def list_held(*, as_json: bool) -> None:
    """Show what is held and why, oldest first."""

    async def answer(connection: Connection, settings: NotifySettings, now: datetime) -> None:
        del settings, now
        for row in await rows.in_state(connection, State.HELD):
            click.echo(_shown(row, as_json=as_json))

    _ask(answer)


@held.command()
@click.argument("notice", type=click.UUID)
@PERSON
def release(notice: UUID, person: str) -> None:
    """Let NOTICE leave now."""

    async def answer(connection: Connection, settings: NotifySettings, now: datetime) -> None:
        del settings
        applied = await site_store.current(connection)
        await release_notice(connection, NoticeId(notice), person, applied, now)
        click.echo("It leaves now.")

    _ask(answer)


@held.command()
@click.argument("notice", type=click.UUID)
@PERSON
def drop(notice: UUID, person: str) -> None:
    """Never let NOTICE leave."""

    async def answer(connection: Connection, settings: NotifySettings, now: datetime) -> None:
        del settings
        await drop_notice(connection, NoticeId(notice), person, now)
        click.echo("It will not leave.")

    _ask(answer)


@notify.command()
@JSON
def ledger(*, as_json: bool) -> None:
    """Count the notices by state and kind."""

    async def answer(connection: Connection, settings: NotifySettings, now: datetime) -> None:
        del settings, now
        for (state, kind), count in sorted((await rows.counts(connection)).items()):
            line = {"state": state, "kind": kind, "count": count}
            click.echo(json.dumps(line) if as_json else f"{count:>7}  {state:<11} {kind}")

    _ask(answer)


@notify.command()
@click.argument("kind", type=click.Choice([kind.value for kind in NoticeKind]))
@click.argument("chrono")
@click.option("--pdf", type=click.Path(path_type=Path), help="Write the letter there instead.")
def preview(kind: str, chrono: str, pdf: Path | None) -> None:
    """Show the notice of KIND that the item of CHRONO calls for, and whether it would leave."""

    async def answer(connection: Connection, settings: NotifySettings, now: datetime) -> None:
        ink = Ink(LocalBlobs(settings.blobs), settings.secret.get_secret_value().encode())
        way = Way.MAIL if pdf is None else Way.PAPER
        shown = await preview_text(connection, NoticeKind(kind), chrono, way, ink, now)
        click.echo(shown.verdict)
        if pdf is None:
            click.echo(f"\n{shown.text}")
        else:
            pdf.write_bytes(shown.octets)  # noqa: ASYNC240  (a command alone in its process)
            click.echo(f"Written to {pdf}.")

    _ask(answer)


async def _ears(settings: NotifySettings, pool: Pool) -> Sequence[Ear[Any]]:
    return ears(await rules_in_force(pool, settings.database_url))


notify.add_command(dead_letters_commands(SCHEMA, NotifySettings, _ears))


def _shown(row: Row, *, as_json: bool) -> str:
    entry = row.entry
    fields: dict[str, Any] = {
        "notice": str(entry.notice_id),
        "kind": entry.kind.value,
        "why": entry.why,
        "planned": row.planned_at.isoformat(timespec="minutes"),
        "item": str(row.item_id) if row.item_id else None,
    }
    return json.dumps(fields) if as_json else "  ".join(str(value) for value in fields.values())


def _ask(answer: Callable[[Connection, NotifySettings, datetime], Awaitable[None]]) -> None:
    """Runs `answer` in one transaction, at the site's own time; a refusal keeps nothing."""

    async def ask() -> None:
        settings = load(NotifySettings)
        pool = await open_pool(settings.database_url, "notify", size=2, wait=settings.start_wait)
        try:
            clock = await open_clock(pool, settings.database_url)
            async with transaction(pool) as connection:
                await answer(connection, settings, clock.now())
        finally:
            await pool.close()

    try:
        asyncio.run(ask())
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
