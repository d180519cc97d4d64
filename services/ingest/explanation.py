"""Says of one mail what ingest would tell of it and why: `vaguemestre ingest route FILE`."""

from collections.abc import Iterator
from datetime import datetime

from services.ingest.domain.conditions import MessageFeatures
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge, seen_by_rules
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import UnreadableMail
from services.ingest.domain.observation_judgements import (
    BounceJudgement,
    DepartureJudgement,
    ReplyJudgement,
)
from services.ingest.domain.rules import JudgeRules


def explain(octets: bytes, place: MailboxPlace, now: datetime, rules: JudgeRules) -> Iterator[str]:
    """Yields lines of text on how an email is judged, and which of the site's rules matched."""
    mail = read_whole(octets)
    for judgement in judge(octets, mail, place, now, rules):
        match judgement:
            case ArrivalJudgement():
                verdict = judgement.verdict
                yield f"verdict    {verdict.kind} {getattr(verdict, 'reason', '')}".rstrip()
                yield f"receipt    {judgement.happened_at.isoformat()}"
                yield f"automatic  {judgement.automatic or 'may be answered'}"
                yield f"dmarc      {judgement.authentication.value}"
                routing = judgement.routing
                yield f"rule       {routing.rule}"
                yield f"category   {routing.category}, service {routing.service}"
                yield f"nature     {routing.nature.value}, sender {routing.sender_kind.value}"
                yield f"certain    {routing.certain or 'no: a person decides'}"
                yield f"hold       {routing.hold or 'no'}"
                yield f"danger     {'yes' if routing.danger else 'no'}"
                for thread in judgement.threads:
                    yield f"thread     {thread.kind}"
            case ReplyJudgement():
                yield f"reply      of {judgement.service}, {judgement.looks_like or 'a reply'}"
            case BounceJudgement():
                notice = judgement.notice_id or "unknown"
                yield f"bounce     {judgement.action} {judgement.status}, notice {notice}"
            case DepartureJudgement():
                yield f"departure  {judgement.chrono}"
    if isinstance(mail, UnreadableMail):
        return
    yield ""
    yield from _rules(seen_by_rules(mail, place, rules), rules)


def _rules(seen: MessageFeatures, rules: JudgeRules) -> Iterator[str]:
    for rule, missed in rules.routing.explain(seen).items():
        yield f"yes {rule}" if missed is None else f"no  {rule}  (not its {missed})"
