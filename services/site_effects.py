"""What other rules would move: the questions of `vaguemestre site`, and who answers them."""

from services.sla.questions import moves
from shared.site.effects import Effects


def effects() -> Effects:
    """The answers of the services; each reads its own schema, with the rights of the owner."""
    return Effects(moves=moves)
