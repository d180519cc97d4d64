"""The day that a stamp says, as OCR read it, beside its picture: a person takes it or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.french import labels_fr
from services.desk.pages.drawn_pages import digest_of, version
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store import office_day, readable_items
from shared.content import plis
from shared.content.plis import PageStamp, Pli
from shared.errors import VaguemestreError
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, ItemId

TAKEN: Final = "tampon"
"""The field of a form that takes the day of the stamp."""
MOST_SHOWN: Final = 12
"""Letters of a list beside which their stamp is shown: a page is drawn for each."""
_WIDE: Final = 1000
"""Units of a page's width in the picture of a stamp."""


@dataclass(frozen=True, slots=True)
class StampProposal:
    """A stamp « reçu le » that OCR read: its day, and its place on the picture of a page."""

    day: str
    words: str
    picture: str
    """The address of the page's picture."""
    view: str
    """Left, top, width and height of the stamp, in thousandths of the page's width."""
    height: int
    """Of the page, in the same unit."""


def propose_stamp(pli: Pli | None, pictures: str, original: BlobKey | None) -> StampProposal | None:
    """Returns the date stamp that OCR read on a scanned letter, to show; `None`: there is none.

    `pictures`: the address of its pages' pictures, without number; `original`: the scan.
    """
    stamp = None if pli is None or pli.scan is None else pli.scan.stamp
    if stamp is None or original is None:
        return None
    drawn = version(digest_of(original), 180 if stamp.turned else 0)
    left, top, wide, tall = _view(stamp)
    return StampProposal(
        stamp.day.isoformat(),
        labels_fr.long_day(stamp.day),
        f"{pictures}/{stamp.page}.png?v={drawn}",
        f"{left} {top} {wide} {tall}",
        round(_WIDE * stamp.ratio),
    )


def _view(stamp: PageStamp) -> tuple[int, int, int, int]:
    left, right = stamp.left, stamp.right
    top, bottom = stamp.top, stamp.bottom
    if stamp.turned:
        left, right, top, bottom = 1 - right, 1 - left, 1 - bottom, 1 - top
    down = _WIDE * stamp.ratio
    return (
        round(left * _WIDE),
        round(top * down),
        max(1, round((right - left) * _WIDE)),
        max(1, round((bottom - top) * down)),
    )


async def of_items(visit: Visit, item_ids: Sequence[ItemId]) -> Mapping[Chrono, StampProposal]:
    """Returns the date stamps that OCR read on the first twelve of these letters, by chrono.

    A letter whose content the person may not see has none.
    """
    rows = await readable_items.peek(visit.connection, list(item_ids)[:MOST_SHOWN])
    seen = {
        row.item.opened.arrival_id: row.item
        for row in rows.values()
        if row.item.opened.arrival_id is not None and visit.sight(row.item) is Sight.WHOLE
    }
    papers = await office_day.papers(visit.connection, list(seen))
    found = dict[Chrono, StampProposal]()
    async with visit.apart():
        for arrival, (key, original) in papers.items():
            item = seen[ArrivalId(arrival)]
            pli = await _read(visit, key) if item.pli is not None else None
            stamp = propose_stamp(pli, f"/courrier/{item.chrono}/{arrival}", original)
            if stamp is not None:
                found[item.chrono] = stamp
    return found


async def _read(visit: Visit, key: BlobKey) -> Pli | None:
    try:
        return await plis.read(visit.blobs, key)
    except VaguemestreError:
        return None
