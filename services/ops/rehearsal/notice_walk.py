"""Every notice that an item ever called for, judged when it was first due: pure.

An item that was answered calls for nothing any more, so it is looked at as it stood after each fact
that can call for a notice, and on the day on which time alone does. What a machine sent under the
rules of then is left out: it would hide what other rules call for. The caps on automatic mail are
no property of one item and are not replayed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from services.notify.domain.acknowledgements import wakes_on
from services.notify.domain.calls import Call
from services.notify.domain.due import due
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.policy import Circumstances, Hold, Later, Never, SendNow, judge
from services.notify.item_notices import calls_of
from services.ops.rehearsal.outcome import RehearsedNotice
from shared.facts.items import Items
from shared.facts.items.acknowledgements import AcknowledgementSent, ReceiptSent
from shared.facts.items.corrections import FactWithdrawn, ReceiptCorrected
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import PiecesReceived
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.items.routing import ItemReclassified, RegimeConfirmed, WaitEnded
from shared.facts.vocabulary import NoticeKind, Way
from shared.site.tables.bundle import AppliedSite
from shared.site.texts.letters import Correspondence
from shared.site.texts.public_lines import NEXT, OPENING
from shared.site.texts.templates import CONTEXTS, template_of

CALLING = (
    ItemRegistered,
    SenderWroteAgain,
    WaitEnded,
    ItemReclassified,
    RegimeConfirmed,
    ReceiptCorrected,
    NoticeOrdered,
    PiecesReceived,
    FactWithdrawn,
)
"""The facts after which an item may call for a notice that it did not call for before."""


@dataclass(frozen=True)
class NoticeRules:
    """The applied rules as notices are judged by them, with the digests of their texts."""

    applied: AppliedSite

    @cached_property
    def _texts(self) -> Mapping[tuple[NoticeKind, Way], str]:
        given = self.applied.site.templates
        found = {}
        for kind in NoticeKind:
            for way in Way:
                frame = (f"head.{way.value}.txt.j2", f"foot.{way.value}.txt.j2")
                told = hashlib.sha256()
                for name in (template_of(kind), *frame):
                    told.update(given.get(name, "").encode() + b"\0")
                # What a site need not write counts where it does: the release before knows it not.
                for name in filter(given.__contains__, self._beside(kind, way)):
                    told.update(f"{name}\0{given[name]}\0".encode())
                found[kind, way] = told.hexdigest()[:12]
        return found

    def _beside(self, kind: NoticeKind, way: Way) -> Sequence[str]:
        """The templates that a text to the public has beside that of its kind."""
        language = self.applied.site.identity.second_language
        public = issubclass(CONTEXTS.get(kind, object), Correspondence)
        names = (OPENING, NEXT) if public else ()
        if not public or language is None or way is not Way.MAIL:
            return names
        return (*names, *(f"{language}/{name}" for name in (template_of(kind), *names)))

    def text(self, kind: NoticeKind, way: Way) -> str:
        """Returns a short digest of a notice's template with head and foot, to tell texts apart."""
        return self._texts[kind, way]


def walk(
    facts: Sequence[Items], rules: NoticeRules, now: datetime
) -> Mapping[str, RehearsedNotice]:
    """Returns, by id, every notice that an item calls for under given rules, now or by time alone.

    `facts`: in the order of `seq`. Raises BeyondCalendar.
    """
    found: dict[tuple[str, NoticeKind, str], tuple[Call, RehearsedNotice]] = {}
    for item, moment in _stages(facts, rules, now):
        for call in calls_of(item, rules.applied, moment):
            key = call.occasion, call.kind, call.recipient.name
            if key not in found or found[key][1].verdict == "hold":
                found[key] = call, _judged(call, item, rules)
    site = rules.applied.site.identity.id
    return {str(call.notice(site)): notice for call, notice in found.values()}


def _stages(
    facts: Sequence[Items], rules: NoticeRules, now: datetime
) -> Iterator[tuple[NotifiedItem, datetime]]:
    """The item after each fact that may call, and when time alone calls before the next one."""
    zone = rules.applied.site.zone
    ours = [
        fact
        for fact in facts
        if not (isinstance(fact, ReceiptSent | AcknowledgementSent) and fact.notice_id is not None)
    ]
    told = _Told(ours)
    for index, fact in enumerate(ours, start=1):
        if isinstance(fact, CALLING) and (item := told.first(index)) is not None:
            yield item, fact.recorded_at
    for wake, known in _wakes(told, rules, now):
        yield known, datetime.combine(wake, time(12), zone)


@dataclass(frozen=True)
class _Told:
    """An item's facts by `seq`, and the item after the first ones, each folded once."""

    facts: Sequence[Items]
    _folded: dict[int, NotifiedItem | None] = field(default_factory=dict)

    def first(self, facts: int) -> NotifiedItem | None:
        if facts not in self._folded:
            self._folded[facts] = fold(self.facts[:facts])
        return self._folded[facts]

    def by(self, moment: datetime) -> NotifiedItem | None:
        """The item by what was recorded until then."""
        known = [fact.recorded_at <= moment for fact in self.facts]
        if all(known[: (number := sum(known))]):
            return self.first(number)
        return fold(fact for fact, recorded in zip(self.facts, known, strict=True) if recorded)


def _wakes(told: _Told, rules: NoticeRules, now: datetime) -> Iterator[tuple[date, NotifiedItem]]:
    """The day on which a letter that nothing has answered is acknowledged, as it stood then."""
    opening = next((fact for fact in told.facts if isinstance(fact, ItemRegistered)), None)
    if opening is None or opening.channel.electronic:
        return
    zone = rules.applied.site.zone
    begun = told.first(1) if opening is told.facts[0] else fold([opening])
    days = {
        wake
        for wake in (wakes_on(item, zone) for item in (begun, told.first(len(told.facts))) if item)
        if wake is not None and wake <= now.astimezone(zone).date() + timedelta(days=60)
    }
    for wake in sorted(days):
        item = told.by(datetime.combine(wake, time(23, 59), zone))
        if item is not None:
            yield wake, item


def _judged(call: Call, item: NotifiedItem, rules: NoticeRules) -> RehearsedNotice:
    applied = rules.applied
    moment = due(call, item, applied, call.since)
    said = judge(call, item, applied, Circumstances(), moment)
    match said:
        case SendNow():
            verdict, why = "send", ""
        case Later():
            verdict, why = "later", ""
        case Hold(why=why):
            verdict = "hold"
        case Never(why=why):
            verdict = "never"
    return RehearsedNotice(
        kind=call.kind,
        way=call.way,
        verdict=verdict,
        why=why,
        day=moment.astimezone(applied.site.zone).date(),
        text="" if verdict == "never" else rules.text(call.kind, call.way),
    )
