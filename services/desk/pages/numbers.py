"""What a hand scanner reads or a clerk keys, and the item that it means."""

from typing import Final

from services.desk.pages.visit import Visit
from services.desk.store import item_numbers
from shared.content import chronos
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId
from shared.paper.code_keys import Doubt, NotProven
from shared.paper.codes import DepartureCode, LabelCode, PaperCode
from shared.web.forms import Mistyped

STICKERS: Final = frozenset({"étiquette", "etiquette", "label"})
"""The word before a sticker's number: « étiquette 123 », or `label:123` as the commands say it."""


_DOUBTS: Final = {
    Doubt.FORGED: "Ce code n’a pas été imprimé par notre préfecture : tapez le numéro.",
    Doubt.EXPIRED: "Ce code est trop ancien pour être cru : tapez le numéro.",
}


def code_of(visit: Visit, text: str, field: str) -> PaperCode | None:
    """Parses the code of a paper, scanned or typed into a field; `None` for anything else.

    Raises Mistyped, at `field`, when nothing proves that it is ours.
    """
    try:
        return visit.keys.prove(text, visit.today)
    except NotProven as doubted:
        raise Mistyped(field, _DOUBTS[doubted.doubt]) from None


async def item_of(visit: Visit, text: str, field: str) -> ItemId:
    """Finds the item that a typed or scanned text means: chrono, last digits, sticker, code.

    Raises Mistyped, at `field`.
    """
    code = code_of(visit, text, field)
    label = sticker_of(code, text)
    if label is not None:
        found, name = await item_numbers.by_label(visit.connection, label), f"l’étiquette {label}"
    else:
        department = visit.applied.site.identity.department
        try:
            wanted = (
                code.chrono
                if isinstance(code, DepartureCode)
                else chronos.read(text, department, visit.today.year)
            )
        except Refused:
            raise Mistyped(
                field, f"« {text[:40]} » n’est ni un numéro de courrier, ni une étiquette."
            ) from None
        found, name = await item_numbers.by_chrono(visit.connection, wanted), f"le numéro {wanted}"
    if found is None:
        raise Mistyped(field, f"Aucun courrier ne porte {name}.")
    return found


def departure_of(visit: Visit, text: str) -> Chrono | None:
    """Parses the chrono of an outgoing letter; `None` for anything else."""
    try:
        found = chronos.read(text, visit.applied.site.identity.department, visit.today.year)
    except Refused:
        return None
    return found if chronos.is_departure(found) else None


async def scanned_of(visit: Visit, text: str) -> Chrono | None:
    """Returns the chrono of the item whose sticker or code was scanned; `None` for typed text.

    `None` too for what the person may not know of: no answer lets them guess that it is there.
    Raises Mistyped for a code that nothing proves.
    """
    code = code_of(visit, text, "q")
    if sticker_of(code, text) is None and not isinstance(code, DepartureCode):
        return None
    try:
        found = await item_numbers.chrono_of(visit.connection, await item_of(visit, text, "q"))
    except Mistyped:
        return None
    return found if await visit.knows_of(found) else None


def label_of(visit: Visit, text: str, field: str) -> str | None:
    """Returns the sticker number in a typed (« étiquette 123 ») or scanned text, or `None`.

    Raises Mistyped, at `field`, for a code that nothing proves.
    """
    return sticker_of(code_of(visit, text, field), text)


def sticker_of(code: PaperCode | None, text: str) -> str | None:
    """Returns the sticker number in a text or in the code parsed from it, or `None`."""
    word, found, number = text.strip().lower().replace(":", " ").partition(" ")
    if found and word in STICKERS:
        number = number.strip()
        return number.zfill(6) if number.isascii() and number.isdigit() else None
    return code.name if isinstance(code, LabelCode) else None
