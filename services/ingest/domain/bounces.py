"""Delivery statuses: of which notice of ours they speak, and what they say (RFC 3464)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from typing import Literal

from flufl.bounce import all_failures

from services.ingest.domain import decoding
from services.ingest.domain.addresses import addresses
from services.ingest.domain.message import Mail
from shared.facts.envelope import ItemId, NoticeId
from shared.mime import headers
from shared.tokens import notice_in_message_id, notice_in_return_address

Action = Literal["failed", "delayed", "delivered"]

_ACTIONS: dict[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_FIELD = re.compile(r"^(action|status)\s*:\s*([^\s;(]{1,40})", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}$")
_UNKNOWN: dict[Action, str] = {"failed": "5.0.0", "delayed": "4.0.0", "delivered": "2.0.0"}
_BY_CLASS: dict[str, Action] = {"5": "failed", "4": "delayed", "2": "delivered"}
_WORST: tuple[Action, ...] = ("failed", "delayed", "delivered")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
_READ = 200_000


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery status says. `notice` is `None` when it names no notice of ours."""

    action: Action
    status: str
    notice: NoticeId | None
    item: ItemId | None
    original: str
    """Message-ID of the mail that could not be delivered, without angle brackets, or `""`."""


def bounce(mail: Mail, octets: bytes, secret: bytes) -> Bounce | None:
    """Read a delivery status; `None` when this mail is none."""
    said = _delivery_status(mail) or _from_shape(mail, octets)
    if said is None:
        return None
    action, status = said
    notice, item, original = _about(mail, octets, secret)
    return Bounce(action=action, status=status, notice=notice, item=item, original=original)


def _delivery_status(mail: Mail) -> tuple[Action, str] | None:
    reports = [leaf for leaf in mail.machine if leaf.media_type.endswith("delivery-status")]
    if not reports and mail.report_type != "delivery-status":
        return None
    said: dict[Action, str] = {}
    for leaf in reports:
        for name, value in _FIELD.findall(decoding.text(leaf.content[:_READ], "utf-8")):
            if name.lower() == "action":
                if action := _ACTIONS.get(value.lower()):
                    said.setdefault(action, _UNKNOWN[action])
            elif _STATUS.match(value):
                said[_BY_CLASS[value[0]]] = value
    if not said:
        return "failed", _UNKNOWN["failed"]
    worst = next(action for action in _WORST if action in said)
    return worst, said[worst]


def _from_shape(mail: Mail, octets: bytes) -> tuple[Action, str] | None:
    """Old servers write no status: fifty known shapes, asked only of what a daemon sent."""
    daemon = mail.sender.local in {"mailer-daemon", "postmaster", "mailerdaemon"}
    null = mail.has("return-path") and mail.first("return-path") in {"<>", ""}
    if not (daemon or null):
        return None
    try:
        temporary, permanent = all_failures(message_from_bytes(octets[:_READ]))
    except Exception:  # noqa: BLE001  (fifty foreign detectors: whatever they trip over is no bounce)
        return None
    if permanent:
        return "failed", _UNKNOWN["failed"]
    if temporary:
        return "delayed", _UNKNOWN["delayed"]
    return None


def _about(mail: Mail, octets: bytes, secret: bytes) -> tuple[NoticeId | None, ItemId | None, str]:
    originals = [decoding.text(found, "utf-8") for found in _MESSAGE_ID.findall(octets)]
    originals = [one for one in originals if one.strip("<>") != mail.message_id]
    for one in [*originals, *mail.references]:
        named = notice_in_message_id(secret, one)
        if named is not None:
            return named[1], named[0], one.strip("<>")
    original = originals[-1].strip("<>") if originals else ""
    for address in _our_addresses(mail):
        notice = notice_in_return_address(secret, address)
        if notice is not None:
            return notice, None, original
    return None, None, original


def _our_addresses(mail: Mail) -> Iterable[str]:
    yield from (one.address for one in mail.to)
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"):
        yield from (one.address for one in addresses(mail.all(name)))
    for leaf in mail.machine:
        for name, value in headers(leaf.content):
            if name.lower() == "return-path":
                yield from (one.address for one in addresses([value]))
