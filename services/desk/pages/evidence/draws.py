"""`/audit/listes/N`, `/audit/tirages/N`: a list is frozen, the auditor says a word, it is drawn."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.evidence import draws
from services.desk.evidence.domain.sampling import (
    LONGEST_SEED,
    MASKED,
    OUTSIDE,
    UNDRAWN,
    UNFINISHED,
    UNPROMISED,
    Wanted,
    read,
)
from services.desk.evidence.proof.sample import MODES, Sample
from services.desk.evidence.store import audit_lists
from services.desk.evidence.store.audit_lists import Frozen, StatedList
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.visit import Visit
from shared.errors import Refused
from shared.facts.quality import DrawMade, DrawMode, ListFrozen, ListKind
from shared.web.forms import Mistyped

MOST_LISTED = 50
TOTAL: Final = 10
STRATA: Final = {
    MASKED: "réservés, par leur seul numéro",
    OUTSIDE: "hors périmètre",
    UNFINISHED: "non terminés : ne sont pas tirés",
    UNPROMISED: "sans réponse due : ne sont pas tirés",
}
WHAT: Final = {ListKind.FRAME: "Liste à tirer", ListKind.REVIEW: "Liste à expliquer"}


async def freeze(visit: Visit) -> Response:
    """Handles the form that freezes a list of a period's items, to draw from or to explain."""
    form = await visit.form()
    kind = form.word("quoi", ListKind)
    first, last = form.day("du"), form.day("au")
    if kind is None or first is None or last is None:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    if kind is ListKind.FRAME:
        told = await draws.freeze_frame(visit.connection, first, last, visit.roles, visit.author)
    else:
        told = await draws.freeze_review(
            visit.connection, first, last, visit.applied, visit.roles, visit.author
        )
    return await visit.to(f"/audit/listes/{told.seq}", said="Liste arrêtée : elle ne change plus.")


async def show_frozen_list(visit: Visit) -> Response:
    """Shows a frozen list: digest, strata, draws made from it, and the form for a new draw."""
    found = await _list(visit)
    names = Names(visit.applied.site, visit.directory)
    sizes = (
        Counter(candidate.stratum for candidate in read(found.content))
        if _is_frame(found)
        else Counter()
    )
    return await visit.html(
        "evidence/list.html",
        list=found,
        what=WHAT[found.kind],
        to_draw=_is_frame(found),
        by=names.author(found.by),
        frozen_at=labels_fr.moment(found.frozen_at, visit.applied.site.zone),
        strata=[(_stratum(one, names), n) for one, n in sorted(sizes.items())],
        can_draw=any(size not in UNDRAWN for size in sizes),
        draws=draw_rows(
            await audit_lists.latest(visit.connection, MOST_LISTED, found.list_id), visit
        ),
        modes=[(mode.value, words_) for mode, words_ in MODES.items()],
        total=TOTAL,
        most=draws.MOST_DRAWN,
        longest=LONGEST_SEED,
    )


def _stratum(code: str, names: Names) -> str:
    """A stratum in words: the list has the service's id and the channel."""
    service, _, channel = code.partition("/")
    return STRATA.get(code) or f"{names.service(service)}, {channel}"


async def table(visit: Visit) -> Response:
    """Downloads a frozen list as CSV, byte for byte as it was frozen."""
    found = await _list(visit)
    return our_file(found.content.encode(), "text/csv", f"liste-{found.number}.csv")


async def draw(visit: Visit) -> Response:
    """Handles the form that draws a sample from a frozen list, with the auditor's word as seed."""
    found = await _list(visit)
    form = await visit.form()
    seed = form.require("graine", "Donnez la graine que l’auditeur a dite.")
    mode = form.word("mode", DrawMode) or DrawMode.TOTAL
    count = form.number("nombre")
    if count is None or not 1 <= count <= draws.MOST_DRAWN:
        raise Mistyped("nombre", f"Demandez de 1 à {draws.MOST_DRAWN} courriers.")
    made = await draws.draw(
        visit.connection, found.number, Wanted(seed, mode, count), visit.roles, visit.author
    )
    return await visit.to(f"/audit/tirages/{made.told.seq}", said="Tirage fait et gardé.")


async def show_draw(visit: Visit) -> Response:
    """Shows an auditor's draw, and whether its list and seed still give the same items."""
    made = await _draw(visit)
    names = Names(visit.applied.site, visit.directory)
    return await visit.html(
        "evidence/draw.html",
        draw=made.told,
        frame=made.frame,
        mode=MODES[made.told.mode],
        by=names.author(made.told.by),
        at=labels_fr.moment(made.told.recorded_at, visit.applied.site.zone),
        again=made.again,
        hidden=made.hidden_drawn,
        strata=[
            (_stratum(share.stratum, names), share.n, share.drawn) for share in made.told.shares
        ],
        undrawn=len(made.undrawn),
        rows=[
            (kept.chrono, _stratum(kept.stratum, names), kept.received_on, kept.result)
            for ranked in made.drawn
            for kept in (ranked.candidate,)
        ],
    )


async def archive(visit: Visit) -> Response:
    """Downloads a draw as a ZIP, with the proof of each drawn item that may be shown."""
    made = await _draw(visit)
    proofs = await draws.proofs_of(visit.connection, made, visit.now)
    async with visit.apart():
        content = await draws.pack_draw(visit.blobs, made, proofs, visit.now)
    return our_file(content, "application/zip", f"tirage-{made.told.seq}.zip")


def draw_rows(found: Sequence[StatedList], visit: Visit) -> Sequence[tuple[str, str, str, str]]:
    """Formats frozen lists and random draws as table rows: address, kind, moment, author."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    return [
        (
            _address(stated),
            _what(stated.fact),
            labels_fr.moment(stated.at, zone),
            names.author(stated.by),
        )
        for stated in found
    ]


def _address(one: StatedList) -> str:
    folder = "listes" if isinstance(one.fact, ListFrozen) else "tirages"
    return f"/audit/{folder}/{one.number}"


def _what(fact: ListFrozen | DrawMade) -> str:
    period = f"{labels_fr.short_day(fact.first)} – {labels_fr.short_day(fact.last)}"
    if isinstance(fact, ListFrozen):
        return f"{WHAT[fact.kind]} n° {fact.seq}, {period}, {labels_fr.amount(fact.n, 'ligne')}"
    drawn = labels_fr.amount(len(fact.chosen), "tiré")
    return f"Tirage n° {fact.seq}, {period}, graine « {fact.seed} », {drawn}"


def _is_frame(found: Frozen) -> bool:
    return found.kind is ListKind.FRAME


async def _list(visit: Visit) -> Frozen:
    found = await audit_lists.read_frozen_list(
        visit.connection, visit.request.path_params["number"]
    )
    if found is None:
        raise HTTPException(404, "Aucune liste ne porte ce numéro.")
    return found


async def _draw(visit: Visit) -> Sample:
    try:
        return await draws.repeat_draw(visit.connection, visit.request.path_params["number"])
    except Refused as refused:
        raise HTTPException(404, "Aucun tirage ne porte ce numéro.") from refused
