"""The API for other programs, SCIM for a directory, their page, the page of their keys."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.api import key_pages, reference, webhook_pages
from services.desk.pages.api.scim import mount as scim_mount
from services.desk.pages.api.server import mount
from services.desk.pages.mount import Mounting
from services.desk.pages.page import Page
from services.desk.rights import Right
from services.desk.roles import Roles

BOTH: Final = ("GET", "POST")


def _reads_all(roles: Roles) -> bool:
    return roles.reads_all


PAGES: Final[Sequence[Page]] = (
    Page("/cles-api", key_pages.keys_, Right.GOVERN, BOTH, nav="Clés d’application"),
    Page("/cles-api/{key}/revoquer", key_pages.revoke, Right.GOVERN, ("POST",)),
    Page(
        key_pages.TO_CONFIRM,
        key_pages.show_waiting,
        Right.BELONG,
        nav="Clés à confirmer",
        nav_for=_reads_all,
    ),
    Page("/cles-api/{key}/confirmer", key_pages.confirm, Right.BELONG, ("POST",)),
    Page(webhook_pages.URL, webhook_pages.show_webhooks, Right.GOVERN, BOTH, nav="Abonnements"),
    Page(webhook_pages.FAILED, webhook_pages.show_failures, Right.GOVERN),
    Page("/abonnements/{webhook:uuid}/secret", webhook_pages.rotate, Right.GOVERN, ("POST",)),
    Page("/abonnements/{webhook:uuid}/terminer", webhook_pages.end, Right.GOVERN, ("POST",)),
    Page("/abonnements/{webhook:uuid}/renvoyer", webhook_pages.retry, Right.GOVERN, ("POST",)),
    Page("/abonnements/{webhook:uuid}/passer", webhook_pages.pass_over, Right.GOVERN, ("POST",)),
    Page("/api/v1/docs", reference.page, Right.OPEN),
)

MOUNTS: Final[Sequence[Mounting]] = (mount, scim_mount)
