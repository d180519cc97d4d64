"""events.yaml: who may open an event, how fast a mass reply leaves, who takes part in exercises.

No event stands here: two persons open one on a page.
"""

from typing import Annotated

from pydantic import Field

from shared.values import Code, EmailAddress, Table


class ExerciseAddress(Table):
    """An entry of the exercise list: somebody who agreed to receive emails of exercises."""

    id: Code
    """By which facts name the entry, such as `mairie-de-levroux`."""
    address: EmailAddress


class EventTable(Table):
    """The table events.yaml: the cabinet, the speed of mass replies, the exercise list."""

    cabinet: str = ""
    """The service whose people open events beside the secrétaire général; empty: none."""
    per_minute: Annotated[int, Field(ge=1, le=600)] = 60
    """Notices of a mass reply that leave in a minute."""
    exercise: tuple[ExerciseAddress, ...] = ()
    """The only addresses to which an exercise writes."""


NO_EVENTS = EventTable()
"""For a site without the file: the secrétaire général opens events, and holds no exercise."""
