"""Says of one mail what ingest would tell of it and why: `vaguemestre ingest route FILE`."""

from collections.abc import Iterator
from datetime import datetime

from services.ingest.domain.conditions import Seen
from services.ingest.domain.judge_mail import Place, judge, seen_by_rules
from services.ingest.domain.judgement import Bounced, Departed, Judged, Observed
from services.ingest.domain.message import Unreadable
from services.ingest.domain.rules import Rules
from services.ingest.domain.whole import read_whole


def explain(octets: bytes, place: Place, now: datetime, rules: Rules) -> Iterator[str]:
    """Lines for a person: each thing told, then each rule of the site and whether it matched."""
    mail = read_whole(octets)
    for one in judge(octets, mail, place, now, rules):
        match one:
            case Judged():
                yield f"verdict    {one.verdict.kind} {getattr(one.verdict, 'reason', '')}".rstrip()
                yield f"receipt    {one.happened_at.isoformat()}"
                yield f"automatic  {one.automatic or 'may be answered'}"
                yield f"dmarc      {one.authentication.value}"
                routing = one.routing
                yield f"rule       {routing.rule}"
                yield f"category   {routing.category}, service {routing.service}"
                yield f"nature     {routing.nature.value}, sender {routing.sender_kind.value}"
                yield f"certain    {routing.certain or 'no: a person decides'}"
                yield f"hold       {routing.hold or 'no'}"
                yield f"danger     {'yes' if routing.danger else 'no'}"
                for thread in one.threads:
                    yield f"thread     {thread.kind}"
            case Observed():
                yield f"reply      of {one.service}, {one.looks_like or 'a reply'}"
            case Bounced():
                yield f"bounce     {one.action} {one.status}, notice {one.notice_id or 'unknown'}"
            case Departed():
                yield f"departure  {one.chrono}"
    if isinstance(mail, Unreadable):
        return
    yield ""
    yield from _rules(seen_by_rules(mail, place, rules), rules)


def _rules(seen: Seen, rules: Rules) -> Iterator[str]:
    for hit in rules.routing.explain(seen):
        yield f"{'yes' if hit.matched else 'no ':3} {hit.rule}" + (
            f"  (not its {hit.why})" if hit.why and not hit.matched else ""
        )
