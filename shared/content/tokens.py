"""What we sign and what we blur with the site's secret.

A *token* is our word on an outgoing mail that a reply brings back: it stands in the Message-ID, in
the subject and, where the server has it, in the plus-address. A *pseudonym* lets two messages of
one correspondent meet without an address in any fact. Both are HMAC-SHA256 under the secret; how a
secret is replaced is shared/content/site_keys.py.
"""

import hashlib
import re
from uuid import UUID

from shared.content.site_keys import SIGNATURE, SiteKeys
from shared.facts.envelope import Chrono, Digest, ItemId, NoticeId

_SUBJECT = re.compile(
    rf"\[\s*((?:\d{{2,3}}|2[AB])-\d{{4}}-[AD]-\d{{6,9}})-({SIGNATURE})\s*\]", re.IGNORECASE
)
_MESSAGE_ID = re.compile(
    rf"^<?vgm\.([0-9a-f]{{32}})\.([0-9a-f]{{32}})\.({SIGNATURE})@[^@\s<>]+>?$",
    re.IGNORECASE,
)
_STOP = re.compile(rf"([0-9a-f]{{32}})({SIGNATURE.lower()})")
_RETURN = re.compile(rf"\+b\.([0-9a-f]{{32}})\.({SIGNATURE})@", re.IGNORECASE)


def pseudonym(secret: SiteKeys, purpose: str, text: str) -> Digest:
    """Returns the pseudonym of a text such as an address: its keyed digest (HMAC)."""
    return Digest(secret.pseudonym(purpose, text))


def subject_token(secret: SiteKeys, chrono: Chrono) -> str:
    """Returns the signed token for the end of an email's subject.

    `[36-2026-A-000123-K7QF2MWX3A]`
    """
    return f"[{chrono}-{secret.sign('chrono', chrono)}]"


def chrono_in_subject(secret: SiteKeys, subject: str) -> Chrono | None:
    """Returns the chrono in the signed token of an email's subject; `None` without a valid one."""
    for chrono, signature in _SUBJECT.findall(subject):
        if secret.verify("chrono", chrono.upper(), signature):
            return Chrono(chrono.upper())
    return None


def answers_ours(subject: str) -> bool:
    """Whether an email's subject bears a token that looks like ours, signature unchecked."""
    return _SUBJECT.search(subject) is not None


def message_id(secret: SiteKeys, item: ItemId, notice: NoticeId, domain: str) -> str:
    """Returns the signed Message-ID of a notice's email, the same at each attempt.

    `<vgm.ITEM.NOTICE.SIGN@…>`
    """
    signature = secret.sign("message", f"{item.hex}.{notice.hex}").lower()
    return f"<vgm.{item.hex}.{notice.hex}.{signature}@{domain}>"


def notice_in_message_id(secret: SiteKeys, text: str) -> tuple[ItemId, NoticeId] | None:
    """Returns the item and notice that a signed Message-ID of ours names.

    `None`: it is none of ours, or its signature is wrong.
    """
    found = _MESSAGE_ID.match(text.strip())
    if found is None:
        return None
    item, notice, signature = found.groups()
    if not secret.verify("message", f"{item.lower()}.{notice.lower()}", signature):
        return None
    return ItemId(UUID(item)), NoticeId(UUID(notice))


def return_address(secret: SiteKeys, mailbox: str, notice: NoticeId) -> str:
    """Returns a notice's signed envelope sender: `retour+b.NOTICE.SIGNATURE@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+b.{notice.hex}.{secret.sign('return', notice.hex).lower()}@{domain}"


def stop_token(secret: SiteKeys, notice: NoticeId) -> str:
    """Returns the signed token by which somebody who got a survey email refuses further ones."""
    return f"{notice.hex}{secret.sign('survey-stop', notice.hex).lower()}"


def notice_in_stop_token(secret: SiteKeys, token: str) -> NoticeId | None:
    """Returns the notice that a survey email's stop token names, or `None` (bad signature)."""
    found = _STOP.fullmatch(token)
    if found is None or not secret.verify("survey-stop", found[1], found[2]):
        return None
    return NoticeId(UUID(found[1]))


def stop_digest(token: str) -> Digest:
    """Computes the SHA-256 of a survey email's stop token, to be stored in its place."""
    return Digest(hashlib.sha256(token.encode()).hexdigest())


def notice_in_return_address(secret: SiteKeys, address: str) -> NoticeId | None:
    """Returns the notice that a signed return address names; `None` if its signature fails."""
    found = _RETURN.search(address)
    if found is None or not secret.verify("return", found[1].lower(), found[2]):
        return None
    return NoticeId(UUID(found[1]))
