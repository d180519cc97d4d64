"""The three parts of an event as texts: the line of receipts, the mass reply, the rule. Pure."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.content.event_rule import EventRule
from shared.content.phrases import fold
from shared.errors import Refused

LINE: Final = 600
REPLY: Final = 4_000
"""Letters of a line of receipts, and of a mass reply."""
WORDS: Final = 40
"""Phrases of a rule."""
OLDEST: Final = timedelta(days=31)
"""How far back before its writing a rule may begin."""
EMERGENCY: Final = ("112", "114")
"""Numbers that a line names: whoever is in danger must not wait for a letter."""


def line(text: str) -> str:
    """Returns the line that an event adds to receipts, without needless blanks.

    Raises Refused if it is empty or too long, or does not name both emergency numbers, 112 and 114.
    """
    said = " ".join(text.split())
    if not said or len(said) > LINE:
        raise Refused("A line has from 1 to 600 letters.", "event-line-long", most=LINE)
    lacking = [number for number in EMERGENCY if not re.search(rf"\b{number}\b", said)]
    if lacking:
        raise Refused(
            "A line names the numbers of emergency calls.",
            "event-line-numbers",
            numbers=" et ".join(f"le {number}" for number in lacking),
        )
    return said


def reply(text: str) -> str:
    """Returns the text of a mass reply. Raises Refused if it is empty or too long."""
    said = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not said or len(said) > REPLY:
        raise Refused("A reply has from 1 to 4,000 letters.", "event-reply-long", most=REPLY)
    return said


def rule(words: Sequence[str], sources: Sequence[str], since: datetime, now: datetime) -> EventRule:
    """Makes the rule by which mail belongs to an event: words, sources, and from when on.

    Raises Refused without words or with too many, and for a beginning that is not in the last 31
    days.
    """
    wanted = tuple(dict.fromkeys(" ".join(word.split()) for word in words if fold(word).strip()))
    if not 1 <= len(wanted) <= WORDS:
        raise Refused("A rule has from 1 to 40 words.", "event-rule-words", most=WORDS)
    if not now - OLDEST <= since <= now:
        raise Refused("A rule begins in the last 31 days.", "event-rule-since", most=OLDEST.days)
    return EventRule(wanted, tuple(sorted(set(sources))), since)


def write_rule(said: EventRule) -> str:
    """Returns an event's rule as the text that is stored under its digest."""
    return json.dumps(
        {"words": said.words, "sources": said.sources, "since": said.since.isoformat()},
        ensure_ascii=False,
    )


def read(text: str) -> EventRule | None:
    """Parses an event's rule from its stored text. `None`: it is none, so no mail matches."""
    try:
        said = json.loads(text)
        since = datetime.fromisoformat(said["since"])
        return EventRule(tuple(said["words"]), tuple(said["sources"]), since)
    except (ValueError, KeyError, TypeError):
        return None
