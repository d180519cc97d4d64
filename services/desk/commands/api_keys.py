"""`desk api-keys`: the keys of the API, for whoever runs the register where no page is at hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import uuid4

import click

from services.desk.api.domain.keys import (
    LONGEST,
    MOST_PER_MINUTE,
    USUAL_PER_MINUTE,
    ApiKey,
    KeyScope,
)
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.api.store import keys
from services.desk.api.store.keys import StoredKey
from services.desk.commands.session import CommandSession, run
from services.desk.store.access_journal import JournalLine, What
from shared.facts.authors import by_account
from shared.platform.postgres import command_journal
from shared.platform.shell import account
from shared.web.application_tokens import KeyId


@click.group("api-keys")
def api_keys() -> None:
    """Commands about the keys by which other programs ask the register: to give or revoke one."""


@api_keys.command("list")
def list_() -> None:
    """List every key ever given: what it may ask, until when, when it last did."""

    async def work(session: CommandSession) -> tuple[datetime, Sequence[StoredKey]]:
        return session.now, await keys.every(session.connection)

    now, found = run(work)
    if not found:
        click.echo("No key yet.")
    for stored in found:
        key = stored.key
        state = _state(key, now)
        services = "every service" if key.services is None else ",".join(sorted(key.services))
        scopes = ",".join(sorted(key.scopes))
        click.echo(
            f"{key.key}  {state}  {scopes} of {services}, last {stored.seen_on}: {key.label}"
        )


@api_keys.command()
@click.option("--label", required=True, help="Which application will have it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in KeyScope]),
    help="What it may ask; several times. `reserved` never comes by itself.",
)
@click.option("--service", "services", multiple=True, help="Of which service; several times.")
@click.option("--all-services", is_flag=True, help="Of every service.")
@click.option(
    "--days",
    default=LONGEST.days - 1,
    show_default=True,
    type=click.IntRange(1, LONGEST.days - 1),
    help="How long it holds.",
)
@click.option(
    "--per-minute",
    default=USUAL_PER_MINUTE,
    show_default=True,
    type=click.IntRange(1, MOST_PER_MINUTE),
)
def give(
    label: str,
    scopes: Sequence[str],
    services: Sequence[str],
    days: int,
    per_minute: int,
    *,
    all_services: bool,
) -> None:
    """Give a key: its token is printed once, and kept nowhere.

    One that reads letters (`content`, `reserved`) opens nothing until a second person, who may
    read them, confirmed it on the page; no command does.
    """
    if all_services == bool(services):
        raise click.UsageError("Say --service, or --all-services.")

    async def work(session: CommandSession) -> tuple[bool, str]:
        last = session.today + timedelta(days=days)
        wish = KeyWish(
            label=label,
            scopes=frozenset(KeyScope(scope) for scope in scopes),
            services=None if all_services else frozenset(services),
            per_minute=per_minute,
            expires_at=datetime.combine(last, time(), session.applied.site.zone),
        )
        key, token = await _service(session).give(wish, session.applied.site, session.now, uuid4())
        return key.waits(session.now), token

    waits, token = run(work)
    click.echo(token)
    if waits:
        click.echo(
            "It waits for a second person, who confirms it on /cles-api/a-confirmer.", err=True
        )


@api_keys.command()
@click.argument("key")
def revoke(key: str) -> None:
    """Revoke the key KEY, its twelve digits: its next request is refused."""

    async def work(session: CommandSession) -> None:
        await _service(session).revoke(KeyId(key), session.now)

    run(work)
    click.echo(f"{key} is revoked.")


def _state(key: ApiKey, now: datetime) -> str:
    if key.waits(now):
        return "waits for a second person"
    return f"until {key.expires_at:%Y-%m-%d}" if key.holds(now) else "holds no more"


def _service(session: CommandSession) -> KeyService:
    who = account()
    # Which of the two it is, the service says.
    line = JournalLine(session.now, What.KEY_GIVEN, None, None, "vaguemestre desk api-keys")
    line = replace(line, account=who, why=command_journal.why())
    return KeyService(session.connection, by_account(who), line)
