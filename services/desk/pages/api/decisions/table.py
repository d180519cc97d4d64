"""The one table of the decisions that a program may take by its key, with their addresses."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.decisions import (
    assignment,
    by_session,
    classification,
    closure,
    office,
    replies,
)
from services.desk.pages.api.decisions.decision import DecisionDocument, ItemDecision
from services.desk.pages.api.decisions.execution import of_item
from services.desk.pages.api.endpoint import Endpoint

DECISIONS: Final[Sequence[ItemDecision]] = (
    *classification.DECISIONS,
    *assignment.DECISIONS,
    *replies.DECISIONS,
    *closure.DECISIONS,
)


def _endpoint(decision: ItemDecision) -> Endpoint:
    return Endpoint(
        f"/items/{{chrono}}/decisions/{decision.name}",
        partial(of_item, decision),
        KeyScope.DECIDE,
        decision.summary,
        decision.words,
        DecisionDocument,
        method="POST",
        body=decision.body,
        name=f"decide_{decision.name.replace('-', '_')}",
        matches=True,
    )


ENDPOINTS: Final[Sequence[Endpoint]] = (
    *map(_endpoint, DECISIONS),
    *office.ENDPOINTS,
    *by_session.ENDPOINTS,
)
