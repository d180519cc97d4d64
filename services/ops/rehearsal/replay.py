"""An item's facts under given rules: what people would see of it. Pure, and nothing is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import assert_never

from services.desk.domain import results
from services.desk.domain.fold import fold
from services.desk.domain.item import Item, ItemStatus
from services.desk.domain.label_perimeter import LabelPerimeter, outside_service
from services.desk.domain.replan import Planned
from services.ops.rehearsal.notice_walk import NoticeRules, walk
from services.ops.rehearsal.outcome import (
    RehearsedClock,
    RehearsedItem,
    RehearsedNotice,
    RehearsedRung,
)
from services.ops.rehearsal.rule_scope import EVERYTHING, MovedRules
from services.sla.domain.announce import latest, stop_of
from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import Tenure, holding_at, tenures
from services.sla.domain.plan import EVERY, Plan, plan
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.rungs import Rung
from shared.facts.clocks import Holder
from shared.facts.envelope import PersonId
from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import Audience, ClockName
from shared.site.tables.bundle import AppliedSite, Site


@dataclass(frozen=True)
class ReplayRules:
    """The rules under which items are replayed: versions in sequence, and the label's perimeter."""

    rulebook: Rulebook
    perimeter: LabelPerimeter

    @cached_property
    def notices(self) -> NoticeRules:
        """The last version of the replayed rules, as notices are judged by it."""
        return NoticeRules(self.applied)

    @property
    def applied(self) -> AppliedSite:
        """The last version of the replayed rules."""
        return self.rulebook.last.applied


def always(applied: AppliedSite, perimeter: LabelPerimeter) -> ReplayRules:
    """Returns the rules of one version as if they had been in force from the beginning."""
    return ReplayRules(Rulebook((ClockRules(applied),)), perimeter)


def replay_item(facts: Sequence[Items], rules: ReplayRules, now: datetime) -> RehearsedItem | None:
    """Computes the outcomes of an item from its facts, in any order, as of `now` under given rules.

    `None`: they neither register it nor put its mail in quarantine. Raises:
        PermanentFailure: no calendar holds a date of it, or another fact precedes its registration.
    """
    return Replay(facts, now).under(rules)


@dataclass(frozen=True)
class Replay:
    """The facts of one item, to compute its outcomes under several rules one after the other."""

    facts: Sequence[Items]
    """In any order."""
    now: datetime

    def under(
        self,
        rules: ReplayRules,
        like: RehearsedItem | None = None,
        moved: MovedRules = EVERYTHING,
        seen: MovedRules = EVERYTHING,
    ) -> RehearsedItem | None:
        """Computes the outcomes of the item under these rules; `None`: its facts make no item.

        `like` is the outcome under rules that differ from these in `moved` alone: what does not
        depend on that is taken from it. Reminders and notices are worked out where they are to be
        `seen`; dates and results of every clock always.
        """
        if like is not None and moved.nothing:
            return like
        clocks = moved.clocks if like is not None else EVERY
        made = plan(self._known, rules.rulebook, clocks, seen.clocks)
        if made.subject is None:
            return None
        moment = latest(made, self.now)
        site = rules.applied.site
        turns = tenures(self._known, rules.rulebook.last) if seen.clocks else ()
        rungs = _rungs(made, turns, moment, rules.rulebook.last)
        item, opening = self._item, self._opening
        if item is None or opening is None:
            found = _clocks(made, moment, rules, ItemStatus.OPEN, perimeter=False)
            return RehearsedItem(
                item_id=self._told[0].item_id,
                chrono=None,
                service=made.subject.service,
                clocks=_like(found, like, clocks),
                rungs=_others(rungs, like, clocks),
            )
        inside = outside_service(item, site.zone, rules.perimeter) is None
        perimeter = item.classification.perimeter and inside
        found = _clocks(made, moment, rules, item.state, perimeter=perimeter)
        return RehearsedItem(
            item_id=item.item_id,
            chrono=item.chrono,
            service=item.service,
            channel=item.channel.value,
            received=rules.rulebook.last.receipt_day(item.receipt),
            category=item.classification.category,
            nature=item.classification.nature.value,
            perimeter=perimeter,
            reason=item.classification.reason,
            hold=opening.hold,
            qualified=opening.qualified,
            reserved=item.was_reserved,
            clocks=_like(found, like, clocks),
            rungs=_others(rungs, like, clocks),
            notices=self._notices(rules, like, moved, seen),
        )

    def _notices(
        self, rules: ReplayRules, like: RehearsedItem | None, moved: MovedRules, seen: MovedRules
    ) -> Mapping[str, RehearsedNotice]:
        if like is not None and not moved.notices:
            return like.notices
        if not seen.notices:
            return {}
        of = id(rules.applied)
        if of not in self._walked:
            self._walked[of] = walk(self._told, rules.notices, self.now)
        return self._walked[of]

    @cached_property
    def _walked(self) -> dict[int, Mapping[str, RehearsedNotice]]:
        """By the rules, of which the last version alone judges notices."""
        return {}

    @cached_property
    def _known(self) -> ItemHistory:
        return ItemHistory(self.facts)

    @cached_property
    def _told(self) -> Sequence[Items]:
        return self._known.told  # type: ignore[return-value]  # as they were given

    @cached_property
    def _opening(self) -> ItemRegistered | None:
        return next((fact for fact in self._told if isinstance(fact, ItemRegistered)), None)

    @cached_property
    def _item(self) -> Item | None:
        return None if self._opening is None else fold(self._told)


