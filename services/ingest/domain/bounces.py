"""Delivery statuses: of which notice of ours they speak, and what they say (RFC 3464)."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from itertools import islice
from typing import Literal

from flufl.bounce import all_failures

from services.ingest.domain import decoding, robots
from services.ingest.domain.addresses import addresses
from services.ingest.domain.mail import Mail, Signs
from shared.content.mail_lines import headers
from shared.content.mime import Leaf
from shared.content.phrases import Phrases, fold_texts
from shared.content.site_keys import SiteKeys
from shared.content.tokens import notice_in_message_id, notice_in_return_address
from shared.facts.envelope import ItemId, NoticeId

DeliveryAction = Literal["failed", "delayed", "delivered"]

_ACTIONS: dict[str, DeliveryAction] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_FIELD = re.compile(r"^(action|status)\s*:\s*([^\s;(]{1,40})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}$")
_UNKNOWN: dict[DeliveryAction, str] = {"failed": "5.0.0", "delayed": "4.0.0", "delivered": "2.0.0"}
_BY_CLASS: dict[str, DeliveryAction] = {"5": "failed", "4": "delayed", "2": "delivered"}
_WORST: tuple[DeliveryAction, ...] = ("failed", "delayed", "delivered")
_NAMES = b"\nmessage-id:"
_MESSAGE_ID = re.compile(rb"\s*(<[^<>\s]{1,300}>)")
"""In lower case, from the end of the line before: so an attachment is passed over quickly."""
_CODE = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_FAILED = Phrases(
    (
        *("non remis", "non distribuable", "non délivré", "échec de la remise"),
        *("échec de remise", "échec de la distribution", "échec d'envoi", "non distribué"),
        *("avis de non remise", "rapport de non remise", "message refusé", "retour à l'expéditeur"),
        *("undeliverable", "undelivered", "delivery status notification", "delivery failure"),
        *("delivery failed", "mail delivery failed", "failure notice", "returned mail"),
        *("delivery has failed", "could not be delivered", "message rejected", "rejected"),
        *("unzustellbar", "zustellung fehlgeschlagen", "nicht zustellbar", "non remise"),
    )
)
"""Subjects of non-delivery reports, in the languages in which servers write to us."""
_DELAYED = Phrases(
    (
        *("delayed", "delay", "warning message", "retardé", "remise différée", "en retard"),
        *("remise retardée", "verzögert", "verzögerung"),
    )
)
_READ = 200_000
_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Bounce:
    """The delivery status (RFC 3464) of an email of ours, parsed from a bounce.

    `notice` is `None` when it names no notice of ours.
    """

    action: DeliveryAction
    status: str
    notice: NoticeId | None
    item: ItemId | None
    original: str
    """Message-ID of the mail that could not be delivered, without angle brackets, or `""`."""


def signs(mail: Mail, machine: Sequence[Leaf], octets: bytes, *, shapes: bool = True) -> Signs:
    """Collects the signs of a delivery report (bounce) in an email.

    `shapes`: also look for the wording by which old mail servers report, not only for RFC 3464.
    """
    named = _named(octets)
    return Signs(
        statuses=tuple(_statuses(machine)),
        shape=_shape(mail, octets) if shapes else None,
        named=tuple(
            decoding.text(reference, "utf-8")
            for reference in [*named[:_NAMED], *named[_NAMED:][-1:]]
        ),
        return_paths=tuple(islice(_return_paths(machine), _NAMED)),
    )


def _named(octets: bytes) -> list[bytes]:
    lowered, named = b"\n" + octets.lower(), list[bytes]()
    at = lowered.find(_NAMES)
    while at >= 0:
        behind = at + len(_NAMES)
        if found := _MESSAGE_ID.match(lowered, behind):
            named.append(octets[found.start(1) - 1 : found.end(1) - 1])
            behind = found.end()
        at = lowered.find(_NAMES, behind)
    return named


def _statuses(machine: Sequence[Leaf]) -> Iterator[tuple[str, str]]:
    for leaf in machine:
        if leaf.media_type.endswith("delivery-status"):
            yield from _FIELD.findall(decoding.text(leaf.content[:_READ], "utf-8"))[:_NAMED]


def _return_paths(machine: Sequence[Leaf]) -> Iterator[str]:
    for leaf in machine:
        for name, value in headers(leaf.content):
            if name.lower() == "return-path":
                yield from (address.address for address in addresses([value]))


def _shape(mail: Mail, octets: bytes) -> Literal["failed", "delayed"] | None:
    """Old servers write no status: fifty known shapes, asked only of what a daemon sent."""
    if not (robots.is_daemon(mail) or mail.return_path == ""):
        return None
    # It logs each trip of a detector with a trace, whose values may be the mail's.
    logging.getLogger("flufl.bounce").disabled = True
    try:
        temporary, permanent = all_failures(message_from_bytes(octets[:_READ]))
    except Exception:  # noqa: BLE001  (fifty foreign detectors: whatever they trip over is no bounce)
        return None
    return "failed" if permanent else "delayed" if temporary else None


def bounce(mail: Mail, secret: SiteKeys) -> Bounce | None:
    """Parses the delivery status (bounce) in an email; `None` when it holds none."""
    said = _delivery_status(mail) or _from_shape(mail)
    if said is None and any(
        notice_in_return_address(secret, address) for address in _our_addresses(mail)
    ):
        said = _in_words(mail)
    if said is None:
        return None
    action, status = said
    notice, item, original = _about(mail, secret)
    return Bounce(action=action, status=status, notice=notice, item=item, original=original)


def _delivery_status(mail: Mail) -> tuple[DeliveryAction, str] | None:
    reports = any(leaf.endswith("delivery-status") for leaf in mail.machine)
    bare = mail.is_report and not mail.report_type and robots.is_daemon(mail)
    if not reports and mail.report_type != "delivery-status" and not bare:
        return None
    said: dict[DeliveryAction, str] = {}
    for name, value in mail.signs.statuses:
        if name.lower() == "action":
            if action := _ACTIONS.get(value.lower()):
                said.setdefault(action, _UNKNOWN[action])
        elif _STATUS.match(value):
            said[_BY_CLASS[value[0]]] = value
    if not said:
        return "failed", _UNKNOWN["failed"]
    worst = next(action for action in _WORST if action in said)
    return worst, said[worst]


def _from_shape(mail: Mail) -> tuple[DeliveryAction, str] | None:
    shape = mail.signs.shape
    return None if shape is None else (shape, _UNKNOWN[shape])


def _in_words(mail: Mail) -> tuple[DeliveryAction, str] | None:
    """What came to a return path of ours and says in its own words that a mail was not delivered.

    Absence notices go there as well (RFC 3834 §4): they say so in their subject, and fail nothing.
    """
    if robots.out_of_office(mail) or robots.read_receipt(mail):
        return None
    # A server's report holds its reason at the end, below explanations in several languages.
    codes = _CODE.findall(mail.whole_text[:_READ])
    where = fold_texts(mail.subject)
    daemon = robots.is_daemon(mail) or mail.has("x-failed-recipients")
    delayed = _DELAYED.hit(where) is not None
    if not (daemon or delayed or _FAILED.hit(where) or (codes and mail.return_path == "")):
        return None
    action: DeliveryAction = "delayed" if delayed else "failed"
    mine = [code for code in codes if _BY_CLASS[code[0]] == action]
    return action, mine[0] if mine else _UNKNOWN[action]


def _about(mail: Mail, secret: SiteKeys) -> tuple[NoticeId | None, ItemId | None, str]:
    originals = [
        reference for reference in mail.signs.named if reference.strip("<>") != mail.message_id
    ]
    for reference in [*originals, *mail.references]:
        named = notice_in_message_id(secret, reference)
        if named is not None:
            return named[1], named[0], reference.strip("<>")
    original = originals[-1].strip("<>") if originals else ""
    for address in _our_addresses(mail):
        notice = notice_in_return_address(secret, address)
        if notice is not None:
            return notice, None, original
    return None, None, original


def _our_addresses(mail: Mail) -> Iterable[str]:
    yield from (address.address for address in mail.to)
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"):
        yield from (address.address for address in addresses(mail.all(name)))
    yield from mail.signs.return_paths
