"""A message of ours seen in a Sent folder: perhaps the reply, until a person says so (rule 10)."""

from collections.abc import Sequence

from services.sla.domain.history import ItemHistory
from shared.facts.items.replies import ReplyObserved


def open_observations(known: ItemHistory) -> Sequence[ReplyObserved]:
    """Returns the sent emails seen as a possible reply, which nobody has judged yet.

    A withdrawn confirmation still answers its observation: only the claim that the mail was *the
    reply* is taken back (CLOCKS, rule 16), so that reminders are due again.
    """
    observed = known.every(ReplyObserved)
    if not observed:
        return ()
    named = {getattr(fact, "observation", None) for fact in known.told}
    return [seen for seen in observed if seen.event_id not in named]