def _like(
    found: Mapping[ClockName, RehearsedClock],
    like: RehearsedItem | None,
    planned: Collection[ClockName],
) -> Mapping[ClockName, RehearsedClock]:
    """The clocks that were planned, and the others as they are under the other rules."""
    if like is None:
        return found
    kept = {clock: one for clock, one in like.clocks.items() if clock not in planned}
    return {**kept, **found}


def _others(
    found: Mapping[str, RehearsedRung],
    like: RehearsedItem | None,
    planned: Collection[ClockName],
) -> Mapping[str, RehearsedRung]:
    if like is None:
        return found
    names = {clock.value for clock in planned}
    kept = {key: one for key, one in like.rungs.items() if key.partition(" ")[0] not in names}
    return {**kept, **found}


def _clocks(
    made: Plan, moment: datetime, rules: ReplayRules, state: ItemStatus, *, perimeter: bool
) -> Mapping[ClockName, RehearsedClock]:
    zone = rules.applied.site.zone
    today = moment.astimezone(zone).date()
    found = {}
    for clock in made.clocks:
        stop = stop_of(clock, moment)
        planned = (
            Planned(clock.clock, clock.day_zero, clock.limit)
            if stop is None
            else Planned(clock.clock, clock.day_zero, clock.limit, stop.outcome, stop.at, stop.raw)
        )
        ended = results.local(planned.stopped_at, zone)
        result = results.result(planned, state, ended, perimeter=perimeter)
        found[clock.clock] = RehearsedClock(
            commitment=clock.commitment,
            day_zero=clock.day_zero,
            limit=clock.limit,
            result=results.result_as_of(result, clock.limit, today),
            running=stop is None,
        )
    return found


def _rungs(
    made: Plan, turns: Sequence[Tenure], moment: datetime, rules: ClockRules
) -> Mapping[str, RehearsedRung]:
    return {
        f"{clock.clock.value} {rung.name}": _rung(
            rung, holding_at(turns, min(rung.at, moment)), rules
        )
        for clock in made.clocks
        for rung in clock.rungs
    }


def _rung(rung: Rung, holder: Holder, rules: ClockRules) -> RehearsedRung:
    """A rung as it is told: alike for all that one holder has, and that falls on one day."""
    key = ("told", rung.fell, rung.tell, holder.service, holder.person)
    return rules.once(key, partial(_told, rung, holder, rules.applied.site))


def _told(rung: Rung, holder: Holder, site: Site) -> RehearsedRung:
    named = (_named(audience, holder, site) for audience in rung.tell)
    persons = tuple(PersonId(person) for person in named if person is not None)
    return RehearsedRung(day=rung.fell, tell=rung.tell, persons=persons)


def _named(audience: Audience, holder: Holder, site: Site) -> str | None:
    """Who has a function by the tables; who stands in for them is looked up when it is told."""
    service = site.service_now(holder.service)
    office = site.service_now(site.identity.mail_office)
    match audience:
        case Audience.HOLDER:
            return holder.person or (service.head if service else None)
        case Audience.HEAD:
            return service.head if service else None
        case Audience.DIRECTOR:
            return service.director if service else None
        case Audience.MAIL_OFFICE_HEAD:
            return office.head if office else None
        case Audience.MAIL_OFFICE:
            return None
        case _:
            assert_never(audience)
