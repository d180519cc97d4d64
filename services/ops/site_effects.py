"""What other rules would move, and what would leave: who answers the questions of `site`."""

from services.desk.personnel import bring
from services.notify.go_live_preview import would_leave
from services.sla.questions import moves
from shared.site.effects import Effects


def effects() -> Effects:
    """The answers of the services; each reads its own schema, with the rights of the owner."""
    return Effects(moves=moves, would_leave=would_leave, brings=bring)
