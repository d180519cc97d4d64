"""Outlook's winmail.dat (TNEF): the message's bodies and its files."""

import struct
from collections.abc import Iterator

from services.ingest.attachment_process.containers import HeldFile
from services.ingest.attachment_process.rtf_unpacker import unpacked_rtf
from services.ingest.domain import decoding

_HEAD, _OF_ATTRIBUTE, _SUM = 6, 9, 2
_MOST = 2_000
_UNICODE = 0x1F
_BODY, _TITLE, _FILE, _PROPERTIES = 0x0002800C, 0x00018010, 0x0006800F, 0x00069003
_HTML_BODY = b"\x02\x01\x13\x10"
_PLAIN_BODIES = (b"\x1e\x00\x00\x10", b"\x1f\x00\x00\x10")
_COMPRESSED_RTF = b"\x02\x01\x09\x10"


def files_of(octets: bytes) -> Iterator[HeldFile]:
    """Yields the message text and the files that a winmail.dat (TNEF, by Outlook) contains."""
    position, title = _HEAD, ""
    for _ in range(_MOST):
        if position + _OF_ATTRIBUTE > len(octets):
            return
        attribute, length = struct.unpack_from("<II", octets, position + 1)
        begin = position + _OF_ATTRIBUTE
        content = octets[begin : begin + length]
        position = begin + length + _SUM
        if attribute == _BODY:
            yield HeldFile("", "text/plain", content.rstrip(b"\0"))
        elif attribute == _TITLE:
            title = decoding.text(content.rstrip(b"\0"), "")
        elif attribute == _FILE:
            yield HeldFile(title, "", content)
            title = ""
        elif attribute == _PROPERTIES:
            yield from _bodies(content)


def _bodies(properties: bytes) -> Iterator[HeldFile]:
    """The bodies among a message's MAPI properties: plain, HTML, compressed RTF."""
    for mark in _PLAIN_BODIES:
        if value := _value(properties, mark):
            charset = "utf-16-le" if mark[0] == _UNICODE else ""
            text = decoding.text(value, charset).rstrip("\0")
            yield HeldFile("", "text/plain", text.encode("utf-8", "replace"))
    if value := _value(properties, _HTML_BODY):
        yield HeldFile("", "text/html", value)
    if value := _value(properties, _COMPRESSED_RTF):
        yield HeldFile("", "application/rtf", unpacked_rtf(value))


def _value(properties: bytes, mark: bytes) -> bytes:
    """A property's value, found by its mark: kind and number, then how many, then its length."""
    at = properties.find(mark)
    if at < 0 or at % 4 or at + 12 > len(properties):
        return b""
    many, length = struct.unpack_from("<II", properties, at + 4)
    return properties[at + 12 : at + 12 + length] if many == 1 else b""
