"""Where the register's pages may be shown: to whom, and of which site."""

from urllib.parse import urlsplit

from services.desk.settings import DeskSettings
from shared.errors import PermanentFailure
from shared.site.tables.bundle import Site
from shared.web import guards


def refuse_unsheltered(settings: DeskSettings) -> None:
    """Refuses to serve the pages to a network without https or without a way to sign in.

    Raises:
        PermanentFailure: the host is no loopback address, and browsers would not come by https, or
        nobody could sign in.
    """
    guards.refuse_unsheltered(settings.http_host, settings.desk_url, "VAGUEMESTRE_DESK_URL")
    if guards.is_loopback(settings.http_host):
        return
    if settings.oidc_issuer is None and settings.local_account is None:
        raise PermanentFailure(
            "Nobody could sign in to the pages: set VAGUEMESTRE_OIDC_ISSUER, or"
            " VAGUEMESTRE_HTTP_HOST to 127.0.0.1."
        )


def portal_elsewhere(settings: DeskSettings) -> None:
    """Refuses a portal address that is the desk's own: redirects would lead to themselves.

    Raises:
        PermanentFailure: PORTAL_URL is DESK_URL, or where these pages answer on this machine.
    """
    portal = None if settings.portal_url is None else urlsplit(settings.portal_url)
    if portal is None:
        return
    desk = urlsplit(settings.desk_url or "")
    ours = {(desk.hostname, desk.port), *((name, settings.http_port) for name in guards.LOOPBACK)}
    if (portal.hostname, portal.port) in ours:
        raise PermanentFailure(
            "VAGUEMESTRE_PORTAL_URL leads to the register's own pages: set it to the address of"
            " `vaguemestre portal serve`, or unset it."
        )


def public_name(settings: DeskSettings) -> str | None:
    """Returns the host name by which other machines reach the pages, or `None`."""
    name = urlsplit(settings.desk_url or "").hostname
    return None if name in guards.LOOPBACK else name


def no_demo_outside(settings: DeskSettings, site: Site | None) -> None:
    """Refuses to serve a demo site at a public address: one password would open it all.

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
