"""RTF as Outlook compresses it ([MS-OXRTFCP]): runs that repeat what stands in a window."""

import struct

_WINDOW = 4096
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
    """Returns the RTF that Outlook compressed; b"" when it is none, its beginning when torn."""
    if len(octets) < _HEAD:
        return b""
    size, raw, kind = struct.unpack_from("<III", octets, 0)
    packed = octets[_HEAD : size + 4]
    if kind == _STORED:
        return packed[:raw]
    return bytes(_Window().unpacked(packed, raw))[:raw] if kind == _PACKED else b""


class _Window:
    """The last 4,096 octets that were unpacked, in a circle; it begins with a dictionary."""

    def __init__(self) -> None:
        self._octets = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
        self._write = len(_DICTIONARY)

    def unpacked(self, packed: bytes, most: int) -> bytearray:
        out, at, flags = bytearray(), 0, 0
        bit = 8
        while at < len(packed) and len(out) < most:
            if bit == 8:  # noqa: PLR2004  (each octet of flags says of eight runs what they are)
                flags, bit, at = packed[at], 0, at + 1
                continue
            if flags >> bit & 1:
                reference = int.from_bytes(packed[at : at + 2])
                if (reference >> 4) == self._write % _WINDOW:  # the end
                    break
                out += self._repeated(reference >> 4, (reference & 15) + 2)
                at += 2
            else:
                out += self._kept(packed[at])
                at += 1
            bit += 1
        return out

    def _repeated(self, place: int, length: int) -> bytes:
        """Octet by octet: a run may repeat what it has just written itself."""
        return b"".join(self._kept(self._octets[(place + n) % _WINDOW]) for n in range(length))

    def _kept(self, octet: int) -> bytes:
        self._octets[self._write % _WINDOW] = octet
        self._write += 1
        return bytes((octet,))
