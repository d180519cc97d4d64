"""What stands before a notice in its batch counts for the caps as if it had left."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.batch_counts import BatchCounts
from services.notify.domain.due import Urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.domain.loop_guard import RecentNotice, with_one_more
from services.notify.domain.policy import Circumstances
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Digest, ItemId, NoticeId
from shared.facts.vocabulary import NoticeKind, Way

NONE = {"correspondent": False, "item": False, "thread": False, "domain": False}


@pytest.mark.parametrize(
    ("alike", "counts"),
    [
        (NONE, RecentNotice(in_all=6, in_all_in_an_hour=2)),
        (
            NONE | {"domain": True},
            RecentNotice(
                to_this_domain=1, to_this_domain_in_an_hour=1, in_all=6, in_all_in_an_hour=2
            ),
        ),
        (
            NONE | {"correspondent": True, "item": True, "thread": True},
            RecentNotice(of_this_item=1, to_this_correspondent=1, in_all=6, in_all_in_an_hour=2),
        ),
        (
            NONE | {"correspondent": True, "thread": True},
            RecentNotice(of_this_thread=1, to_this_correspondent=1, in_all=6, in_all_in_an_hour=2),
        ),
        (  # of somebody else, about the same subject
            NONE | {"thread": True},
            RecentNotice(in_all=6, in_all_in_an_hour=2),
        ),
    ],
)
def test_it_counts_where_it_is_alike(alike: dict[str, bool], counts: RecentNotice) -> None:
    before = RecentNotice(in_all=5, in_all_in_an_hour=1)
    assert with_one_more(before, **alike) == counts


MOMENT = datetime(2026, 5, 11, tzinfo=UTC)
ENTRY = LedgerEntry(NoticeId(UUID(int=1)), "an arrival", NoticeKind.RECEIPT, NoticeState.PLANNED)


def row(item: int, *whose: str | None) -> LedgerRow:
    """A row of an item with its mailbox, correspondent, thread and domain."""
    mailbox, correspondent, thread, domain = (Digest(each) if each else None for each in whose)
    return LedgerRow(
        ENTRY, ItemId(UUID(int=item)), None, Way.MAIL, Urgency.AUTOMATIC, MOMENT, MOMENT,
        mailbox=mailbox, correspondent=correspondent, thread=thread, domain=domain,
    )  # fmt: skip


def one_of(kind: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, f"{kind} 1", f"{kind} 2", f"{kind} 3"])


ROWS = st.builds(row, st.integers(1, 3), *map(one_of, ("mailbox", "who", "thread", "domain")))


@given(st.lists(ROWS, max_size=6), ROWS)
def test_what_stands_before_a_mail_counts_one_by_one(
    before: list[LedgerRow], mail: LedgerRow
) -> None:
    counts, told = BatchCounts(), RecentNotice(in_all=5, to_this_domain=2)
    for other in before:
        counts.add(other)
        if mail.mailbox is None:
            continue
        told = with_one_more(
            told,
            correspondent=other.mailbox == mail.mailbox
            or other.correspondent == mail.correspondent is not None,
            item=other.item_id == mail.item_id,
            thread=other.thread == mail.thread is not None,
            domain=other.domain == mail.domain is not None,
        )
    around = Circumstances(RecentNotice(in_all=5, to_this_domain=2))
    assert counts.before(mail, around) == Circumstances(told)
