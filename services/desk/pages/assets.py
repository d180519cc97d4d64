"""What a browser loads beside a page: our sheet, our script, and htmx as npm gave it at set-up.

Each is read once, and its address carries its digest: a browser keeps it for a year, and asks for
another address when it changes. Without the folder of set-up the pages work as they do without
JavaScript.
"""

import mimetypes
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

OURS = Path(__file__).resolve().parents[1] / "static"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    octets: bytes
    digest: str
    media_type: str


@dataclass(frozen=True)
class Assets:
    """The files under /static; `vendor`: what npm gave, under /static/vendor."""

    vendor: Path | None

    def url(self, name: str) -> str:
        """The address of `desk.css` or `vendor/htmx.min.js`; empty when it is not there."""
        found = self._files.get(name)
        return "" if found is None else f"/static/{name}?v={found.digest}"

    async def answer(self, request: Request) -> Response:
        """A file. Raises HTTPException 404."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        known = request.query_params.get("v") == found.digest
        headers = {"cache-control": FOR_EVER if known else "no-store"}
        return Response(found.octets, media_type=found.media_type, headers=headers)

    @cached_property
    def _files(self) -> dict[str, Asset]:
        found = {path.name: path for path in OURS.iterdir() if path.is_file()}
        if self.vendor is not None and self.vendor.is_dir():
            found |= {f"vendor/{path.name}": path for path in self.vendor.glob("*.js")}
        return {name: _read(path) for name, path in found.items()}


def _read(path: Path) -> Asset:
    octets = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(octets, sha256(octets).hexdigest()[:16], media_type)
