"""`/abonnements`: which addresses keys of the API have told what happens, and what failed.

An administrator makes and ends them, and sees no letter: of réservé items not even a number.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.webhooks import NO_SECRET, Webhook, WebhookId
from services.desk.api.store import keys, webhook_lanes, webhooks
from services.desk.api.store.webhook_lanes import FailedLane
from services.desk.api.webhook_service import WebhookService, WebhookWish
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.errors import Refused
from shared.facts.authors import by_account, by_person
from shared.facts.envelope import ItemId
from shared.web.application_tokens import KeyId

URL: Final = "/abonnements"
FAILED: Final = f"{URL}/echecs"
LOCAL: Final = "local"
"""The account of an administrator who is nobody of the préfecture."""
MOST_SHOWN: Final = 50
"""Of each webhook; all of them are counted."""
WHY: Final[Mapping[str, str]] = {
    "address": "l’adresse mène à un réseau que le site n’autorise pas",
    "unreachable": "le serveur ne répond pas",
    "certificate": "le certificat du serveur n’est pas reconnu",
    "too-slow": "pas de réponse en quinze secondes",
    "protocol": "la réponse n’est pas du HTTP",
    NO_SECRET: "le secret du site a changé : remplacez le secret de l’abonnement",
}


async def show_webhooks(visit: Visit) -> Response:
    """Shows the webhooks, with a form to make one; a POST makes it and shows its secret once."""
    secret, url = "", ""
    if visit.request.method == "POST":
        form = await visit.form()
        types = frozenset(form.text("types").replace(",", " ").split())
        wish = WebhookWish(KeyId(form.text("key")), form.text("url"), types or None)
        site = visit.applied.site
        made, secret = await _service(visit).give(wish, site, visit.now, form.decision)
        url = made.url
        # Sent twice, the second leads to the list: the secret is kept nowhere.
        await visit.to(URL)
    return await _page(visit, secret, url)


async def rotate(visit: Visit) -> Response:
    """Replaces the secret of a webhook, and shows the new one once."""
    form = await visit.form()
    webhook = _named(visit)
    secret = await _service(visit).rotate(webhook, visit.now, form.decision)
    found = await webhooks.read_locked(visit.connection, webhook)
    await visit.to(URL)
    return await _page(visit, secret, "" if found is None else found.url, rotated=True)


async def end(visit: Visit) -> Response:
    """Ends a webhook: no more facts are sent to it."""
    await visit.form()
    await _service(visit).end(_named(visit), visit.now)
    return await visit.to(URL, "L’abonnement est terminé : plus rien n’est envoyé.")


async def show_failures(visit: Visit) -> Response:
    """Shows the items whose delivery to a webhook was given up, and waits for a person."""
    known = {webhook.webhook: webhook for webhook in await webhooks.every(visit.connection)}
    found = await webhook_lanes.given_up(visit.connection, MOST_SHOWN)
    lost = await webhook_lanes.lost(visit.connection)
    labels = {row.key.key: row.key.label for row in await keys.every(visit.connection)}
    groups = [
        {
            "webhook": str(webhook),
            "label": labels[known[webhook].key],
            "url": known[webhook].url,
            "lost": lost.get(webhook, 0),
            "rows": [_failure(lane, visit) for lane in found if lane.webhook == webhook],
        }
        for webhook in dict.fromkeys(lane.webhook for lane in found)
    ]
    return await visit.html("api/failed.html", groups=groups, url=URL)


async def retry(visit: Visit) -> Response:
    """Has deliveries to a webhook that were given up tried again: of one item, or of all."""
    form = await visit.form()
    item = form.text("item")
    await _service(visit).retry(_named(visit), _item(item) if item else None)
    return await visit.to(FAILED, "L’envoi reprend.")


async def pass_over(visit: Visit) -> Response:
    """Gives up one message to a webhook for good, so that the item's next ones are sent."""
    form = await visit.form()
    await _service(visit).pass_over(_named(visit), _item(form.text("item")))
    return await visit.to(FAILED, "Ce message ne sera pas envoyé ; les suivants partent.")


async def _page(visit: Visit, secret: str, url: str, *, rotated: bool = False) -> Response:
    names = Names(visit.applied.site, visit.directory)
    stored = [row.key for row in await keys.every(visit.connection)]
    labels = {key.key: key.label for key in stored}
    found = await webhooks.every(visit.connection)
    lost = await webhook_lanes.lost(visit.connection)
    offered = [
        (key.key, f"{key.label} ({key.key})")
        for key in stored
        if KeyScope.ITEMS in key.scopes
        and (key.waits(visit.now) or (key.holds(visit.now) and KeyScope.RESERVED not in key.scopes))
    ]
    return await visit.html(
        "api/webhooks.html",
        shown_once=secret,
        rotated=rotated,
        told=url,
        failed=FAILED,
        lost=sum(lost.values()),
        rows=[_row(webhook, labels[webhook.key], visit, names) for webhook in found],
        keys=offered,
    )


def _row(webhook: Webhook, label: str, visit: Visit, names: Names) -> Mapping[str, object]:
    zone = visit.applied.site.zone

    def day(moment: datetime) -> str:
        return labels_fr.short_day(moment.astimezone(zone).date())

    state = "en vigueur"
    if webhook.ended_at is not None:
        state = f"terminé le {day(webhook.ended_at)} par {names.author(webhook.ended_by or '')}"
    elif webhook.former_until is not None and visit.now < webhook.former_until:
        state = f"deux secrets signent jusqu’au {day(webhook.former_until)}"
    return {
        "webhook": str(webhook.webhook),
        "label": label,
        "key": webhook.key,
        "url": webhook.url,
        "types": "tous les faits" if webhook.types is None else ", ".join(sorted(webhook.types)),
        "given": f"{day(webhook.given_at)} par {names.author(webhook.given_by)}",
        "told": "jamais" if webhook.told_at is None else day(webhook.told_at),
        "state": state,
        "stands": webhook.ended_at is None,
        "old_secret": webhook.ended_at is None
        and webhook.secret.made_by != visit.settings.site_keys.id,
    }


def _failure(lane: FailedLane, visit: Visit) -> Mapping[str, object]:
    why = WHY.get(lane.why, f"réponse {lane.why.removeprefix('http-')}")
    return {
        "item": str(lane.item_id),
        "chrono": lane.chrono or "courrier réservé",
        "since": labels_fr.moment(lane.failed_at, visit.applied.site.zone),
        "why": why,
        "facts": lane.facts,
    }


def _named(visit: Visit) -> WebhookId:
    wanted: UUID = visit.request.path_params["webhook"]
    return WebhookId(wanted)


def _item(text: str) -> ItemId:
    """The item that a form names. Raises Refused."""
    try:
        return ItemId(UUID(text))
    except ValueError:
        raise Refused("The form names no item.", "webhook-no-failure") from None


def _service(visit: Visit) -> WebhookService:
    by = by_account(LOCAL) if visit.somebody is None else by_person(visit.somebody.id)
    # Which of them it is, the service says.
    line = journal_entries.line(visit, visit.request.url.path, What.WEBHOOK_GIVEN)
    if visit.somebody is None:
        line = replace(line, account=LOCAL)
    return WebhookService(visit.connection, by, line, visit.settings.site_keys)
