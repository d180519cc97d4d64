"""The judge: holds what the running system says against expected.yaml, line by line."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import yaml

from deploy.demo.inputs import ZONE
from deploy.demo.month import Play, text_of
from deploy.demo.tale import line
from shared.facts.clocks import RungReached
from shared.facts.vocabulary import ClockName

EXPECTED = Path(__file__).parent / "expected.yaml"
RECEIPT = "nous avons bien reçu"
"""What only the subject of a registration receipt says."""

WORDS = "SELECT word, count(*) AS n FROM desk.arrivals GROUP BY word"
REPLY = """
SELECT day_zero, limit_day, coalesce(outcome, 'open') AS outcome, raw
FROM desk.clocks WHERE item_id = $1 AND clock = 'reply'
"""
SILENCE = """
SELECT limit_day FROM desk.clocks WHERE item_id = $1 AND clock = 'implied_decision'
"""
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
DATE = re.compile(rf"\b(1er|\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b")
RATES = """
SELECT service, sum(kept)::int AS kept, sum(due)::int AS due
FROM desk.rates WHERE clock = 'reply' GROUP BY service ORDER BY service
"""
STATED = """
SELECT array[(figure ->> 'k')::int, (figure ->> 'n')::int]
FROM desk.quality_facts, jsonb_array_elements(payload::jsonb -> 'figures') AS figure
WHERE type = 'FiguresStated' AND payload::jsonb ->> 'week' = $1
  AND figure ->> 'basis' = 'settled' AND figure -> 'services' = '[]'
"""
SETTLED = "SELECT k::int, n::int FROM desk.settled($1, $2) WHERE service IS NULL"
ENDED = """
SELECT outcome = 'closed' AND stopped_at BETWEEN $2::date AND $2::date + 7
    OR limit_day BETWEEN $2::date AND $2::date + 6 AND coalesce(stopped_at >= $2::date + 7, true)
FROM desk.clocks WHERE item_id = $1 AND clock = 'reply'
"""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference between the demo's result and expected.yaml."""

    what: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


async def judge(play: Play) -> Sequence[Mismatch]:
    """Compares the demo's result with expected.yaml; prints each difference and the rates."""
    expected: Mapping[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    words = await words_of(play)
    rates = {
        row["service"]: [row["kept"], row["due"]] for row in await play.running.db.fetch(RATES)
    }
    found = [
        *_differences("words", expected["words"], words),
        *[reply async for reply in _replies(play, expected)],
        *await _rungs(play, expected["rungs"]),
        *await _receipts(play, expected),
        *[mismatch async for mismatch in _silence(play, expected)],
        *_differences("kept", expected["kept"], rates),
        *[mismatch async for mismatch in _weeks(play, expected["weeks"])],
    ]
    for mismatch in found:
        line(f"  ✗ {mismatch}")
    _say_rates(rates)
    return found


def summary(play: Play, words: Mapping[str, int], mismatches: int) -> str:
    """Returns the last lines of the demo: the inputs by disposition, and the verdict."""
    counted = sum(words.values())
    by_word = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in sorted(words.items()))
    verdict = "all as expected" if not mismatches else f"{mismatches} mismatches"
    accounted = f"demo: {counted} of {play.story.inputs} inputs accounted for; {verdict}"
    return f"  {by_word}\n{accounted}"


async def words_of(play: Play) -> Mapping[str, int]:
    """Counts the arrivals of the demo by disposition."""
    return {row["word"]: row["n"] for row in await play.running.db.fetch(WORDS)}


def _differences(
    what: str, expected: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Mismatch]:
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield Mismatch(f"{what} of {name}", expected.get(name), found.get(name))


