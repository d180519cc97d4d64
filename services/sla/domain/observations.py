"""A message of ours seen in a Sent folder: perhaps the reply, until a person says so (rule 10)."""

from collections.abc import Sequence

from services.sla.domain.history import ItemHistory
from shared.facts.items.replies import ReplyObserved


def open_observations(known: ItemHistory) -> Sequence[ReplyObserved]:
    """Lists the sent mails seen as a possible reply, which nobody has confirmed or refused yet.

    A confirmation that was withdrawn still answers its observation: what is taken back is that it
    was *the reply* (rule 16), and the rungs speak again.
    """
    named = {getattr(fact, "observation", None) for fact in known.told}
    return [seen for seen in known.every(ReplyObserved) if seen.event_id not in named]
