"""`/journal`: who signed in, read, took a file away or was refused."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.journal import store
from services.desk.pages.downloads import our_file
from services.desk.pages.visit import Visit
from services.desk.store.access_journal import JournalLine, What
from shared.web.forms import Form

SHOWN: Final = 200
MOST: Final = 50_000
WORDS: Final[Mapping[str, str]] = {
    What.SIGN_IN: "s’est identifié",
    What.SIGN_IN_REFUSED: "identification refusée",
    What.SIGN_OUT: "s’est déconnecté",
    What.READING: "lecture",
    What.DOWNLOAD: "fichier pris",
    What.UPLOAD: "fichiers remis",
    What.REFUSAL: "accès refusé",
    What.PURGE: "lignes anciennes supprimées",
    What.AUDIT: "lu en audit",
    What.KEY_GIVEN: "clé d’application créée",
    What.KEY_CONFIRMED: "clé d’application confirmée",
    What.KEY_REVOKED: "clé d’application révoquée",
    What.FETCHED_AHEAD: "courrier suivant préparé",
    What.WEBHOOK_GIVEN: "abonnement créé",
    What.WEBHOOK_SECRET: "secret d’abonnement remplacé",
    What.WEBHOOK_ENDED: "abonnement terminé",
    What.WEBHOOK_RETRIED: "envois repris",
    What.WEBHOOK_PASSED: "envoi abandonné",
    What.HANDED_OVER: "courriers remis",
    What.CALENDAR_GIVEN: "adresse d’agenda créée",
    What.CALENDAR_ENDED: "adresse d’agenda terminée",
    What.LEAVER_TOLD: "départ dit par l’annuaire",
    What.PROVIDER_SIGN_OUT: "session fermée par le fournisseur d’identité",
}


async def journal_(visit: Visit) -> Response:
    """Shows the last lines of the access journal, filtered by period, person or number."""
    form = Form(FormData(visit.request.query_params))
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    found = await _found(visit, form, SHOWN + 1)
    return await visit.html(
        "journal/journal.html",
        asked={name: form.text(name) for name in ("du", "au", "qui", "quoi", "numero")},
        whats=[(str(one), said) for one, said in WORDS.items()],
        lines=[
            (
                labels_fr.moment(line.at, zone),
                names.person(line.person) if line.person else "",
                _from(line),
                WORDS.get(line.what, line.what),
                line.about,
                line.page,
            )
            for line in found[:SHOWN]
        ],
        more=len(found) > SHOWN,
        shown=SHOWN,
        months=visit.applied.site.identity.journal_months,
        query=visit.request.url.query,
    )


async def table(visit: Visit) -> Response:
    """Downloads as CSV the lines of the access journal that the filter finds, at most 50,000.

    The download is itself noted in the journal.
    """
    found = await _found(visit, Form(FormData(visit.request.query_params)), MOST)
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\n")
    rows.writerow(("quand", "quoi", "qui", "adresse", "numero", "page", "compte", "motif"))
    rows.writerows(
        (
            line.at.isoformat(),
            line.what,
            line.person or "",
            line.address or "",
            line.about,
            line.page,
            line.account or "",
            line.why or "",
        )
        for line in found
    )
    return our_file(text.getvalue().encode(), "text/csv", "journal.csv")


def _from(line: JournalLine) -> str:
    """From where it was asked: the address of the network, or the account that typed a command."""
    if line.account is None:
        return line.address or ""
    why = f", motif {line.why}" if line.why else ""
    return f"compte {line.account}{why}"


async def _found(visit: Visit, form: Form, limit: int) -> Sequence[JournalLine]:
    zone = visit.applied.site.zone
    last = form.day("au") or visit.today
    first = form.day("du") or last - timedelta(days=7)
    return await store.lines(
        visit.connection,
        datetime.combine(first, time.min, zone),
        datetime.combine(last + timedelta(days=1), time.min, zone),
        limit,
        person=form.text("qui") or None,
        what=form.word("quoi", What),
        about=form.text("numero"),
    )
