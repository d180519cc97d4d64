"""`vaguemestre notify`: run the service, and look after what it holds or set aside."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from services.notify.app import create_app, create_router
from services.notify.dead_letter_retry import retry_parked
from services.notify.domain.ledger import NoticeState
from services.notify.held_notices import chrono_of, find_held, item_of, judged_by, reachable
from services.notify.held_notices import drop as drop_notice
from services.notify.held_notices import release as release_notice
from services.notify.mail_composition import MailSigning
from services.notify.preview import preview as preview_text
from services.notify.settings import NotifySettings
from services.notify.store import SCHEMA, caps, facts
from services.notify.store import ledger_lists as rows
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import FilesFirst
from shared.errors import Refused
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.messaging import handler_declarations
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.dead_letter_commands import dead_letters_commands, retry_one
from shared.platform.postgres import command_journal
from shared.platform.process import run as run_service
from shared.platform.settings import load
from shared.platform.shell import decides, origin_here
from shared.site import store as site_store
from shared.site.applied_rules import applied_rules
from shared.site.staff.people_store import people_at

NOTICE = click.argument("notice")
PERSON = click.option("--as", "person", required=True, help="Your id: it stands in the fact.")
DECIDES = decides(PERSON)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


class NotifyQuestions(NotifySettings):
    """The settings of notify's short commands, which need neither Kafka nor a mail server."""

    kafka: str = ""
    smtp_host: str = ""


@click.group()
def notify() -> None:
    """Commands about notices: receipts, acknowledgements, digests, alerts."""


@notify.command()
def run() -> None:
    """Run the service notify until told to stop: it plans notices and sends them by email."""
    service = create_app(load(NotifySettings))
    run_service(service)


@notify.group()
def held() -> None:
    """Look after notices that are held back until a person decides."""


@held.command("list")
@JSON
def list_held(*, as_json: bool) -> None:
    """List the held notices, oldest first: moment, chrono, kind, reason, id."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        del files, now
        zone = (await site_store.current(connection)).site.zone
        held = await rows.in_state(connection, NoticeState.HELD)
        chronos = await facts.chronos(connection, [row.item_id for row in held if row.item_id])
        for row in held:
            chrono = chronos.get(row.item_id) if row.item_id else None
            click.echo(_json(row, chrono) if as_json else _shown(row, chrono, zone))
        if not held and not as_json:
            click.echo("Nothing is held.")

    _ask(answer)


@held.command()
@NOTICE
@DECIDES
def release(notice: str, person: str) -> None:
    """Let the held NOTICE leave now: its id, or the chrono of which it is the only one held."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        applied = await site_store.current(connection)
        who = (await people_at(connection, now)).somebody(person)
        which = await find_held(connection, notice, applied.site, now)
        await judged_by(connection, await item_of(connection, which), who, applied.site)
        await reachable(connection, which, files)
        await release_notice(connection, which, who.id, applied, now, origin_here())
        click.echo("It leaves now.")

    _ask(answer)


@held.command()
@NOTICE
@DECIDES
def drop(notice: str, person: str) -> None:
    """Drop the held NOTICE for ever: its id, or the chrono of which it is the only one held."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        del files
        site = (await site_store.current(connection)).site
        who = (await people_at(connection, now)).somebody(person)
        which = await find_held(connection, notice, site, now)
        await judged_by(connection, await item_of(connection, which), who, site)
        await drop_notice(connection, which, who.id, now, origin_here())
        click.echo("It will not leave.")

    _ask(answer)


@notify.group()
def silenced() -> None:
    """Look after silenced addresses, which get no automatic mail as they reached their cap."""


@silenced.command("list")
@JSON
def list_silenced(*, as_json: bool) -> None:
    """List the silenced addresses: since when, last item's chrono, number of notices held."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        del files, now
        zone = (await site_store.current(connection)).site.zone
        found = await caps.silenced_addresses(connection)
        for silenced_address in found:
            since = silenced_address.since.astimezone(zone)
            line = {
                "since": since.isoformat(),
                "chrono": silenced_address.chrono,
                "held": silenced_address.held,
            }
            chrono = silenced_address.chrono or "-"
            shown = f"since {since:%Y-%m-%d %H:%M}  {chrono:<16}  {silenced_address.held} held"
            click.echo(json.dumps(line) if as_json else shown)
        if not found and not as_json:
            click.echo("Nobody is silenced.")

    _ask(answer)


