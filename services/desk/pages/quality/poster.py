"""`/chiffres/mois/MONTH/affiche.pdf`: a poster for the public, of closed months alone.

The address says the paper (`format=a3`), how many months end with this one (`mois=3`) and perhaps
one service. Nothing in it is of today: the same address gives the same octets, under the root that
first sealed these months, until somebody notes the framework as read.
"""

import asyncio
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.french.printed_root import witness
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_address, figure_words, measure_words
from services.desk.pages.quality.promise_words import promise
from services.desk.pages.visit import Visit
from services.desk.quality import prints
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.store.figures import FigureQuestion, figures
from services.desk.quality.store.month_spans import ClosedSpan, closed_span
from services.desk.store.unread_delays import UNVERIFIED, has_unverified
from shared.calendar.local_days import month_of, of_month
from shared.site import store
from shared.site.tables.bundle import Site
from shared.site.texts import rates

PAPERS: Final = ("a4", "a3")
MOST: Final = 12
"""Months on one poster."""


async def poster(visit: Visit) -> Response:
    """Downloads the public's poster of a closed month's rates (PDF). Raises HTTPException 404."""
    asked, paper = visit.request.query_params, _paper(visit)
    month = figure_address.month_asked(visit.request.path_params["month"])
    if month is None:
        raise HTTPException(404, "Aucun mois à cette adresse.")
    span = await closed_months(visit, month, _count(asked.get("mois", "1")))
    service = _service(visit)
    table = await figures(
        visit.connection,
        FigureQuestion(span.first, span.last, service or None),
        [REPLY],
        as_closed=True,
    )
    figure, head = table.of(REPLY), span.heads[-1]
    site = await _rules(visit, span)
    low, high = figure.ends
    if figure.n == 0:
        raise HTTPException(404, "Rien n’a été jugé dans ces mois : il n’y a rien à afficher.")
    data = {
        "paper": paper,
        "title": f"Notre engagement, {measure_words.period(span.first, span.last)}",
        "authority": site.identity.authority,
        "promise": promise(site.commitments.commitments),
        "unverified": UNVERIFIED
        if await has_unverified(visit.connection, visit.applied.site, [REPLY])
        else None,
        "period": _period(span),
        "scope": figure_words.scope(service, "", Names(site, visit.directory)),
        "months": len(span.heads),
        "counted": f"{figure.k} sur {figure.n}",
        "rate": None if figure.few else figure_words.rate(figure),
        "k": figure.k,
        "n": figure.n,
        "low": low,
        "high": high,
        "ends": f"{rates.number(low)} et {rates.percentage(high)}",
        "target": head.target,
        "aim": figure_words.aim(head.target),
        "verdict": figure_words.verdict(figure, head.target),
        "email": site.identity.email,
        "phone": site.identity.phone,
        "hash": span.digest,
        "root": witness(span.root, site),
    }
    closed = head.closed_on(site.zone)
    async with visit.apart():
        content = await asyncio.to_thread(prints.compile_pdf, "poster.typ", closed, data)
    of = f"-{service}" if service else ""
    name = f"affiche-{span.first:%Y-%m}-{span.last:%Y-%m}{of}-{paper}.pdf"
    return our_file(content, "application/pdf", name)


async def _rules(visit: Visit, span: ClosedSpan) -> Site:
    """The rules by which these months were closed. Raises HTTPException 404 where they differ.

    A poster says one promise and one target: of months judged by others it would say what is not
    so.
    """
    numbers = dict.fromkeys(head.rules for head in span.heads)
    sites = [(await store.version(visit.connection, number)).site for number in numbers]
    promised = {promise(site.commitments.commitments) for site in sites}
    if len(promised) > 1 or len({head.target for head in span.heads}) > 1:
        raise HTTPException(
            404,
            "Dans ces mois la promesse ou l’objectif a changé : imprimez une affiche pour les mois"
            " d’avant, une autre pour ceux d’après.",
        )
    return sites[-1]


async def closed_months(visit: Visit, last: date, count: int) -> ClosedSpan:
    """Returns the span of the `count` closed months that end with `last`.

    Raises HTTPException 404 if one of them is open, or the last closing is not sealed yet.
    """
    site = visit.applied.site.identity.id
    span = await closed_span(visit.connection, site, last, count)
    if span.missing:
        named = ", ".join(month_of(month) for month in span.missing)
        raise HTTPException(404, f"On n’imprime que des mois clos. Ne le sont pas : {named}.")
    if span.root is None:
        raise HTTPException(
            404, "La clôture n’est pas encore scellée : la racine suit dans l’heure, ou la nuit."
        )
    return span


def _paper(visit: Visit) -> str:
    paper = visit.request.query_params.get("format", PAPERS[0])
    if paper not in PAPERS:
        raise HTTPException(404, "Une affiche est au format a4 ou a3.")
    return paper


def _service(visit: Visit) -> str:
    """The service of the address; empty: all. Raises HTTPException 404 for an unknown one.

    Ignored, it would put the poster of the whole préfecture where one service was asked for. The
    same goes for a channel, of which there is no poster.
    """
    asked = visit.request.query_params
    service = asked.get("service", "")
    if service and service not in {row.id for row in visit.applied.site.services.services}:
        raise HTTPException(404, f"Aucun service « {service} » : vérifiez l’adresse de l’affiche.")
    if asked.get("canal"):
        raise HTTPException(
            404, "Une affiche est de tous les canaux : ôtez « canal » de l’adresse."
        )
    return service


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise HTTPException(404, "Une affiche est d’un à douze mois.")
    return int(text)


def _period(span: ClosedSpan) -> str:
    """« en mai 2026 », « de mars 2026 à mai 2026 »."""
    if span.first == span.last:
        return f"en {month_of(span.first)}"
    return f"{of_month(span.first)} à {month_of(span.last)}"