async def _replies(play: Play, expected: Mapping[str, Any]) -> Any:
    for name, (received, limit, outcome, raw) in expected["replies"].items():
        await play.people.find(name)
        row = await play.running.db.fetchrow(REPLY, play.people.items[name])
        found = row and [row["day_zero"], row["limit_day"], row["outcome"], row["raw"]]
        if found != [received, limit, outcome, raw]:
            yield Mismatch(f"reply clock of {name}", [received, limit, outcome, raw], found)
    for name in expected["untimed"]:
        await play.people.find(name)
        row = await play.running.db.fetchrow(REPLY, play.people.items[name])
        if row is not None and row["outcome"] != "withdrawn":
            yield Mismatch(f"reply clock of {name}", "none", dict(row))


async def _rungs(play: Play, expected: Mapping[str, Any]) -> Sequence[Mismatch]:
    found = []
    for name, rungs in expected.items():
        await play.people.find(name)
        told = {
            fact.rung: fact.recorded_at.astimezone(ZONE).date()
            for fact in play.heard.facts
            if isinstance(fact, RungReached)
            and str(fact.item_id) == play.people.items[name]
            and fact.clock is ClockName.REPLY
        }
        if told != rungs:
            found.append(Mismatch(f"rungs of {name}", rungs, told))
    return found


async def _receipts(play: Play, expected: Mapping[str, Any]) -> Sequence[Mismatch]:
    found = []
    for count, some in enumerate(("no_receipt", "one_receipt", "two_receipts")):
        for address in expected[some]:
            mails = await play.inbox(address, 0)
            receipts = [mail for mail in mails if RECEIPT in str(mail["Subject"]).lower()]
            if len(receipts) != count:
                found.append(Mismatch(f"receipts of {address}", count, len(receipts)))
    return found


async def _silence(play: Play, expected: Mapping[str, Any]) -> AsyncIterator[Mismatch]:
    """The clock of an implied decision, and every date that any mail to its sender tells."""
    for name, row in expected["silence"].items():
        await play.people.find(name)
        limit = await play.running.db.fetchval(SILENCE, play.people.items[name])
        if limit != row["limit"]:
            yield Mismatch(f"implied decision of {name}", row["limit"], limit)
        address = parseaddr(play.story.mails[name]["from"])[1]
        told = {
            str(mail["Subject"]): sorted(dates_in(text_of(mail)))
            for mail in await play.inbox(address, len(row["mails"]))
        }
        for begins, dates in row["mails"].items():
            found = [days for subject, days in told.items() if subject.startswith(begins)]
            if found != [dates]:
                yield Mismatch(f"dates told to {name} under « {begins} »", dates, found)


async def _weeks(play: Play, expected: Mapping[date, Any]) -> AsyncIterator[Mismatch]:
    """What ended in each week, as the register stated it and as the one function counts it."""
    for week, row in expected.items():
        told = await play.running.db.fetchval(STATED, week.isoformat())
        counted = await play.running.db.fetchrow(SETTLED, week, week + timedelta(days=6))
        # Stated by a job that looks once a real minute: the story may have passed a whole week.
        stated = [] if told is None else [("stated", told)]
        for who, found in (*stated, ("counted", list(counted or ()))):
            if found != [row["kept"], row["judged"]]:
                yield Mismatch(f"week of {week}, {who}", [row["kept"], row["judged"]], found)
        for name in row["among"]:
            await play.people.find(name)
            without = await play.running.db.fetchval(ENDED, play.people.items[name], week)
            if not without:
                yield Mismatch(f"{name} in the week of {week}", "not kept", "not there")


def dates_in(text: str) -> Iterator[date]:
    """Yields each French date in a text, once."""
    flat = " ".join(text.split())
    for day, month, year in sorted(set(DATE.findall(flat))):
        yield date(int(year), MONTHS.index(month) + 1, 1 if day == "1er" else int(day))


def _say_rates(rates: Mapping[str, Sequence[int]]) -> None:
    line("Kept rate by service, of the items received whose limit has passed or that were answered")
    said = [f"{service} {kept}/{due}" for service, (kept, due) in rates.items()]
    kept, due = (sum(pair[index] for pair in rates.values()) for index in (0, 1))
    line(f"  {', '.join(said)}")
    line(f"  all services {kept}/{due} = {kept / due:.0%} (target 90 %); n < 10 says little")
