"""What other rules would move, and what would leave: who answers the questions of `site`."""

from services.desk.accounts.personnel import bring
from services.notify.go_live_preview import would_leave
from services.sla.questions import moves
from shared.site.effects import Effects


def effects() -> Effects:
    """Returns the functions that say which clocks a change of rules moves, what go-live sends."""
    return Effects(moves=moves, would_leave=would_leave, brings=bring)
