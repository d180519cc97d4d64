"""What stands before every page: this machine alone, nothing from elsewhere, nothing kept."""

from collections.abc import Mapping
from ipaddress import ip_address

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import PermanentFailure

HOSTS = ["localhost", "127.0.0.1"]
"""Names under which a browser of this machine asks: another one is a page that rebinds its name."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: a browser would then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


def this_machine(host: str) -> None:
    """Refuses to serve letters to a network without a sign-in.

    Raises:
        PermanentFailure: `host` is no loopback address.
    """
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise PermanentFailure(
            f"The pages have no sign-in yet and would show letters to whoever reaches {host}: set"
            " VAGUEMESTRE_HTTP_HOST to 127.0.0.1."
        )


class Guarded:
    """Adds the headers to every answer that does not choose its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
