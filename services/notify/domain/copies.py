"""Copies of a letter: mails of their own, called for once the letter itself has left (ADR 196).

Each has its own occasion, so its own row of the ledger, attempt and return path: what becomes of
one is said of no other, and never of the letter. A letter that came back, or whose order was
undone, calls for none: what waits is taken back, what left has left.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from services.notify.domain.calls import Call
from services.notify.domain.item import NotifiedItem
from shared.facts import ids
from shared.facts.vocabulary import NoticeKind

ADDRESSED: Final = frozenset({NoticeKind.THIRD, NoticeKind.COPY})
"""What goes to somebody else than the item's sender: its own pli says to whom."""


def copies_of(calls: Iterable[Call], item: NotifiedItem, site: str) -> Iterable[Call]:
    """Yields the copies of these letters that an item calls for, sent or not.

    Those of a letter of which the register says that it left, as this very notice; they are owed
    since it did. `site`: the site's id.
    """
    for call in calls:
        left = item.left_notices.get(call.notice(site))
        if call.order is None or left is None:
            continue
        for number, pli in enumerate(call.order.copies, 1):
            occasion = ids.copy_occasion(call.order.event_id, number)
            yield replace(call, occasion=occasion, kind=NoticeKind.COPY, copy=pli, since=left)
