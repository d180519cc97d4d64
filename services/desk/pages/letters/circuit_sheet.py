"""What the page of a prepared letter knows of it: its item, its steps, what it said after each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException

from services.desk.domain.item import Item
from services.desk.letters import circuit_letter
from services.desk.letters.domain.circuit_text import PreparedText
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store import circuit_letters
from services.desk.store.circuit_letters import CircuitLetter, CircuitStep
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey

LOST: Final = PreparedText(subject="", body="Ce texte n’est pas disponible en ce moment.")


@dataclass(frozen=True, slots=True)
class CircuitSheet:
    """Prepared letter of an item with its steps, the texts after each and the reasons given."""

    item: Item
    kept: CircuitLetter
    steps: Sequence[CircuitStep]
    texts: Sequence[PreparedText]
    """What it says after each step."""
    reasons: Sequence[str]

    @property
    def now(self) -> PreparedText:
        """Text of the letter as it stands."""
        return self.texts[-1]

    @property
    def is_read(self) -> bool:
        """Whether the letter's text as it stands could be read: else nobody goes on with it."""
        return self.now is not LOST


async def load_sheet(visit: Visit) -> CircuitSheet:
    """Loads the prepared letter of a page's address.

    Raises HTTPException: 404 for another item's letter, 403 for whoever may not read the item
    whole.
    """
    found = await visit.item(visit.request.path_params["chrono"])
    if visit.sight(found.item) is not Sight.WHOLE:
        raise HTTPException(403, "Le contenu de ce courrier est réservé.")
    wanted = visit.request.path_params["letter"]
    letters = await circuit_letters.of_item(visit.connection, found.item.item_id)
    kept = next((letter for letter in letters if letter.letter == wanted), None)
    if kept is None:
        raise HTTPException(404, "Cette lettre n’a pas été préparée ici.")
    steps = await circuit_letters.steps(visit.connection, kept.letter)
    async with visit.apart():
        texts = await asyncio.gather(*(_text(visit, step.said) for step in steps))
        reasons = await asyncio.gather(*(_reason(visit, step.reason) for step in steps))
    return CircuitSheet(found.item, kept, steps, texts, reasons)


async def _text(visit: Visit, key: BlobKey) -> PreparedText:
    try:
        return await circuit_letter.read_text(visit.blobs, key)
    except VaguemestreError:
        return LOST


async def _reason(visit: Visit, key: BlobKey | None) -> str:
    try:
        return "" if key is None else (await visit.blobs.get(key)).decode()
    except VaguemestreError:
        return LOST.body
