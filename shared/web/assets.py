"""Static files that a browser loads beside a page: our sheets and scripts, and those of npm.

Each is read once, and its address carries its digest: a browser keeps it for a year, and asks for
another address when it changes. So does every address inside a sheet. Without the folder of set-up
the pages work as they do without JavaScript, in the neutral theme.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

SHARED: Final = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
VENDOR = "vendor/"

TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PACKED = (".css", ".js", ".svg")
"""What is worth packing; a font is packed by itself."""
_NAMED = re.compile(r"url\(([\w./-]+)\)")


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file in memory: its octets, compressed octets, digest and media type."""

    octets: bytes
    packed: bytes | None
    digest: str
    media_type: str


@dataclass(frozen=True)
class Assets:
    """The static files served under /static; `vendor`: those of npm, `folder`: ours."""

    vendor: Path | None
    folder: Path

    def url(self, name: str) -> str:
        """Returns the URL of a static file such as `desk.css`; empty when it does not exist."""
        found = self._files.get(name)
        return "" if found is None else f"/static/{name}?v={found.digest}"

    async def answer(self, request: Request) -> Response:
        """Answers a request for a static file. Raises HTTPException 404."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        known = request.query_params.get("v") == found.digest
        headers = {"cache-control": FOR_EVER if known else "no-store", "vary": "accept-encoding"}
        octets = found.octets
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            octets, headers["content-encoding"] = found.packed, "gzip"
        return Response(octets, media_type=found.media_type, headers=headers)

    @cached_property
    def _files(self) -> Mapping[str, Asset]:
        paths = _those_of(SHARED, "") | _those_of(self.folder, "")
        if self.vendor is not None and self.vendor.is_dir():
            paths |= _those_of(self.vendor, VENDOR)
        read = {name: path.read_bytes() for name, path in paths.items()}
        digests = {name: _digest(octets) for name, octets in read.items()}
        sheets = {name: octets for name, octets in read.items() if name.endswith(".css")}
        read |= {name: _addressed(name, octets, digests) for name, octets in sheets.items()}
        return {name: _asset(name, octets) for name, octets in read.items()}


def _those_of(folder: Path, before: str) -> dict[str, Path]:
    """The files of a folder that a browser may ask for."""
    return {f"{before}{path.name}": path for path in folder.iterdir() if path.suffix in TYPES}


def _addressed(name: str, sheet: bytes, digests: Mapping[str, str]) -> bytes:
    """A sheet of which every address of ours carries the digest."""
    folder = name[: name.rfind("/") + 1]

    def with_digest(found: re.Match[str]) -> str:
        digest = digests.get(f"{folder}{found[1]}")
        return found[0] if digest is None else f"url({found[1]}?v={digest})"

    return _NAMED.sub(with_digest, sheet.decode()).encode()


def _asset(name: str, octets: bytes) -> Asset:
    suffix = Path(name).suffix
    packed = gzip.compress(octets, mtime=0) if suffix in _PACKED else None
    return Asset(octets, packed, _digest(octets), TYPES[suffix])


def _digest(octets: bytes) -> str:
    return sha256(octets).hexdigest()[:16]
