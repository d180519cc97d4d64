"""Pasts of one item made of golden facts and withdrawals of anything: rule 16 is tried on them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias, get_args
from uuid import uuid5

from shared.facts.envelope import EventId, ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.corrections import FactWithdrawn
from tests.desk_builders import SPACE

GOLDENS = tuple(
    ITEMS.validate_json((Path(__file__).parent / "golden" / f"{kind.__name__}.json").read_bytes())
    for kind in get_args(Items)
    if kind is not FactWithdrawn
)
"""One fact of each type that can be a target; a withdrawal of a withdrawal is made apart."""
UNDO = ITEMS.validate_json((Path(__file__).parent / "golden" / "FactWithdrawn.json").read_bytes())

Draw: TypeAlias = tuple[int, bool]
"""A golden's number for a fact, or the place (from 0) that a withdrawal names; whether it is one.

A place past the end is a fact that is not known yet.
"""


def past(item: str, draws: Sequence[Draw]) -> Sequence[Items]:
    """The facts drawn, in order of `seq`, each with an id of its own."""
    return [_fact(item, place, *draw) for place, draw in enumerate(draws)]


def _fact(item: str, place: int, number: int, withdraws: bool) -> Items:  # noqa: FBT001  (a draw)
    said = {"event_id": _event(item, place), "item_id": _item(item), "seq": place + 1}
    if withdraws:
        return UNDO.model_copy(update={**said, "fact": _event(item, number)})
    return GOLDENS[number % len(GOLDENS)].model_copy(update=said)


def _item(item: str) -> ItemId:
    return ItemId(uuid5(SPACE, f"past {item}"))


def _event(item: str, place: int) -> EventId:
    return EventId(uuid5(SPACE, f"past {item}, {place}"))
