"""To whom a standard letter goes: the sender of its item, or the third party that it asks."""

from collections.abc import Mapping

from services.desk.domain.item import Item
from services.desk.letters.domain.fields import THIRD_MAIL, THIRD_POSTAL
from services.desk.letters.domain.merge_fields import FillContext
from shared.content import plis
from shared.content.plis import Correspondent, Store
from shared.errors import VaguemestreError
from shared.facts.vocabulary import NoticeKind

WHOM = "administration"
"""The field that names a third party, by its code of labels.yaml."""


def addressee(
    kind: NoticeKind, matter: FillContext, asked: Mapping[str, str]
) -> Correspondent | None:
    """Returns to whom a letter of this kind goes: a third party or the sender.

    A third party is whom the agent named, with their addresses; the sender is as the pli says.
    `asked`: what the agent said, by field. `None`: the item has no pli. An address is empty when
    none is known.
    """
    if kind is not NoticeKind.THIRD:
        return None if matter.pli is None else matter.pli.addressee
    office = matter.applied.site.labels.offices.get(asked.get(WHOM, "").strip())
    return Correspondent(
        name="" if office is None else office.name,
        address=asked.get(THIRD_MAIL, "").strip(),
        postal=asked.get(THIRD_POSTAL, "").strip(),
    )


async def third_before(blobs: Store, item: Item) -> Mapping[str, str]:
    """Returns what a chase says again of the third party that an item waits for, by field.

    Their email address is that of the last mail to them, and is left out while it can't be read.
    Empty when the item waits for none.
    """
    if item.third is None:
        return {}
    told = {WHOM: item.third}
    mails = [order.pli for order in item.orders if order.kind is NoticeKind.THIRD
             and order.addressee == item.third and order.pli is not None]  # fmt: skip
    if not mails:
        return told
    try:
        pli = await plis.read(blobs, mails[-1])
    except VaguemestreError:
        return told
    return {**told, THIRD_MAIL: pli.answer_to.address}
