"""Files to keep: what comes from outside, never opened here nor its type believed, and our own."""

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import IO, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from shared.content.mime_fields import shorten_name

ANY_TYPE: Final = "application/octet-stream"
_PIECE: Final = 64 * 1024
_LONGEST: Final = 150
"""Letters of a name: a disk counts octets, and a name stands in folders of long names."""


def a_file(octets: bytes, name: str) -> Response:
    """Makes the response that downloads a file from outside, under a safe name and neutral type."""
    safe = _written(name)
    # Once more: a full-width quotation mark is a plain one among ASCII.
    plain = _written(unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode())
    told = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
    return Response(octets, media_type=ANY_TYPE, headers={"content-disposition": told})


def our_file(octets: bytes, media_type: str, name: str) -> Response:
    """Makes the response that downloads a file made by the register; `name` is ASCII."""
    told = f'attachment; filename="{name}"'
    return Response(octets, media_type=media_type, headers={"content-disposition": told})


def our_large_file(kept: IO[bytes], media_type: str, name: str) -> Response:
    """Makes the response that sends a file of the register piece by piece, then closes it.

    `name` is ASCII.
    """
    size = kept.seek(0, os.SEEK_END)
    told = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(size)}
    return StreamingResponse(_pieces(kept), media_type=media_type, headers=told)


def _pieces(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        kept.seek(0)
        while piece := kept.read(_PIECE):
            yield piece


def shown_in_place(octets: bytes, media_type: str, name: str) -> Response:
    """Makes the response that shows a file made by the register in its tab; `name` is ASCII."""
    told = f'inline; filename="{name}"'
    return Response(octets, media_type=media_type, headers={"content-disposition": told})


def _written(name: str) -> str:
    """Without what a disk or a header obeys, or what shows `exe.pdf` for `fdp.exe` (Cf)."""
    kept = "".join(c for c in name if unicodedata.category(c) not in {"Cf", "Cs"})
    safe = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "_", kept).strip(". ")
    return shorten_name(safe, _LONGEST) or "fichier"
