"""Decisions about a notice that is held: it leaves on a person's word, or never does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.decisions.regimes import runs_not
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.envelope import NoticeId
from shared.facts.items import Items
from shared.facts.items.notice_orders import NoticeDropped, NoticeReleased
from shared.facts.vocabulary import AUTOMATIC, Effect, NoticeKind


@dataclass(frozen=True, slots=True)
class ReleaseHeld:
    """The command to release a notice that was held back, so that it is sent unchanged.

    `why` it was held, and `at` since when.
    """

    notice_id: NoticeId
    kind: NoticeKind
    why: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DropHeld:
    """The command to cancel for good a notice that was held back, so that it is never sent."""

    notice_id: NoticeId
    kind: NoticeKind


def release(item: Item, command: ReleaseHeld, ground: DecisionContext) -> list[Items]:
    """Decides to release a notice that was held back: returns `NoticeReleased`.

    Raises Refused for an automatic notice on an item that has been answered, before the go-live,
    and for a notice that can't leave as it stands.
    """
    still_there(item)
    if item.replies and command.kind in AUTOMATIC:
        raise Refused(
            f"The reply to {item.chrono} has left: drop this {command.kind}, it is moot.",
            "moot",
            chrono=item.chrono,
        )
    if ground.applied.go_live is None:
        raise Refused("The préfecture is not live: nothing leaves before it is.", "not-live-yet")
    _can_leave(item, command, ground)
    stamp = ground.stamp(item)(1)
    return [NoticeReleased(**stamp, notice_id=command.notice_id, kind=command.kind)]


WITH_RULES: Final = frozenset(
    {"label_missing", "template_unusable", "no_teleservice", "unknown_service"}
)
"""Reasons for holding that only another version of the site's rules cures."""
UNDATED: Final = frozenset({"file_incomplete", "start_forbidden"})
"""The period of the implied decision does not run: there is no date to tell."""
DEFECTIVE: Final = frozenset(
    {"text_missing", "date_missing", "author_unknown", "not_for_the_public"}
)
"""The order itself lacks it: it can only be dropped and given again."""


def _can_leave(item: Item, command: ReleaseHeld, ground: DecisionContext) -> None:
    """Refuses a release that would be held again for the same reason."""
    if command.why == "regime_not_confirmed" and not _confirmed(item, command.kind, ground):
        raise Refused(
            f"Nobody has confirmed what silence means for {item.chrono}: confirm its regime, or"
            " drop it.",
            "regime-first",
            chrono=item.chrono,
        )
    if command.why in UNDATED and runs_not(item, ground):
        raise Refused(
            f"No period runs for {item.chrono}, so that its {command.kind} can tell no date: it"
            " leaves by itself when the pieces are received, or when its regime is confirmed anew.",
            "no-period-runs",
            chrono=item.chrono,
        )
    if command.why in WITH_RULES and (
        command.at is None or ground.applied.effective_from <= command.at
    ):
        raise Refused(
            f"The rules lack what this {command.kind} of {item.chrono} says ({command.why}): apply"
            " a version that has it, or drop it.",
            "rules-first",
            chrono=item.chrono,
        )
    if command.why in DEFECTIVE:
        raise Refused(
            f"The order of this {command.kind} of {item.chrono} lacks what it says"
            f" ({command.why}): drop it and give it again.",
            "order-again",
            chrono=item.chrono,
        )
    if command.why == "no_delegation":
        ordered = [order for order in item.orders if order.kind is command.kind]
        author = (person_of(ordered[-1].by) if ordered else None) or ""
        able = ground.directory.delegation(author, item.service, command.kind, ground.today)
        if able is None:
            raise Refused(
                f"Whoever ordered this {command.kind} of {item.chrono} has no delegation of"
                " signature: drop it, and put it into signature.",
                "unsigned",
                chrono=item.chrono,
            )


def _confirmed(item: Item, kind: NoticeKind, ground: DecisionContext) -> bool:
    """Whether a regime is confirmed that calls for an acknowledgement of this kind."""
    if item.regime is None or item.regime.regime is None:
        return False
    row = ground.applied.site.regime.get(item.regime.regime)
    wanted = {Effect.REJECTION: NoticeKind.SVR, Effect.ACCEPTANCE: NoticeKind.SVA}
    return row is not None and wanted[row.effect] is kind


def drop(item: Item, command: DropHeld, ground: DecisionContext) -> list[Items]:
    """Decides to cancel a notice that was held back: returns `NoticeDropped`. Raises Refused."""
    still_there(item)
    stamp = ground.stamp(item)(1)
    return [NoticeDropped(**stamp, notice_id=command.notice_id, kind=command.kind)]


def judged_already(facts: Sequence[Items], notice_id: NoticeId, since: datetime) -> bool:
    """Returns whether a person has released or dropped a notice, held back, since `since`.

    A notice that was released and is held again, for another reason, needs another decision.
    """
    return any(
        isinstance(fact, NoticeReleased | NoticeDropped)
        and fact.notice_id == notice_id
        and fact.recorded_at >= since
        for fact in facts
    )
