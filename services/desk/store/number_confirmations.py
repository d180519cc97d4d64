"""Who confirmed that numbers of the label are replaced: facts of the chain of quality.

`site apply` asks by the digests of both rules and by the numbers themselves, so that what is
applied is what was confirmed (docs/decisions/0158).
"""

from collections.abc import Mapping, Sequence

from services.desk.store import quality
from shared.facts.authors import person_of
from shared.facts.envelope import PersonId, Via
from shared.facts.quality.label import NumbersConfirmed
from shared.platform.database import Connection


async def who_confirmed(
    connection: Connection, before: str, after: str, numbers: Sequence[str]
) -> PersonId | None:
    """Returns who confirmed, on a page, that just these numbers change between two rules.

    `before`, `after`: the digests of the rules. `None` if nobody did.
    """
    asked = (before, after, tuple(numbers))
    for fact in (await confirmations(connection)).values():
        if (fact.before, fact.after, fact.numbers) == asked and _on_a_page(fact):
            return person_of(fact.by)
    return None


async def confirmations(connection: Connection) -> Mapping[int, NumbersConfirmed]:
    """Returns every confirmation by the number of its request, oldest first.

    Those that can't be read are left out: their numbers are confirmed again.
    """
    facts = await quality.of_kinds(connection, [NumbersConfirmed])
    return {fact.request: fact for fact in facts if isinstance(fact, NumbersConfirmed)}


def _on_a_page(fact: NumbersConfirmed) -> bool:
    """Whether somebody who was signed in stated it: at a shell, a name is only typed."""
    return fact.via is Via.SESSION
