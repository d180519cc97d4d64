"""The worker that makes letters: one that is due becomes a PDF that waits at the mail office.

A letter leaves when a person has printed, signed and posted it: the register then says so.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from services.notify.domain.acknowledgements import WITH_EFFECT
from services.notify.domain.ledger import NoticeState
from services.notify.domain.policy import Circumstances, SendNow, judge
from services.notify.domain.silence import date_of
from services.notify.faults import unwritable
from services.notify.follow_code_digests import give
from services.notify.incomplete import Incomplete
from services.notify.ledger_decisions import LedgerDecision, by_verdict
from services.notify.ledger_writer import write
from services.notify.letters import context
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase, case_of
from services.notify.notice_facts import tell
from services.notify.notice_plis import matter_of, owner_of, pli_to_answer, read
from services.notify.notice_writer import PROBLEM
from services.notify.public_text import public_text
from services.notify.store import claims
from services.notify.store.ledger import LedgerRow
from shared.content.files_first import FilesFirst
from shared.facts.vocabulary import Way
from shared.paper.codes import DepartureCode
from shared.paper.letter import address_letter, print_letter
from shared.platform.database import Connection, Pool
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.templates import UnusableTemplate


async def print_one(pool: Pool, rules: AppliedRules, ink: MailSigning, now: datetime) -> bool:
    """Makes the PDF of the most urgent letter that is due; returns whether there was one.

    A letter that can't be made is held for a person.
    """
    files = FilesFirst(ink.blobs)

    async def print_due(connection: Connection) -> bool:
        applied = await rules.in_transaction(connection)
        rows = await claims.due(connection, Way.PAPER, now)
        if not rows:
            return False
        (row,) = rows
        try:
            async with connection.transaction():
                decided = await _printed(connection, row, applied, ink, files, now)
        except Exception as error:  # noqa: BLE001  (whatever it is, it must stop no other letter)
            decided = unwritable(connection, row, error, now)
        await write(connection, [decided], now)
        return True

    return await files.transact(pool, print_due)


async def _printed(
    connection: Connection,
    row: LedgerRow,
    applied: AppliedSite,
    ink: MailSigning,
    files: FilesFirst,
    now: datetime,
) -> LedgerDecision:
    case = await case_of(connection, row, applied, now)
    if isinstance(case, LedgerDecision):
        return case
    around = Circumstances(released=row.released_by is not None)
    verdict = judge(case.call, case.item, applied, around, now)
    if not isinstance(verdict, SendNow):
        return by_verdict(verdict, case.call, case.item, row, applied, now)
    try:
        octets = await pdf(connection, case, ink, files)
        await give(connection, ink, [(row.entry.kind, case.item)], now)
    except UnusableTemplate:
        return case.hold(PROBLEM)
    except Incomplete as lacking:
        return case.hold(str(lacking))
    key = await files.put(*owner_of(case), octets)
    made = replace(
        row, entry=replace(row.entry, state=NoticeState.TO_PRINT, why=None), document=key
    )
    says = date_of(case.item, applied, now) if row.entry.kind in WITH_EFFECT else None
    made = replace(made, says=says)
    made = replace(made, revision=made.revision + 1)
    return LedgerDecision(made, tell(made, now))


async def pdf(
    connection: Connection, case: NoticeCase, ink: MailSigning, files: FilesFirst
) -> bytes:
    """Makes the PDF of a letter to a sender; what was composed at the desk is taken as it is.

    Raises Incomplete, UnusableTemplate, CannotBePrinted, NotAtHand.
    """
    ink = replace(ink, blobs=files)
    composed = await read(ink, case.call.text)
    if composed is not None and composed.printed is not None:
        return await files.get(composed.printed)
    pli = await pli_to_answer(ink, case.item)
    letter = context(await matter_of(connection, case, ink, pli))
    text = await public_text(connection, case, ink, letter, pli, Way.PAPER)
    to = None if pli is None else pli.addressee
    code = ink.keys(case.applied).write(DepartureCode(letter.reference, case.call.kind))
    page = address_letter(case.call.kind, letter, text, code, to)
    return await files.result_of(page, partial(print_letter, page))
