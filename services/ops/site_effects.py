"""What other rules would move, and what would leave: who answers the questions of `site`."""

from services.desk.accounts.personnel import bring
from services.desk.store import number_confirmations, rehearsals
from services.notify.go_live_preview import would_leave
from services.sla.questions import moves
from shared.platform.database import Connection
from shared.site.effects import Effects, RehearsedRules


def effects() -> Effects:
    """Returns the functions by which `site` commands tell what new rules or going live do."""
    return Effects(
        moves=moves,
        would_leave=would_leave,
        brings=bring,
        rehearsals=rehearsal,
        confirmations=number_confirmations.who_confirmed,
    )


async def rehearsal(connection: Connection, number: int) -> RehearsedRules | None:
    """Finds a kept rehearsal by its number; `None` when there is none. Raises UnreadableRow."""
    kept = await rehearsals.read_rehearsal(connection, number)
    if kept is None:
        return None
    return RehearsedRules(number, kept.what.before_digest, kept.what.after_digest)
