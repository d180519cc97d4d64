"""Guards of every page: known names alone, nothing from elsewhere, visitors by household."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import PermanentFailure

LOOPBACK = ("localhost", "127.0.0.1")

HEADERS: dict[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


HTTPS: dict[str, str] = {"strict-transport-security": "max-age=31536000"}


def hosts(url: str | None) -> Sequence[str]:
    """Returns the host names that requests may name: this machine's own, and that of `url`.

    They guard against DNS rebinding.
    """
    outside = urlsplit(url or "").hostname
    return [*LOOPBACK, *([outside] if outside else [])]


def middleware(url: str | None) -> Sequence[Middleware]:
    """Returns the middlewares that guard pages: security headers, allowed host names.

    `url`: their address for browsers; `None`: on this machine alone.
    """
    return [
        Middleware(Guarded, https=(url or "").startswith("https://")),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts(url)),
    ]


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address, which only this machine can reach."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_unsheltered(host: str, url: str | None, variable: str) -> None:
    """Raises PermanentFailure when pages would be served to a network without https.

    Raises:
        PermanentFailure: the host is no loopback address, and `variable` names no https address.
    """
    if not is_loopback(host) and not (url or "").startswith("https://"):
        raise PermanentFailure(
            f"The pages would be read on their way to whoever reaches {host}: set"
            f" {variable} to their https address, or VAGUEMESTRE_HTTP_HOST to 127.0.0.1."
        )


def household(address: str) -> str:
    """Returns the network block of one household (rate limits): an IPv4 address, or an IPv6 /64."""
    return _block(address, 32, 64)


def network(address: str) -> str:
    """Returns the network block around a household (rate limits): an IPv4 /24, or an IPv6 /48."""
    return _block(address, 24, 48)


def _block(address: str, four: int, six: int) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is not None:  # noqa: PLR2004  (the version)
        found = found.ipv4_mapped
    bits = four if found.version == 4 else six  # noqa: PLR2004  (the version)
    return str(ip_network((found, bits), strict=False))


PROGRAMS: Final = ("/api/", "/scim/")
"""What begins the addresses of programs, which are answered by problems and never by a page."""


class Guarded:
    """ASGI middleware that adds the security headers to every answer without its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | (HTTPS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request: adds security headers, and refuses an address with a NUL.

        What programs ask refuses it in its own way.
        """
        if (
            scope["type"] == "http"
            and ("\0" in scope["path"] or b"%00" in scope.get("query_string", b""))
            and not scope["path"].startswith(PROGRAMS)
        ):
            # No column takes this character, and no page of ours ever sends it.
            scope = {**scope, "path": "/nulle-part", "query_string": b""}

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
