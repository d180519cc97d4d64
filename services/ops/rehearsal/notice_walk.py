"""Every notice that an item ever called for, judged when it was first due: pure.

An item that was answered calls for nothing any more, so it is looked at as it stood after each fact
that can call for a notice, and on the day on which time alone does. What a machine sent under the
rules of then is left out: it would hide what other rules call for. The caps on automatic mail are
no property of one item and are not replayed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from services.notify.domain.acknowledgements import wakes_on
from services.notify.domain.calls import Call
from services.notify.domain.due import due
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.policy import Circumstances, Hold, Later, Never, Send, judge
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


def walked(
    facts: Sequence[Items], rules: NoticeRules, now: datetime
) -> Mapping[str, RehearsedNotice]:
    """Returns every notice that an item called for, or will by time alone, by the notice's id.

    `facts`: in the order of `seq`. Raises BeyondCalendar.
    """
    found: dict[str, RehearsedNotice] = {}
    for item, moment in _stages(facts, rules, now):
        for call in calls_of(item, rules.applied, moment):
            notice = str(call.notice(rules.applied.site.identity.id))
            told = found.get(notice)
            if told is None or told.verdict == "hold":
                found[notice] = _judged(call, item, rules)
    return found


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
    for index, fact in enumerate(ours, start=1):
        if not isinstance(fact, CALLING):
            continue
        item = fold(ours[:index])
        if item is not None:
            yield item, fact.recorded_at
    for wake, known in _wakes(ours, rules, now):
        yield known, datetime.combine(wake, time(12), zone)


def _wakes(
    facts: Sequence[Items], rules: NoticeRules, now: datetime
) -> Iterator[tuple[date, NotifiedItem]]:
    """The day on which a letter that nothing has answered is acknowledged, as it stood then."""
    opening = next((fact for fact in facts if isinstance(fact, ItemRegistered)), None)
    if opening is None or opening.channel.electronic:
        return
    zone = rules.applied.site.zone
    whole = fold(facts)
    if whole is None:
        return
    days = {
        wake
        for wake in (wakes_on(item, zone) for item in (fold([opening]), whole) if item is not None)
        if wake is not None and wake <= now.astimezone(zone).date() + timedelta(days=60)
    }
    for wake in sorted(days):
        evening = datetime.combine(wake, time(23, 59), zone)
        item = fold([fact for fact in facts if fact.recorded_at <= evening])
        if item is not None:
            yield wake, item


def _judged(call: Call, item: NotifiedItem, rules: NoticeRules) -> RehearsedNotice:
    applied = rules.applied
    moment = due(call, item, applied, call.since)
    said = judge(call, item, applied, Circumstances(), moment)
    match said:
        case Send():
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