@silenced.command()
@click.argument("chrono")
@DECIDES
def lift(chrono: str, person: str) -> None:
    """Allow automatic mail again to the sender of the item CHRONO; what is held stays held."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        del files
        site = (await site_store.current(connection)).site
        who = (await people_at(connection, now)).somebody(person)
        named = chrono_of(chrono, site, now)
        if (item := await facts.with_chrono(connection, named)) is not None:
            await judged_by(connection, item, who, site)
        if not await caps.lift(connection, named, who.id, now):
            raise Refused(f"Whoever wrote {named} is not silenced: see `notify silenced list`.")
        click.echo("They may hear from us again.")

    _ask(answer)


@notify.command()
@JSON
def ledger(*, as_json: bool) -> None:
    """Count the notices in the ledger by state and kind."""

    async def answer(connection: Connection, files: FilesFirst, now: datetime) -> None:
        del files, now
        for (state, kind), count in sorted((await rows.counts(connection)).items()):
            line = {"state": state, "kind": kind, "count": count}
            click.echo(json.dumps(line) if as_json else f"{count:>7}  {state:<11} {kind}")

    _ask(answer)


@notify.command()
@click.argument("kind", type=click.Choice([kind.value for kind in NoticeKind]))
@click.argument("chrono")
@click.option("--pdf", type=click.Path(path_type=Path), help="Write the letter there instead.")
def preview(kind: str, chrono: str, pdf: Path | None) -> None:
    """Show the notice of KIND for the item of CHRONO, and whether it would be sent."""

    async def show(pool: Pool, settings: NotifySettings, now: datetime) -> None:
        async with transaction(pool) as connection:
            wanted = chrono_of(chrono, (await site_store.current(connection)).site, now)
        ink = MailSigning(
            settings.originals,
            settings.site_keys,
            settings.code_keys,
            settings.portal_url,
        )
        way = Way.MAIL if pdf is None else Way.PAPER
        shown = await preview_text(pool, NoticeKind(kind), wanted, way, ink, now)
        async with transaction(pool) as connection:
            await command_journal.note(connection, now, [wanted])
        click.echo(shown.verdict)
        if pdf is None:
            click.echo(f"\n{shown.text}")
        else:
            pdf.write_bytes(shown.octets)  # noqa: ASYNC240  (a command alone in its process)
            click.echo(f"Written to {pdf}.")

    _with_pool(show)


async def _again(pool: Pool, letter: int, now: datetime) -> str:
    """A parked item or notice is read again; a record of Kafka is heard again."""
    rules = await applied_rules(pool)
    said = await retry_parked(pool, letter, rules.applied, now)
    if said is not None:
        return said
    clock = await open_clock(pool, load(NotifyQuestions).database_url)
    group = ConsumerGroup(SCHEMA)
    ears = handler_declarations.subscriptions(group, create_router(group, rules))
    heard = await retry_one(pool, clock, SCHEMA, ears, letter)
    return heard.partition(": ")[2]


notify.add_command(dead_letters_commands(SCHEMA, NotifyQuestions, again=_again))


def _json(row: LedgerRow, chrono: str | None) -> str:
    return json.dumps(
        {
            "notice": str(row.entry.notice_id),
            "kind": row.entry.kind.value,
            "why": row.entry.why,
            "planned": row.planned_at.isoformat(timespec="minutes"),
            "item": str(row.item_id) if row.item_id else None,
            "chrono": chrono,
        }
    )


def _shown(row: LedgerRow, chrono: str | None, zone: ZoneInfo) -> str:
    entry = row.entry
    return (
        f"{row.planned_at.astimezone(zone):%Y-%m-%d %H:%M}  {chrono or '-':<16}  {entry.kind:<14}"
        f"  {entry.why}  {entry.notice_id}"
    )


def _ask(answer: Callable[[Connection, FilesFirst, datetime], Awaitable[None]]) -> None:
    """Runs `answer` in one transaction, at the site's own time; a refusal keeps nothing."""

    async def ask(pool: Pool, settings: NotifySettings, now: datetime) -> None:
        files = FilesFirst(settings.originals)
        await files.transact(pool, lambda connection: answer(connection, files, now))

    _with_pool(ask)


def _with_pool(do: Callable[[Pool, NotifySettings, datetime], Awaitable[None]]) -> None:
    async def ask() -> None:
        settings = load(NotifyQuestions)
        pool = await open_pool(settings.database_url, "notify", size=2, wait=settings.start_wait)
        try:
            await do(pool, settings, (await open_clock(pool, settings.database_url)).now())
        finally:
            await pool.close()

    asyncio.run(ask())
