"""Decisions about corrective measures: checked, stated as facts, their texts kept beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from services.desk.quality.domain import agents, effects, measures
from services.desk.quality.domain.effects import EffectWindow
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.domain.measures import Measure
from services.desk.quality.store import figures, texts
from services.desk.quality.store import measures as store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import months, quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.quality.base import QualityFact
from shared.facts.quality.measures import (
    ActionStated,
    CauseStated,
    EffectPlanned,
    EffectRead,
    MeasureChanged,
    MeasureClosed,
    MeasureDone,
    MeasureOpened,
    MeasureReopened,
    MeasureSource,
    MeasureVerdict,
    SourceKind,
)
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

MANY: Final = frozenset({SourceKind.FREE, SourceKind.DECISION})
"""Sources of which several measures may be open: one meeting decides several things."""
T = TypeVar("T", bound=QualityFact)


@dataclass(frozen=True, slots=True)
class EffectFigure:
    """The figure by which a measure's effect is read: code, perhaps one service or channel."""

    code: str = REPLY
    service: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class MeasureDesk:
    """The service object by which one author acts on corrective measures on a local day."""

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory
    today: date

    async def open(
        self,
        source: MeasureSource,
        seen: str,
        owner: str,
        due: date,
        engagement: str | None = None,
    ) -> Measure:
        """Opens a corrective measure and returns it. Raises Refused."""
        measures.may_open(due, self.today)
        person = self._person(owner)
        self._no_agent(seen)
        await quality.lock_chain(self.connection)
        known = await store.every(self.connection)
        if source.kind not in MANY:
            other = measures.open_source(known, source)
            if other is not None:
                raise Refused(
                    f"Measure {other.number} is open about the same.",
                    "measure-open-already",
                    number=other.number,
                )
        number = 1 + await store.last_number(self.connection)
        subject = ids.quality_id(self.author.site, "measure", str(number))
        digest = await texts.keep(self.connection, subject, texts.short(seen), self.author.now)
        await quality.state(
            self.connection,
            self.author,
            subject,
            MeasureOpened,
            number=number,
            source=source,
            engagement=engagement,
            owner=person,
            due=due,
            sha256=digest,
        )
        return await self._found(number)

    async def cause(self, number: int, text: str) -> Measure:
        """Records a measure's cause. Raises Refused, also where it names an agent."""
        measure = await self._locked(number)
        measures.may_analyse(measure)
        self._no_agent(text)
        return await self._said(measure, CauseStated, text)

    async def action(self, number: int, text: str) -> Measure:
        """Records the corrective action of a measure; returns the measure. Raises Refused."""
        measure = await self._locked(number)
        measures.may_analyse(measure)
        self._no_agent(text)
        return await self._said(measure, ActionStated, text)

    async def change(
        self, number: int, why: str, *, due: date | None = None, owner: str | None = None
    ) -> Measure:
        """Gives a corrective measure another day or owner, with the reason. Raises Refused."""
        measure = await self._locked(number)
        measures.may_change(measure, due, owner, self.today)
        self._no_agent(why)
        return await self._said(
            measure,
            MeasureChanged,
            why,
            due=None if due == measure.due else due,
            owner=None if owner is None or owner == measure.owner else self._person(owner),
        )

    async def record_done(self, number: int, proof: str) -> Measure:
        """Records that a measure's action was done, with its proof. Raises Refused."""
        measure = await self._locked(number)
        measures.may_be_done(measure)
        self._no_agent(proof)
        return await self._said(measure, MeasureDone, proof)

    async def plan(
        self,
        number: int,
        figure: EffectFigure,
        before: EffectWindow,
        after: EffectWindow,
        wanted: float | None = None,
    ) -> Measure:
        """Fixes the figure and months by which a measure's effect will be read. Raises Refused."""
        measure = await self._locked(number)
        if measure.verdict is not None:
            raise Refused("This measure is closed.", "measure-closed")
        effects.may_replace(measure.plan, self.today, read=measure.reading is not None)
        effects.may_plan(before, after, self.today)
        await self._state(
            measure,
            EffectPlanned,
            code=figure.code,
            service=None if figure.service is None else ServiceId(figure.service),
            channel=figure.channel,
            before_first=before.first,
            before_last=before.last,
            after_first=after.first,
            after_last=after.last,
            wanted=wanted,
        )
        return await self._found(number)

    async def read(self, number: int) -> Measure:
        """Computes from closed months what a measure has changed, against its plan, and records it.

        Returns the measure. Raises Refused without a planned effect, for a measure that is closed
        or whose action is not done, while a month is open, and when the result is as before.
        """
        measure = await self._locked(number)
        if measure.plan is None:
            raise Refused("No effect was planned.", "effect-not-planned")
        if measure.verdict is not None:
            raise Refused("This measure is closed.", "measure-closed")
        if measure.proof is None:
            raise Refused("Its action is not done yet: nothing to read.", "measure-not-done")
        found = await self._effect(measure.plan)
        told = measure.reading
        if told is not None and all(getattr(told, name) == said for name, said in found.items()):
            raise Refused("It was read already, and says the same.", "effect-read-already")
        await self._state(measure, EffectRead, **found)
        return await self._found(number)

    async def _effect(self, plan: EffectPlanned) -> Mapping[str, Any]:
        """What the closed months say of a plan, as its fact tells it. Raises Refused."""
        before, after = effects.windows(plan)
        heads = {head.month: head for head in await months.every(self.connection)}
        wanted = [*before.months, *after.months]
        if missing := [month for month in wanted if month not in heads]:
            raise Refused(
                f"{missing[0]:%Y-%m} is not closed.",
                "effect-month-open",
                month=missing[0],
            )
        earlier, later = [
            (
                await figures.figures(
                    self.connection,
                    FigureQuestion(window.first, window.last, plan.service, plan.channel),
                    [plan.code],
                    as_closed=True,
                )
            ).of(plan.code)
            for window in (before, after)
        ]
        found = effects.read_effect(earlier, later)
        return {
            "k1": earlier.k, "n1": earlier.n, "waiting1": earlier.waiting,
            "k2": later.k, "n2": later.n, "waiting2": later.waiting,
            "diff": found.difference, "low": found.low, "high": found.high,
            "rules": tuple(sorted({heads[month].rules for month in wanted})),
        }  # fmt: skip

    async def _readable(self, measure: Measure) -> bool:
        """Whether the planned effect can be read, or may still be once its months are over."""
        plan = measure.plan
        if plan is None or effects.later(plan.after_last, 1) > self.today:
            return True
        try:
            return bool(await self._effect(plan))
        except Refused:
            return False

    async def close(self, number: int, verdict: MeasureVerdict, why: str) -> Measure:
        """Closes a corrective measure with a person's verdict; returns it. Raises Refused."""
        measure = await self._locked(number)
        done_at, zone = measure.done_at, self.applied.site.zone
        done_on = None if done_at is None else done_at.astimezone(zone).date()
        readable = await self._readable(measure)
        measures.may_close(measure, verdict, readable=readable, done_on=done_on)
        self._no_agent(why)
        return await self._said(measure, MeasureClosed, why, verdict=verdict)

    async def reopen(self, number: int, why: str) -> Measure:
        """Reopens a done or closed corrective measure. Raises Refused."""
        measure = await self._locked(number)
        measures.may_reopen(measure)
        self._no_agent(why)
        return await self._said(measure, MeasureReopened, why)

    def _person(self, owner: str) -> PersonId:
        """The owner, who must be of the préfecture. Raises Refused."""
        found = self.directory.person(owner)
        if found is None:
            raise Refused("The owner is nobody of the préfecture.", "measure-owner-unknown")
        return PersonId(found.id)

    def _no_agent(self, text: str) -> None:
        """Refuses a text that names somebody of the préfecture."""
        agents.name_nobody(self.directory.people.values(), text)

    async def _locked(self, number: int) -> Measure:
        await quality.lock_chain(self.connection)
        return await self._found(number)

    async def _found(self, number: int) -> Measure:
        found = await store.read_measure(self.connection, number)
        if found is None:
            raise Refused(f"There is no measure {number}.", "no-such-measure", number=number)
        return found

    async def _said(self, measure: Measure, kind: type[T], text: str, **said: Any) -> Measure:
        """Records a fact with its text."""
        digest = await texts.keep(
            self.connection, measure.subject, texts.short(text), self.author.now
        )
        await self._state(measure, kind, sha256=digest, **said)
        return await self._found(measure.number)

    async def _state(self, measure: Measure, kind: type[T], **said: Any) -> None:
        await quality.state(self.connection, self.author, measure.subject, kind, **said)
