"""What stands before every page: known names alone, nothing from elsewhere, nothing kept."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.desk.settings import DeskSettings
from shared.errors import PermanentFailure
from shared.site.bundle import Site

LOOPBACK = ("localhost", "127.0.0.1")


def hosts(settings: DeskSettings) -> Sequence[str]:
    """Names under which a browser may ask: another one is a page that rebinds its own name."""
    outside = urlsplit(settings.desk_url or "").hostname
    return [*LOOPBACK, *([outside] if outside else [])]


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


def sheltered(settings: DeskSettings) -> None:
    """Refuses to show letters to a network by which anybody could listen or walk in.

    Raises:
        PermanentFailure: the host is no loopback address, and browsers would not come by https, or
        nobody could sign in.
    """
    host = settings.http_host
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if loopback:
        return
    if settings.desk_url is None:
        raise PermanentFailure(
            f"The pages would be read on their way to whoever reaches {host}: set"
            " VAGUEMESTRE_DESK_URL to their https address, or VAGUEMESTRE_HTTP_HOST to 127.0.0.1."
        )
    if settings.oidc_issuer is None and settings.local_account is None:
        raise PermanentFailure(
            "Nobody could sign in to the pages: set VAGUEMESTRE_OIDC_ISSUER, or"
            " VAGUEMESTRE_HTTP_HOST to 127.0.0.1."
        )


def public_name(settings: DeskSettings) -> str | None:
    """The name under which other machines reach the pages; `None`: none does."""
    name = urlsplit(settings.desk_url or "").hostname
    return None if name in LOOPBACK else name


def no_demo_outside(settings: DeskSettings, site: Site | None) -> None:
    """Refuses a demo site behind a public address: one password would sign in everybody's name.

    Raises:
        PermanentFailure: the site says `demo: true` and DESK_URL is no loopback address.
    """
    outside = public_name(settings)
    if site is None or not site.identity.demo or outside is None:
        return
    raise PermanentFailure(
        f"The applied site says `demo: true` and VAGUEMESTRE_DESK_URL is {outside}: its one local"
        " password would sign in everybody's name. Apply the site without `demo`, or unset the"
        " address."
    )


class Guarded:
    """Adds the headers to every answer that does not choose its own."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | (HTTPS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] == "http" and (
            "\0" in scope["path"] or b"%00" in scope.get("query_string", b"")
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
