"""A fault while mails are written together costs one notice, wherever it lies."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import pytest

from services.notify.domain.due import Urgency
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.faults import UNWRITABLE
from services.notify.ledger_decisions import LedgerDecision
from services.notify.mail_batch import WrittenNotice, write_mails
from services.notify.mail_composition import MailSigning
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from tests.unit.notify.builders import ITEM, MONDAY


class NoDatabase:
    """Stands for a connection of which nothing is asked but whether it is there."""

    @staticmethod
    def is_closed() -> bool:
        return False

    @staticmethod
    @contextlib.asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        yield


def a_row(number: int) -> LedgerRow:
    notice = NoticeId(UUID(int=number))
    entry = LedgerEntry(notice, "an occasion", NoticeKind.RECEIPT, NoticeState.PLANNED)
    return LedgerRow(entry, ITEM, None, Way.MAIL, Urgency.ORDINARY, MONDAY, MONDAY)


def written(row: LedgerRow) -> LedgerDecision:
    return LedgerDecision(row, None)


@pytest.mark.parametrize("fails_behind", [0, 1, 3], ids=["the first", "the second", "behind all"])
async def test_a_fault_ends_with_fewer_rounds_than_notices(fails_behind: int) -> None:
    rows, rounds = [a_row(number) for number in range(3)], list[int]()

    async def write(
        _: Connection, asked: Sequence[LedgerRow], __: MailSigning, ___: datetime
    ) -> AsyncIterator[WrittenNotice]:
        rounds.append(len(asked))
        for number, row in enumerate(asked):
            if number == fails_behind or len(rounds) > len(rows):
                raise ValueError("a fault of ours")
            yield written(row)
        if fails_behind >= len(rows) and len(asked) > 1:
            raise ValueError("a fault of ours, behind the last")

    made = await write_mails(
        cast("Connection", NoDatabase()), rows, write, cast("Any", None), MONDAY
    )
    assert len(rounds) <= len(rows)
    assert made
    held = [said for said in made if isinstance(said, LedgerDecision) and said.row.entry.why]
    assert [said.row.entry.why for said in held] == ([UNWRITABLE] if fails_behind == 0 else [])
