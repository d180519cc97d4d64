"""Late replies: who had each of them how long, in jours ouvrés by stage. Pure.

An item is with whoever sorts it (orientation), with a service, or in signature. Days are those of
docs/clocks.md, from the day of receipt to that of the reply, or of the closing without one, or to
today.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID


class LateStage(StrEnum):
    """The stage in which a late item spent days: sorting, a service, or signature; no person."""

    ROUTING = "routing"
    """With the mail office, or to be qualified."""
    SERVICE = "service"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Move:
    """A change of an item's stage (sorting, service, signature) on a local day."""

    item_id: UUID
    day: date
    stage: LateStage


@dataclass(frozen=True, slots=True)
class LateReply:
    """An item whose reply is late: answered or closed after the limit, or not answered yet."""

    item_id: UUID
    chrono: str
    service: str
    channel: str
    month: date
    result: str
    """`late` or `overdue`, as desk.judged has it."""
    limit_day: date
    days: int
    """Jours ouvrés used, raw; -1: no answer yet."""
    cause: str | None
    received_on: date
    replied_on: date | None
    ended_on: date | None
    """Local days; the last one is that of the reply, or of the closing without one."""

    @property
    def ended(self) -> bool:
        """Whether the item was answered or closed after the limit, and so waits no more."""
        return self.result == ENDED_LATE


ENDED_LATE: Final = "late"

Between = Callable[[date, date], int]
"""Counts the jours ouvrés after a day, up to and with another."""


def days_of(
    reply: LateReply, moves: Sequence[Move], today: date, between: Between
) -> Mapping[LateStage, int]:
    """Counts the jours ouvrés that a late item spent in each stage.

    `moves`: the item's changes of stage, in order.
    """
    end = min(today, reply.replied_on or reply.ended_on or today)
    marks = [(reply.received_on, LateStage.ROUTING)]
    for move in moves:
        marks.append((min(max(move.day, marks[-1][0]), max(end, marks[-1][0])), move.stage))
    marks.append((max(end, marks[-1][0]), marks[-1][1]))
    found = dict.fromkeys(LateStage, 0)
    for (since, stage), (until, _) in pairwise(marks):
        found[stage] += between(since, until)
    return found


def sum_stages(each: Iterable[Mapping[LateStage, int]]) -> Mapping[LateStage, int]:
    """Adds up the jours ouvrés that late items spent in each stage."""
    found = dict.fromkeys(LateStage, 0)
    for days in each:
        for stage, count in days.items():
            found[stage] += count
    return found
