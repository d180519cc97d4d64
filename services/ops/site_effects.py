"""What other rules would move, and what would leave: who answers the questions of `site`."""

from services.desk.accounts.personnel import bring
from services.notify.go_live_preview import would_leave
from services.sla.questions import moves
from shared.site.effects import Effects


def effects() -> Effects:
    """The functions that say what a change of the site would move or let leave."""
    return Effects(moves=moves, would_leave=would_leave, brings=bring)
