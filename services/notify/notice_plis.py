"""The plis of a notice about an item: what it answers, where it goes, whose text it is.

A letter to a third party, and a copy, go where their own pli says, and answer nothing that the
sender wrote.
"""

from uuid import UUID

from services.notify.domain.copies import ADDRESSED
from services.notify.domain.item import NotifiedItem
from services.notify.letters import LetterContext
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase
from shared.calendar.local_days import day_of
from shared.content import plis
from shared.content.plis import Pli
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.staff.directory import Directory


def owner_of(case: NoticeCase) -> tuple[int, UUID]:
    """Returns the year and the id (arrival, else notice) under which a sent text is stored."""
    year = day_of(case.item.registered.receipt, case.applied.site.zone).year
    return year, case.item.registered.arrival_id or case.row.entry.notice_id


async def read(ink: MailSigning, key: BlobKey | None) -> Pli | None:
    """Reads the pli with this key from the blob store; `None` without a key."""
    return None if key is None else await plis.read(ink.blobs, key)


async def pli_to_address(ink: MailSigning, case: NoticeCase) -> Pli | None:
    """Reads the pli whose email address a notice goes to; `None` where no pli says one.

    It is the letter itself for a third party and for a copy, else what the sender wrote or a
    person noted.
    """
    if case.call.kind in ADDRESSED:
        return await read(ink, case.call.text)
    return await pli_to_answer(ink, case.item)


async def pli_to_answer(ink: MailSigning, item: NotifiedItem) -> Pli | None:
    """Reads the pli to answer, with the sender that a person noted; `None` without either."""
    return plis.pli_to_answer(await read(ink, item.registered.pli), await read(ink, item.sender))


async def matter_of(
    connection: Connection, case: NoticeCase, ink: MailSigning, pli: Pli | None
) -> LetterContext:
    """Collects the data (item, pli, people, moment) from which a text to the sender is made."""
    return LetterContext(
        call=case.call,
        item=case.item,
        pli=pli,
        composed=await read(ink, case.call.text),
        applied=case.applied,
        people=await _people(connection, case),
        now=case.now,
    )


async def _people(connection: Connection, case: NoticeCase) -> Directory:
    """The people whom a text to the public may name; a neutral receipt names nobody."""
    if case.call.order is None and case.call.kind is NoticeKind.RECEIPT:
        return Directory(people={}, absences=(), hours={})
    return await case.reads.people(connection, case.now)
