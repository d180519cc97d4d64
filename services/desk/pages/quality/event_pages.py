"""The table of the pages of events (`/evenement`): who may open which."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.quality import event_items, event_mass, event_report, events
from services.desk.rights import Right
from services.desk.roles import Roles

POST: Final = ("POST",)
EVENT: Final = f"{events.URL}/{{number:int}}"
MASS: Final = f"{EVENT}/reponse/{{mass:int}}"


def _alerts(roles: Roles) -> bool:
    """In the menu of whoever opens events; others come by the page of the quality system."""
    return roles.alerts


PAGES: Final[Sequence[Page]] = (
    Page(events.URL, events.home, Right.FOLLOW, nav="Événement", nav_for=_alerts),
    Page(events.URL, events.ask, Right.ALERT, methods=POST),
    Page(EVENT, events.show_event, Right.FOLLOW),
    Page(f"{EVENT}/ouvrir", events.open_, Right.ALERT, methods=POST),
    Page(f"{EVENT}/abandonner", events.drop, Right.ALERT, methods=POST),
    Page(f"{EVENT}/clore", events.close, Right.ALERT, methods=POST),
    Page(f"{EVENT}/texte", events.write, Right.ALERT, methods=POST),
    Page(f"{EVENT}/regle", events.write_rule, Right.ALERT, methods=POST),
    Page(f"{EVENT}/approuver", events.approve, Right.ALERT, methods=POST),
    Page(f"{EVENT}/reponse", event_mass.page, Right.FOLLOW),
    Page(f"{EVENT}/reponse", event_mass.ask, Right.ALERT, methods=POST),
    Page(f"{MASS}/confirmer", event_mass.order, Right.ALERT, methods=POST),
    Page(f"{MASS}/abandonner", event_mass.drop, Right.ALERT, methods=POST),
    Page(f"{MASS}/arreter", event_mass.pause, Right.ALERT, methods=POST),
    Page(f"{MASS}/reprendre", event_mass.resume, Right.ALERT, methods=POST),
    Page(f"{MASS}/terminer", event_mass.end, Right.ALERT, methods=POST),
    Page(f"{EVENT}/bilan", event_report.page, Right.FOLLOW),
    Page(f"{EVENT}/bilan.{{kind}}", event_report.document, Right.FOLLOW),
    Page(f"{EVENT}/courriers", event_items.page, Right.FOLLOW),
    Page(f"{EVENT}/courriers", event_items.join, Right.FOLLOW, methods=POST),
    Page(f"{EVENT}/courriers/retirer", event_items.leave, Right.FOLLOW, methods=POST),
)
