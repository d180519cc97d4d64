"""What the archive says of a transfer: that it has it (Acknowledgement), and whether it accepts.

The acceptance or refusal is its ArchiveTransferReply, with since when and why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from services.desk.archive.domain.manifest import local, namespace, parse
from shared.errors import Refused

MOST_REPLY: Final = 5 * 1024 * 1024
"""Octets: a reply may name each unit of the transfer."""
MOST_REASON: Final = 2000
"""Letters of why the archive refuses; the whole is in its reply, which is kept."""
FAMILY: Final = "fr:gouv:culture:archivesdefrance:seda:v2."
"""The version after it may be later than that of the transfer: the parts read are the same."""
ACCEPTS: Final = frozenset({"OK", "WARNING", "000"})
"""Codes by which an archive says that it has taken charge: of Vitam, and of as@lae."""


@dataclass(frozen=True, slots=True)
class TransferReply:
    """The reply of an archive to a transfer: whether it took charge of it, since when, or why not.

    An as@lae writes the transfer's number where Vitam has that of the reply, and the other way
    round: both are there.
    """

    names: frozenset[str]
    """MessageRequestIdentifier and MessageIdentifier: one is the transfer that it is about."""
    code: str
    accepted: bool
    granted_at: datetime | None
    """Since when the archive has it (GrantDate), where it says so."""
    reason: str = ""
    """Its Comment, or else what its events say; empty: it says nothing."""


def read_reply(octets: bytes, zone: ZoneInfo) -> TransferReply:
    """Reads an ArchiveTransferReply of SEDA 2, in UTF-8; a moment without a zone is of `zone`.

    Raises Refused: `archive-not-xml`, `reply-other` for any other message or one without a number
    or a code, of which nobody could say what it means.
    """
    root = _message(octets, "ArchiveTransferReply")
    # The parts of the message itself: what stands deeper may bear the same names.
    said = {local(child): (child.text or "").strip() for child in root}
    requested, code = said.get("MessageRequestIdentifier", ""), said.get("ReplyCode", "")
    if not requested or not code:
        raise Refused("This reply says not to what, or not what (ReplyCode).", "reply-other")
    names = frozenset({requested, said.get("MessageIdentifier", "")}) - {""}
    granted = _moment(said.get("GrantDate", ""), zone)
    return TransferReply(names, code[:40], code in ACCEPTS, granted, _reason(root))


def acknowledges(octets: bytes, transfer: str) -> bool:
    """Returns whether a message is the Acknowledgement (SEDA 2) of this transfer.

    Raises Refused (`archive-not-xml`, `reply-other`) where it is no Acknowledgement.
    """
    root = _message(octets, "Acknowledgement")
    received = {
        (child.text or "").strip() for child in root if local(child) == "MessageReceivedIdentifier"
    }
    return transfer in received


def _message(octets: bytes, name: str) -> ET.Element:
    root = parse(octets)
    if local(root) != name or not namespace(root).startswith(FAMILY):
        raise Refused(f"This is no {name} of SEDA 2.", "reply-other")
    return root


def _reason(root: ET.Element) -> str:
    """The words of the archive, each once, in their order."""
    comments = [child for child in root if local(child) == "Comment"]
    found = comments or [part for part in root.iter() if local(part) == "OutcomeDetailMessage"]
    words = dict.fromkeys(" ".join((part.text or "").split()) for part in found)
    return "\n".join(word for word in words if word)[:MOST_REASON]


def _moment(said: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
