"""A due notice to the public with the address of its pli, and under what the caps count it."""

from dataclasses import dataclass, replace

from services.notify.domain.loop_guard import capped_domain, mailbox_of
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase
from services.notify.notice_plis import pli_to_address
from services.notify.store.ledger import LedgerRow
from shared.content.plis import Pli
from shared.content.tokens import pseudonym
from shared.facts.envelope import Digest
from shared.site.tables.bundle import Site


@dataclass(frozen=True, slots=True)
class AddressedNotice:
    """A due notice to the public with the address that its pli says, before it is judged."""

    case: NoticeCase
    pli: Pli | None
    address: str
    """Empty: no pli says one."""
    digest: Digest
    """The pseudonym of the address in the suppression list."""
    row: LedgerRow
    """With the mailbox and the domain under which the caps count it."""


async def address_notice(case: NoticeCase, ink: MailSigning) -> AddressedNotice:
    """Reads the pli of a notice to the public, and under what the caps count it."""
    pli = await pli_to_address(ink, case)
    given = pli.answer_to.address if pli else ""
    digest = pseudonym(ink.secret, "address", given.strip().lower())
    row = _counted_as(case.row, given, ink, case.applied.site)
    return AddressedNotice(case, pli, given, digest, row)


def _counted_as(row: LedgerRow, address: str, ink: MailSigning, site: Site) -> LedgerRow:
    """The row with the mailbox and the domain under which the caps count it."""
    mailbox = mailbox_of(address)
    domain = capped_domain(address, site.notices.caps.shared_domains)
    return replace(
        row,
        mailbox=pseudonym(ink.secret, "mailbox", mailbox) if mailbox else None,
        domain=pseudonym(ink.secret, "domain", domain) if mailbox and domain else None,
    )
