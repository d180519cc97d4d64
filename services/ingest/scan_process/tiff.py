"""TIFF by its structure: whether it is whole, and some of its pages as a TIFF of their own.

Image libraries read a cut TIFF as one with fewer pages, and would compress a page again to cut it
out. Here the directories are walked, every strip is found inside the file, and pages are copied
strip by strip: the same compressed octets as the copier wrote.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.faults import DamagedScan, TooLargeScan, Truncated

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SHORT, _LONG = 3, 4
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325
_OLD_JPEG = frozenset({513, 514, 519, 520, 521})  # pointers into the file, TIFF 6.0 section 22
_POINTERS = frozenset({330, 34665, 34853})  # sub-images, EXIF, GPS: not needed to see the page
_MOST_PAGES = 5_000
_INLINE = 4  # octets of a value that fit into its entry


@dataclass(frozen=True, slots=True)
class TiffEntry:
    """A field of a TIFF directory; `value` holds its octets, wherever they stood."""

    tag: int
    type: int
    count: int
    value: bytes


@dataclass(frozen=True, slots=True)
class TiffDirectory:
    """A page of a TIFF file: its fields, and the offset and size of its strips or tiles."""

    entries: tuple[TiffEntry, ...]
    strips: tuple[tuple[int, int], ...]


def directories(octets: bytes) -> list[TiffDirectory]:
    """Parses the directories (pages) of a TIFF file, in order.

    Raises:
        Truncated: a directory or a strip lies beyond the end of the file.
        DamagedScan: it is no TIFF 6.0 (BigTIFF neither), or it goes round in a circle.
        TooLargeScan: it has more pages than any batch.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(octets[:4])
    if order is None:
        raise DamagedScan
    found: list[TiffDirectory] = []
    visited: set[int] = set()
    (at,) = _unpack(order, "I", octets, 4)
    while at:
        if at in visited:
            raise DamagedScan
        if len(found) == _MOST_PAGES:
            raise TooLargeScan
        visited.add(at)
        (count,) = _unpack(order, "H", octets, at)
        entries = tuple(_entry(order, octets, at + 2 + 12 * number) for number in range(count))
        found.append(TiffDirectory(entries, _strips(order, octets, entries)))
        (at,) = _unpack(order, "I", octets, at + 2 + 12 * count)
    if not found:
        raise Truncated
    return found


def extract(octets: bytes, first: int, last: int) -> bytes:
    """Copies pages `first` to `last` (from 1, included) of a TIFF as a TIFF, octet for octet.

    Raises:
        Truncated: as `directories`.
        DamagedScan: as `directories`, or a page keeps its picture in old-style JPEG pointers.
    """
    order = "<" if octets[:2] == b"II" else ">"
    out = bytearray(octets[:4] + b"\0\0\0\0")
    link = 4
    for page in directories(octets)[first - 1 : last]:
        if any(entry.tag in _OLD_JPEG for entry in page.entries):
            raise DamagedScan
        offsets = [_append(out, octets[at : at + size]) for at, size in page.strips]
        where = struct.pack(f"{order}{len(offsets)}I", *offsets)
        fields = [
            TiffEntry(entry.tag, _LONG, len(offsets), where)
            if entry.tag in {_STRIPS, _TILES}
            else entry
            for entry in page.entries
            if entry.tag not in _POINTERS
        ]
        far = [
            _append(out, entry.value) if len(entry.value) > _INLINE else None for entry in fields
        ]
        start = _append(out, struct.pack(f"{order}H", len(fields)))
        struct.pack_into(f"{order}I", out, link, start)
        for entry, offset in zip(fields, far, strict=True):
            out += struct.pack(f"{order}HHI", entry.tag, entry.type, entry.count)
            out += entry.value.ljust(4, b"\0") if offset is None else _pack(order, offset)
        link = len(out)
        out += b"\0\0\0\0"
    return bytes(out)


def _entry(order: str, octets: bytes, at: int) -> TiffEntry:
    tag, kind, count = _unpack(order, "HHI", octets, at)
    size = _SIZES.get(kind, 1) * count
    place = at + 8
    if size > _INLINE:
        (place,) = _unpack(order, "I", octets, place)
    return TiffEntry(tag, kind, count, _slice(octets, place, size))


def _strips(order: str, octets: bytes, entries: Sequence[TiffEntry]) -> tuple[tuple[int, int], ...]:
    by_tag = {entry.tag: entry for entry in entries}
    offsets = by_tag.get(_STRIPS) or by_tag.get(_TILES)
    sizes = by_tag.get(_STRIP_SIZES) or by_tag.get(_TILE_SIZES)
    if offsets is None or sizes is None or offsets.count != sizes.count:
        raise DamagedScan
    strips = tuple(zip(_numbers(order, offsets), _numbers(order, sizes), strict=True))
    if any(at + size > len(octets) for at, size in strips):
        raise Truncated
    return strips


def _numbers(order: str, entry: TiffEntry) -> Sequence[int]:
    if entry.type not in {_SHORT, _LONG}:
        raise DamagedScan
    letter = "H" if entry.type == _SHORT else "I"
    return struct.unpack(f"{order}{entry.count}{letter}", entry.value)


def _unpack(order: str, letters: str, octets: bytes, at: int) -> tuple[int, ...]:
    layout = struct.Struct(order + letters)
    return layout.unpack(_slice(octets, at, layout.size))


def _slice(octets: bytes, at: int, size: int) -> bytes:
    if at + size > len(octets):
        raise Truncated
    return octets[at : at + size]


def _pack(order: str, number: int) -> bytes:
    return struct.pack(f"{order}I", number)


def _append(out: bytearray, octets: bytes) -> int:
    """Add octets at an even place, as TIFF wants, and say where."""
    if len(out) % 2:
        out += b"\0"
    at = len(out)
    out += octets
    return at
