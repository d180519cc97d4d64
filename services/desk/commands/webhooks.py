"""`desk webhooks`: the addresses that keys of the API have told what happens, where no page is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import click

from services.desk.api.domain.webhooks import Webhook, WebhookId
from services.desk.api.store import webhook_lanes, webhooks
from services.desk.api.store.webhook_lanes import FailedLane
from services.desk.api.webhook_service import WebhookService, WebhookWish
from services.desk.commands.session import CommandSession, run
from services.desk.store.access_journal import JournalLine, What
from shared.facts.authors import by_account
from shared.platform.postgres import command_journal
from shared.platform.shell import account
from shared.web.application_tokens import KeyId

MOST_SHOWN = 50
"""Of each webhook; all of them are counted."""


@click.group("webhooks")
def webhooks_() -> None:
    """Commands about webhooks: other programs are told what happens to items."""


@webhooks_.command("list")
def list_() -> None:
    """List every webhook that stands, its key, and what was given up."""

    async def work(
        session: CommandSession,
    ) -> tuple[Sequence[Webhook], Sequence[FailedLane], Mapping[WebhookId, int]]:
        found = await webhooks.every(session.connection)
        failed = await webhook_lanes.given_up(session.connection, MOST_SHOWN)
        return found, failed, await webhook_lanes.lost(session.connection)

    found, failed, lost = run(work)
    standing = [webhook for webhook in found if webhook.ended_at is None]
    if not standing:
        click.echo("No webhook.")
    for webhook in standing:
        types = "every fact" if webhook.types is None else ",".join(sorted(webhook.types))
        told = "never" if webhook.told_at is None else f"{webhook.told_at:%Y-%m-%d}"
        click.echo(f"{webhook.webhook}  key {webhook.key}, {types}, last {told}: {webhook.url}")
    for lane in failed:
        item = lane.chrono or "réservé"
        click.echo(f"given up  {lane.webhook}  {lane.item_id} ({item}): {lane.why}, {lane.facts}")
    for webhook_id, lanes in lost.items():
        if lanes > MOST_SHOWN:
            shown = f"{lanes} items in all, the oldest {MOST_SHOWN} above"
            click.echo(f"given up  {webhook_id}  {shown}")


@webhooks_.command()
@click.option("--key", required=True, help="Whose: the twelve digits of a key with `items`.")
@click.option("--url", required=True, help="Where it is told: https://…")
@click.option("--type", "types", multiple=True, help="Of which facts; several times; none: all.")
def give(key: str, url: str, types: Sequence[str]) -> None:
    """Have an address told what happens: its secret is printed once, and kept nowhere."""

    async def work(session: CommandSession) -> tuple[Webhook, str]:
        wish = WebhookWish(KeyId(key), url, frozenset(types) or None)
        site = session.applied.site
        return await _service(session).give(wish, site, session.now, uuid4())

    webhook, secret = run(work)
    click.echo(secret)
    click.echo(f"It is webhook {webhook.webhook}.", err=True)


@webhooks_.command()
@click.argument("webhook", type=click.UUID)
def rotate(webhook: UUID) -> None:
    """Give WEBHOOK another secret, printed once; for seven days the former one signs as well."""

    async def work(session: CommandSession) -> str:
        return await _service(session).rotate(WebhookId(webhook), session.now, uuid4())

    click.echo(run(work))


@webhooks_.command()
@click.argument("webhook", type=click.UUID)
def end(webhook: UUID) -> None:
    """End WEBHOOK: it is told nothing more, nor what waits."""

    async def work(session: CommandSession) -> None:
        await _service(session).end(WebhookId(webhook), session.now)

    run(work)
    click.echo(f"{webhook} has ended.")


@webhooks_.command()
@click.argument("webhook", type=click.UUID)
def retry(webhook: UUID) -> None:
    """Let all that was given up of WEBHOOK be told again, at once."""

    async def work(session: CommandSession) -> int:
        return await _service(session).retry(WebhookId(webhook))

    click.echo(f"{run(work)} items are told again.")


def _service(session: CommandSession) -> WebhookService:
    who = account()
    # Which of them it is, the service says.
    line = JournalLine(session.now, What.WEBHOOK_GIVEN, None, None, "vaguemestre desk webhooks")
    line = replace(line, account=who, why=command_journal.why())
    return WebhookService(session.connection, by_account(who), line, session.settings.site_keys)
