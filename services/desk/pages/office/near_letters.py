"""The letter that another one seems to be again: by mail and on paper, or with a changed line.

A proposal with its reason in words, which a person accepts by one key: nothing is joined by it.
What a person may not read whole is never named, nor compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.domain.item import Item
from services.desk.domain.likeness import (
    LEAST_SHARED,
    names_of,
    one_person,
    shared_sentences,
    text_of,
)
from services.desk.domain.senders import letterhead
from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store import likenesses, readable_items
from services.desk.store.likenesses import LikeLetter
from services.desk.store.sheets import ItemSheet
from shared.content import plis
from shared.content.plis import Pli
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import Channel, Confidentiality

_COMPARED: Final = 3
"""Letters most alike whose text is read."""


@dataclass(frozen=True, slots=True)
class NearLetter:
    """The item whose letter is nearly that on the page, and what the two have in common."""

    chrono: str
    percent: int
    """Of the sentences of the letter on the page, those that stand in it, as a whole number."""
    came: str
    """How, when and from whom it came, in French."""
    differing: Sequence[str]
    """Sentences of the letter on the page that are not in it, the first."""
    others: int
    """How many more such there are."""
    beyond: int
    """Sentences of it that are not in the letter on the page."""
    decides: bool
    """Whether the reader decides about that item, so that they may join the letter to it."""


def letter_of(sheet: ItemSheet) -> BlobKey | None:
    """Returns the pli of the letter that opened an item, its attachments' texts with it.

    `None` where it has none.
    """
    if sheet.item.pli is None:
        return None
    opened = sheet.item.opened.arrival_id
    # What was read in its attachments is a revision of the arrival.
    came = next((came for came in sheet.arrivals if came.arrival_id == opened), None)
    return sheet.item.pli if came is None else came.pli


async def find_near(visit: Visit, item: Item, pli: BlobKey | None) -> NearLetter | None:
    """Returns the item of which a letter on the page is probably the same letter, or `None`.

    `pli`: what the letter says; `None` where the person may not read it. Reads plis without the
    visit's connection.
    """
    likely = await likely_letters(visit, item, pli)
    if not likely:
        return None
    async with visit.apart():
        return await compare_letters(visit, pli, likely)


async def likely_letters(
    visit: Visit, item: Item, pli: BlobKey | None
) -> Sequence[tuple[LikeLetter, Item]]:
    """Returns the letters that the register takes for likest to an item's, with their items.

    None that the person may not read whole; `pli` as for `find_near`.
    """
    if pli is None or item.classification.confidentiality is not Confidentiality.NORMAL:
        return ()
    found = await likenesses.like(visit.connection, item.item_id, _COMPARED)
    rows = await readable_items.peek(visit.connection, [near.item_id for near in found])
    return [
        (letter, rows[letter.item_id].item)
        for letter in found
        if letter.item_id in rows and _may_be_named(visit, rows[letter.item_id].item)
    ]


async def compare_letters(
    visit: Visit, pli: BlobKey | None, likely: Sequence[tuple[LikeLetter, Item]]
) -> NearLetter | None:
    """Returns the first of the likely letters whose text is nearly that of a pli, or `None`.

    It reads blobs, and asks the register nothing.
    """
    mine = await _read(visit, pli) if pli is not None and likely else None
    for letter, item in likely if mine is not None else ():
        theirs = await _read(visit, letter.pli)
        if mine is not None and theirs is not None:
            may = visit.may_decide(item)
            proposal = _compared(visit, mine, theirs, letter, may=may)
            if proposal is not None:
                return proposal
    return None


def _may_be_named(visit: Visit, item: Item) -> bool:
    normal = item.classification.confidentiality is Confidentiality.NORMAL
    return normal and visit.sight(item) is Sight.WHOLE


async def _read(visit: Visit, key: BlobKey) -> Pli | None:
    try:
        return await plis.read(visit.blobs, key)
    except VaguemestreError:
        return None


def _compared(
    visit: Visit, mine: Pli, theirs: Pli, letter: LikeLetter, *, may: bool
) -> NearLetter | None:
    here, there = text_of(mine), text_of(theirs)
    shared = shared_sentences(here, there)
    if shared.share < LEAST_SHARED:
        return None
    wrote = _names(visit, theirs)
    if not one_person(_names(visit, mine), wrote, here, there):
        return None
    day = letter.received_at.astimezone(visit.applied.site.zone).date()
    channel = labels_fr.CHANNELS.get(Channel(letter.channel), letter.channel)
    came = f"{channel}, reçu le {labels_fr.short_day(day)}"
    if wrote:
        came = f"{came}, expéditeur\u00a0: {wrote[0]}"
    return NearLetter(
        letter.chrono,
        int(100 * shared.of_first),
        came,
        shared.differing,
        shared.only_first - len(shared.differing),
        shared.only_other,
        may,
    )


def _names(visit: Visit, pli: Pli) -> tuple[str, ...]:
    """Who sent it, or who is read at the head of a paper."""
    said = names_of(pli)
    if said or pli.scan is None:
        return said
    who = letterhead(pli.scan.pages, visit.applied.site.identity, pli.scan.head)
    return (who.name,) if who.name else ()
