"""RTF as Outlook compresses it ([MS-OXRTFCP]): runs that repeat what stands in a window."""

import struct

_WINDOW = 4096
_MOST_UNPACKED = 2_000_000
_HEAD = 16
_STORED, _PACKED = 0x414C454D, 0x75465A4C
"""« MELA » and « LZFu », which say how it is written."""
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def unpacked_rtf(octets: bytes) -> bytes:
    """Decompresses RTF that Outlook has compressed; of a torn one, returns the beginning.

    `b""` for octets that are no such RTF.
    """
    if len(octets) < _HEAD:
        return b""
    size, raw, kind = struct.unpack_from("<III", octets, 0)
    packed = octets[_HEAD : size + 4]
    if kind == _STORED:
        return packed[:raw]
    most = min(raw, _MOST_UNPACKED)
    return _repeated(packed, most) if kind == _PACKED else b""


def _repeated(packed: bytes, most: int) -> bytes:
    """Unpacks runs; each names its place in the window, which begins with a dictionary."""
    out, at, flags, bit = bytearray(_DICTIONARY), 0, 0, 8
    end = len(_DICTIONARY) + most
    while at < len(packed) and len(out) < end:
        if bit == 8:  # noqa: PLR2004  (each octet of flags says of eight runs what they are)
            flags, bit, at = packed[at], 0, at + 1
            continue
        if flags >> bit & 1:
            reference = int.from_bytes(packed[at : at + 2])
            back = (len(out) - (reference >> 4)) % _WINDOW
            if not back:  # the end
                break
            for place in range(len(out) - back, len(out) - back + (reference & 15) + 2):
                # Octet by octet: a run may repeat what it has just written itself.
                out.append(out[place] if place >= 0 else 0)
            at += 2
        else:
            out.append(packed[at])
            at += 1
        bit += 1
    return bytes(out[len(_DICTIONARY) : end])
