"""A rendered text as a mail of ours: signed Message-ID, signed return path, one recipient."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from services.notify.mailer import Envelope
from services.notify.message import AutoSubmitted, OutgoingMail, compose
from services.notify.store.ledger import LedgerRow
from shared.content.blobs import Blob, key_of
from shared.content.plis import Store
from shared.content.site_keys import SiteKeys
from shared.content.tokens import message_id, return_address
from shared.facts.envelope import Digest, ItemId, NoticeId
from shared.paper.code_keys import CodeKeys
from shared.site.tables.bundle import AppliedSite, Site


@dataclass(frozen=True, slots=True)
class MailSigning:
    """The means to write emails and letters: blob store, signing keys, the portal's address."""

    blobs: Store
    """Within a transaction: shared/content/files_first.py."""
    secret: SiteKeys
    """Of the site: it signs what a reply or a bounce brings back."""
    keys: Callable[[AppliedSite], CodeKeys]
    """What signs the codes of our letters on paper."""
    portal_url: str | None = None
    composing: Callable[[OutgoingMail], bytes] = compose
    """What serialises a mail: whoever begins a transaction anew keeps what was composed."""


@dataclass(frozen=True, slots=True)
class ReadyMail:
    """An email that may be sent now, with its notice's row in the ledger."""

    row: LedgerRow
    """As it is once its attempt began: whoever claims adds nothing to the count."""
    envelope: Envelope
    message_id: str
    counted: bool
    """Automatic, to the public: the loop guard counts it."""
    owner: tuple[int, UUID] | None = None
    """Year and id of the arrival with which what left is kept, and later destroyed."""

    @property
    def kept(self) -> Blob | None:
        """The octets to keep of what leaves; `None`: nothing of it is kept."""
        return None if self.owner is None else Blob(*self.owner, self.envelope.message)


def message_id_of(
    ink: MailSigning, notice: NoticeId, mailbox: str, item_id: ItemId | None = None
) -> str:
    """Returns the signed Message-ID of a notice, the same at each attempt.

    For a notice about no item, such as a digest, both halves of the token are the notice's id.
    """
    about = item_id or ItemId(notice)
    return message_id(ink.secret, about, notice, mailbox.rpartition("@")[2])


def mail_of(
    ink: MailSigning,
    site: Site,
    row: LedgerRow,
    words: OutgoingMail,
    owner: tuple[int, UUID] | None = None,
    address: Digest | None = None,
) -> ReadyMail:
    """Makes the email of a notice, signed for its replies and bounces. Raises UnusableAddress.

    `owner`: year and id of the arrival with which it is kept; `address`: the recipient's pseudonym.
    """
    notice = row.entry.notice_id
    signed = message_id_of(ink, notice, words.mailbox, row.item_id)
    octets = ink.composing(replace(words, message_id=signed))
    mailbox = site.identity.return_path
    back = return_address(ink.secret, mailbox, notice) if mailbox else ""
    attempted = replace(
        row,
        attempts=row.attempts + 1,
        address=address or row.address,
        document=key_of(*owner, octets) if owner else row.document,
    )
    counted = words.automatic is AutoSubmitted.REPLIED
    return ReadyMail(attempted, Envelope(back, words.recipient, octets), signed, counted, owner)
