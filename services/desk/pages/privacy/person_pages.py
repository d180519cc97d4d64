"""`/donnees-personnelles/personne`: what is held of somebody, and all of it as a ZIP.

A person is the pseudonym of their address and the numbers of letters that are theirs as well: an
address never stands in the page's own.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from services.desk import item_documents
from services.desk.domain.days import local_day
from services.desk.domain.item import Item
from services.desk.french.names import Names, UnnamedColleagues
from services.desk.pages import journal_entries
from services.desk.pages.visit import Visit
from services.desk.privacy import person_package, store
from services.desk.privacy.person_package import PersonData, PersonLetter
from services.desk.privacy.store import LooseArrival, PersonItem
from services.desk.rights import Sight
from services.desk.store import item_numbers, items, readable_items
from shared.content import chronos
from shared.content.tokens import pseudonym
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.web.forms import Mistyped

ADDRESS: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
MOST_NUMBERS: Final = 50


@dataclass(frozen=True, slots=True)
class SomebodysItems:
    """Items and messages of somebody whom a page names, as far as its reader may read them."""

    letters: Sequence[tuple[PersonItem, Item]]
    loose: Sequence[LooseArrival]
    more_loose: bool
    """There are more of these than are given."""
    correspondents: frozenset[Digest]
    query: str
    """Names them in an address again."""


async def find(visit: Visit) -> Response:
    """Handles the form that names somebody by an email address, by numbers of letters, or both."""
    form = await visit.form()
    address, numbers = form.text("adresse"), form.text("numeros")
    if not address and not numbers.split():
        raise Mistyped("adresse", "Donnez une adresse, ou le numéro d’un courrier de la personne.")
    if address and not ADDRESS.fullmatch(address):
        raise Mistyped("adresse", "Ce n’est pas une adresse de courriel.")
    query = dict[str, str]()
    if address:
        query["personne"] = pseudonym(visit.settings.site_keys, "address", address.lower())
    if numbers:
        await _find_named(visit, numbers)
        query["numeros"] = " ".join(numbers.split())
    return await visit.to(f"/donnees-personnelles/personne?{urlencode(query)}")


async def show(visit: Visit) -> Response:
    """Shows what is held of somebody: their letters, and what was done with each."""
    found = await _somebody(visit)
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    return await visit.html(
        "privacy/person.html",
        query=found.query,
        letters=[
            (
                item.chrono,
                names.category(item.classification.category),
                local_day(item.receipt, zone),
                names.service(item.service),
                "" if letter.whole else "ses messages dans le dossier d’un tiers",
            )
            for letter, item in found.letters
        ],
        loose=len(found.loose),
        more_loose=found.more_loose,
        reads_all=visit.roles.reads_all,
    )


async def package(visit: Visit) -> Response:
    """Downloads all that is held of somebody as a ZIP; each of their letters is journalled."""
    found = await _somebody(visit)
    if not found.letters and not found.loose:
        raise HTTPException(404, "Rien n’est détenu sur cette personne.")
    names = UnnamedColleagues(visit.applied.site, visit.directory)
    letters = list[PersonLetter]()
    for letter, item in found.letters:
        dossier = await item_documents.gather(
            visit.connection,
            item.item_id,
            names,
            whose=False,
            sees=lambda merged: visit.sight(merged) is Sight.WHOLE,
        )
        only = await store.own_originals(visit.connection, item.item_id, found.correspondents)
        letters.append(PersonLetter(dossier, None if letter.whole else only))
    seen = await store.consultations(
        visit.connection, [item.chrono for letter, item in found.letters if letter.whole]
    )
    for _, item in found.letters:
        page = "/donnees-personnelles/personne.zip"
        await journal_entries.record_download(visit, page, item.chrono)
    data = PersonData(
        letters,
        found.loose,
        seen,
        names,
        visit.today,
        more_loose=found.more_loose,
        complete=visit.roles.reads_all,
    )
    async with visit.apart():
        folder = tempfile.TemporaryDirectory(prefix="vaguemestre-")
        path = Path(folder.name) / f"personne-{visit.today}.zip"
        try:
            await person_package.write(path, data, visit.blobs)
        except BaseException:
            folder.cleanup()
            raise
    return FileResponse(
        path,
        media_type="application/zip",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )


async def _somebody(visit: Visit) -> SomebodysItems:
    asked = visit.request.query_params
    digest, numbers = asked.get("personne", ""), asked.get("numeros", "")
    try:
        named = await _find_named(visit, numbers)
    except Refused as refused:
        raise HTTPException(404, str(refused)) from refused
    correspondents = await store.correspondents_of(visit.connection, named)
    if _DIGEST.fullmatch(digest):
        correspondents |= {Digest(digest)}
    held = await store.items_of(visit.connection, correspondents, named)
    if len(held) > store.MOST_ITEMS:
        raise HTTPException(
            422, f"Plus de {store.MOST_ITEMS} courriers : c’est sans doute qui écrit pour d’autres."
        )
    kept = await readable_items.peek(visit.connection, [letter.item_id for letter in held])
    seen = [
        (letter, kept[letter.item_id].item)
        for letter in held
        if letter.item_id in kept and visit.sight(kept[letter.item_id].item) is Sight.WHOLE
    ]
    loose = await store.loose_arrivals(visit.connection, correspondents)
    query = urlencode({"personne": digest, "numeros": numbers})
    given, more = loose[: store.MOST_LOOSE], len(loose) > store.MOST_LOOSE
    return SomebodysItems(seen, given, more, correspondents, query)


async def _find_named(visit: Visit, numbers: str) -> Sequence[ItemId]:
    """The items whose numbers were typed. Raises Mistyped for what names none that one may read."""
    typed = numbers.replace(",", " ").replace(";", " ").split()
    if len(typed) > MOST_NUMBERS:
        raise Mistyped("numeros", f"{MOST_NUMBERS} numéros au plus.")
    department = visit.applied.site.identity.department
    found = list[ItemId]()
    for word in typed:
        sentence = f"Aucun courrier ne porte le numéro {word[:40]}."
        try:
            chrono = chronos.read(word, department, visit.today.year)
        except Refused:
            raise Mistyped("numeros", sentence) from None
        item_id = await item_numbers.by_chrono(visit.connection, chrono)
        known = {} if item_id is None else await items.read(visit.connection, [item_id])
        if item_id is None or visit.sight(known[item_id]) is not Sight.WHOLE:
            raise Mistyped("numeros", sentence)
        found.append(item_id)
    return found
