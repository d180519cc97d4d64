"""What a préfecture's own mails would have been, as lines of a terminal or of JSON.

A mail is named by its file: neither a sender nor a subject is written.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from services.ops.rehearsal.outcome import OUTCOMES, RehearsedNotice
from services.ops.rehearsal.own_mail import TriedItem, TriedMails
from shared.facts.vocabulary import ClockName


def item(one: TriedItem) -> Iterator[str]:
    """Yields lines of text on what an email would have been: sorting, limit, a line a notice."""
    seen = one.seen
    certain = "" if one.certain else ", a person decides"
    yield f"{one.name}  {seen.received}  {seen.category}, {seen.service}  [{one.rule}{certain}]"
    if (reply := seen.clocks.get(ClockName.REPLY)) is not None:
        yield f"    reply until {reply.limit}  [{reply.commitment}]"
    if one.danger:
        yield "    words of danger"
    for notice in sorted(seen.notices.values(), key=lambda notice: (notice.day, notice.kind)):
        yield f"    {_notice(notice)} on {notice.day}"


def item_json(one: TriedItem) -> str:
    """Formats what a mail would have been as a line of JSON."""
    told = {
        "mail": one.name,
        "rule": one.rule,
        "certain": one.certain,
        "danger": one.danger,
        "item": OUTCOMES.dump_python(one.seen, mode="json"),
    }
    return json.dumps(told, ensure_ascii=False)


def summary(found: TriedMails) -> Iterator[str]:
    """Yields lines of text on what all emails would have been: verdicts, sorting, notices."""
    items = found.items
    yield f"{found.mails} mails read, {found.again} of them twice; {len(items)} items."
    yield f"Judged: {_counts(found.kinds)}."
    certain = sum(tried.certain for tried in items)
    yield f"Sorted by a certain rule: {certain}; proposed to a person: {len(items) - certain}."
    yield f"By category: {_counted(str(tried.seen.category) for tried in items)}."
    yield f"By service: {_counted(tried.seen.service for tried in items)}."
    if held := _counted(tried.seen.hold for tried in items if tried.seen.hold):
        yield f"Held, nothing leaves before a person's word: {held}."
    if danger := sum(tried.danger for tried in items):
        yield f"With words of danger, told at once: {danger}."
    notices = Counter(_notice(notice) for tried in items for notice in tried.seen.notices.values())
    yield f"What it would have done by itself: {_counts(notices) or 'nothing'}."
    if found.failed:
        yield f"{found.failed} items could not be replayed: nothing is said of them."


def summary_json(found: TriedMails) -> str:
    """Formats the counts of all mails as a line of JSON."""
    told = {
        "mails": found.mails,
        "again": found.again,
        "items": len(found.items),
        "judged": dict(sorted(found.kinds.items())),
        "failed": found.failed,
    }
    return json.dumps(told)


def _notice(one: RehearsedNotice) -> str:
    why = f" ({one.why})" if one.why else ""
    return f"{one.verdict} {one.kind.value} {one.way.value}{why}"


def _counted(names: Iterable[str]) -> str:
    return _counts(Counter(names))


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
