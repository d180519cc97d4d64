"""Which facts of the register stand, asked of the database: `standing` of the facts as SQL.

Its words are made of the fact itself and of what can be withdrawn (shared/facts/standing.py), and a
test compares what both say of the same facts.
"""

from typing import Final

from shared.facts.items.corrections import FactWithdrawn
from shared.facts.standing import STATEMENTS

_STATEMENTS: Final = ", ".join(f"'{kind}'" for kind in sorted(STATEMENTS))


def taken_back(fact: str) -> str:
    """Returns the SQL condition that the `desk.facts` row with this alias was withdrawn.

    The fact's type is part of it, so that PostgreSQL can run `NOT` of it as a single anti-join.
    """
    return f"""EXISTS (
    SELECT 1 FROM desk.facts w
    WHERE w.item_id = {fact}.item_id AND w.type = '{FactWithdrawn.__name__}'
      AND w.payload::jsonb ->> 'fact' = {fact}.event_id::text
      AND {fact}.type IN ({_STATEMENTS}))"""  # noqa: S608  (our words)


TAKEN_BACK: Final = taken_back("f")
"""The same of fact `f`."""
