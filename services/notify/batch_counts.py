"""Mails that stand before a notice in its batch: the caps count them as if they had left."""

from dataclasses import replace

from services.notify.domain.loop_guard import with_one_more
from services.notify.domain.policy import Circumstances
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Digest


class BatchCounts:
    """Automatic mails of one batch, in their order."""

    def __init__(self) -> None:
        self._rows: list[LedgerRow] = []
        self._whose = set[Digest | None]()

    def add(self, row: LedgerRow) -> None:
        """Counts a mail that is about to leave."""
        self._rows.append(row)
        self._whose |= {row.mailbox, row.correspondent, row.domain} - {None}

    def before(self, row: LedgerRow, around: Circumstances) -> Circumstances:
        """Returns the counts of a notice with what stands before it in its batch.

        Where none of it goes to the same sender or domain, all of it counts in the sums alone.
        """
        if row.mailbox is None or not self._rows:
            return around
        told, others = around.told, self._rows
        if self._whose.isdisjoint((row.mailbox, row.correspondent, row.domain)):
            others, count = [], len(others)
            told = replace(
                told,
                in_all=told.in_all + count,
                in_all_in_an_hour=told.in_all_in_an_hour + count,
            )
        for other in others:
            told = with_one_more(
                told,
                correspondent=_same(other.mailbox, row.mailbox)
                or _same(other.correspondent, row.correspondent),
                item=other.item_id == row.item_id,
                thread=_same(other.thread, row.thread),
                domain=_same(other.domain, row.domain),
            )
        return replace(around, told=told)


def _same(one: Digest | None, other: Digest | None) -> bool:
    return one is not None and one == other
