"""`/cles-api`: the keys by which other programs ask, given and revoked by an administrator.

`/cles-api/a-confirmer`: those that wait for a second person, for whoever may read their letters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final

from starlette.responses import Response

from services.desk.api.domain.key_roles import confirmers
from services.desk.api.domain.keys import LONGEST, USUAL_PER_MINUTE, KeyScope
from services.desk.api.domain.webhooks import digest_of_webhooks
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.api.store import keys, webhooks
from services.desk.api.store.keys import StoredKey
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import What
from shared.facts.authors import by_account, by_person
from shared.facts.envelope import PersonId
from shared.web.application_tokens import KeyId

URL: Final = "/cles-api"
TO_CONFIRM: Final = f"{URL}/a-confirmer"
SCOPES: Final[Mapping[KeyScope, str]] = {
    KeyScope.ITEMS: "les courriers sans leur contenu : numéros, états, dates, délais, départs",
    KeyScope.CONTENT: "le contenu : expéditeurs, objets, textes, originaux",
    KeyScope.FIGURES: "les chiffres : engagements tenus par service et par mois",
    KeyScope.LETTERS: "les lettres types en vigueur",
    KeyScope.DECIDE: "décider du courrier, comme un agent de ces services ; la décision porte le"
    " nom de la clé, et qui la confirme en répond",
    KeyScope.RESERVED: "les courriers réservés aussi, dont la clé ne connaît sinon pas l’existence",
    KeyScope.DIRECTORY: "l’annuaire : dire par SCIM qui a quitté la préfecture, lire qui y est",
    KeyScope.DEPOSIT: "déposer un message au portail, comme le formulaire ; elle n’y lit rien",
}
LOCAL: Final = "local"
"""The account of an administrator who is nobody of the préfecture."""


async def keys_(visit: Visit) -> Response:
    """Shows the API keys, with a form to create one; a POST creates it and shows its token once."""
    token, label, waits = "", "", False
    if visit.request.method == "POST":
        form = await visit.form()
        scopes = set(form.texts("scopes"))
        ticked = form.texts("services")
        last = form.day("last")
        wish = KeyWish(
            label=form.text("label"),
            scopes=frozenset(scope for scope in KeyScope if scope.value in scopes),
            services=None if form.is_ticked("all_services") else frozenset(ticked),
            per_minute=form.number("per_minute") or 0,
            expires_at=visit.now
            if last is None
            else datetime.combine(last + timedelta(days=1), time(), visit.applied.site.zone),
        )
        # Nobody's form is not counted by `form`: the key keeps which one gave it.
        key, token = await _service(visit).give(wish, visit.applied.site, visit.now, form.decision)
        label, waits = key.label, key.waits(visit.now)
        # Sent twice, the second leads to the list: the token is kept nowhere, to be shown again.
        await visit.to(URL)
    names = Names(visit.applied.site, visit.directory)
    found = await keys.every(visit.connection)
    return await visit.html(
        "api/keys.html",
        shown_once=token,
        given=label,
        waits=waits,
        to_confirm=TO_CONFIRM,
        rows=[_row(stored, visit, names) for stored in found],
        scopes=[(scope.value, said) for scope, said in SCOPES.items()],
        reserved=KeyScope.RESERVED.value,
        services=[(row.id, row.name) for row in visit.applied.site.services.services],
        pace=USUAL_PER_MINUTE,
        last=(visit.today + LONGEST - timedelta(days=2)).isoformat(),
    )


async def show_waiting(visit: Visit) -> Response:
    """Shows the API keys that the signed-in person may confirm, as the second person."""
    names, me = Names(visit.applied.site, visit.directory), PersonId(visit.person.id)
    found = await keys.every(visit.connection)
    told = {
        row.key.key: await webhooks.standing(visit.connection, row.key.key)
        for row in found
        if row.key.waits(visit.now)
    }
    return await visit.html(
        "api/to_confirm.html",
        rows=[
            {
                **_row(stored, visit, names),
                "scopes": _said(stored.key.scopes),
                "told": list(told[stored.key.key].values()),
                "seen": digest_of_webhooks(told[stored.key.key]),
            }
            for stored in found
            if stored.key.waits(visit.now)
            and stored.key.given_by != by_person(me)
            and me in confirmers(stored.key, visit.applied.site, visit.directory, visit.today)
        ],
    )


async def confirm(visit: Visit) -> Response:
    """Confirms an API key as the second person; the application may use it from now on.

    Raises Refused.
    """
    form = await visit.form()
    await _service(visit).confirm(
        KeyId(visit.request.path_params["key"]),
        PersonId(visit.person.id),
        visit.applied.site,
        visit.directory,
        visit.now,
        form.text("seen"),
    )
    return await visit.to(TO_CONFIRM, "La clé est confirmée : l’application peut s’en servir.")


async def revoke(visit: Visit) -> Response:
    """Revokes a key: its next request is refused."""
    await visit.form()
    await _service(visit).revoke(KeyId(visit.request.path_params["key"]), visit.now)
    return await visit.to(URL, "La clé est révoquée : elle n’ouvre plus rien.")


def _service(visit: Visit) -> KeyService:
    by = by_account(LOCAL) if visit.somebody is None else by_person(visit.somebody.id)
    # Which of the two it is, the service says.
    line = journal_entries.line(visit, visit.request.url.path, What.KEY_GIVEN)
    if visit.somebody is None:
        line = replace(line, account=LOCAL)
    return KeyService(visit.connection, by, line)


def _row(stored: StoredKey, visit: Visit, names: Names) -> Mapping[str, object]:
    key, zone = stored.key, visit.applied.site.zone
    ends = (key.expires_at - timedelta(seconds=1)).astimezone(zone).date()
    state = "en vigueur"
    if key.revoked_at is not None:
        day = labels_fr.short_day(key.revoked_at.astimezone(zone).date())
        state = f"révoquée le {day} par {names.author(key.revoked_by or '')}"
    elif key.waits(visit.now):
        able = confirmers(key, visit.applied.site, visit.directory, visit.today)
        who = sorted(names.person(id_) for id_ in able if by_person(id_) != key.given_by)
        state = f"attend d’être confirmée ({' ou '.join(who)})"
    elif not key.holds(visit.now):
        state = "expirée"
    elif key.confirmed_by is not None:
        state = f"confirmée par {names.author(key.confirmed_by)}"
    return {
        "key": key.key,
        "label": key.label,
        "scopes": _scopes(key.scopes),
        "services": "tous les services"
        if key.services is None
        else ", ".join(map(names.service, sorted(key.services))),
        "pace": key.per_minute,
        "given": f"{labels_fr.short_day(key.given_at.astimezone(zone).date())}"
        f" par {names.author(key.given_by)}",
        "ends": labels_fr.short_day(ends),
        "seen": _seen(stored),
        "state": state,
        "holds": key.holds(visit.now) or key.waits(visit.now),
        "waits": key.waits(visit.now),
        "reserved": KeyScope.RESERVED in key.scopes,
    }


def _seen(stored: StoredKey) -> str:
    """The day of a key's last question; the portal tells the register of no deposit."""
    if stored.seen_on is not None:
        return labels_fr.short_day(stored.seen_on)
    return "au portail, non suivi ici" if KeyScope.DEPOSIT in stored.key.scopes else "jamais"


def _scopes(scopes: frozenset[KeyScope]) -> Sequence[str]:
    return [scope.value for scope in KeyScope if scope in scopes]


def _said(scopes: frozenset[KeyScope]) -> Sequence[str]:
    return [said for scope, said in SCOPES.items() if scope in scopes]
